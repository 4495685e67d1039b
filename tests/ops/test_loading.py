"""What a command loads: a role that runs for months must not carry what other commands need."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from importlib import import_module

import pytest

from qingyuan.config import REPOSITORY
from qingyuan.ops import commands

HEAVY = ("django", "numpy", "polars", "duckdb", "pyarrow", "deltalake", "sqlite3")


def brought(module: str) -> list[str]:
    sub = argparse.ArgumentParser().add_subparsers()
    for add in import_module(f"{commands.__name__}.{module}").ALL:
        add(sub)
    return list(sub.choices)


@pytest.mark.parametrize("module", commands.MODULES)
def test_the_table_names_what_each_module_brings(module: str) -> None:
    assert brought(module) == list(commands.MODULES[module])


def test_an_unknown_word_brings_all_commands() -> None:
    every = sum(len(import_module(f"{commands.__name__}.{module}").ALL) for module in commands.MODULES)
    assert len(commands.needed("nonsense")) == len(commands.needed("")) == every > len(commands.needed("up"))


@pytest.mark.parametrize("command", ["up", "gateway", "serve", "work"])
def test_the_words_of_a_role_load_no_engine(command: str) -> None:
    program = (
        f"import sys; from qingyuan.cli import build_parser; build_parser({command!r}); import qingyuan.ops.supervisor; "
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "src")}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True, env=environment
    )
    assert done.stdout.strip() == "[]"
