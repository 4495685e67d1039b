"""Tests by what is promised: of a hundred small wrong changes to judging, rights and money at least ninety are noticed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mutation.mutants import code_of, mutants
from mutation.run import groups

ROOT = Path(__file__).parent.parent
SOURCE = """
def over(value: float | None, limit: float = 3) -> bool:
    return value is not None and value > limit + 1


class Town:
    def owes(self) -> int:
        return -1 if not self else 2
"""


def test_what_is_changed() -> None:
    """Neither annotations nor defaults are; a change is compiled into the function that it belongs to."""
    made = list(mutants("m", SOURCE))
    assert [f"{m.function}: {m.before} -> {m.after}" for m in made] == [
        "over: value is not None and value > limit + 1 -> value is not None or value > limit + 1",
        "over: value is not None -> value is None",
        "over: value > limit + 1 -> value >= limit + 1",
        "over: value > limit + 1 -> value < limit + 1",
        "over: limit + 1 -> limit - 1",
        "over: 1 -> 2",
        "Town.owes: -1 if not self else 2 -> 2 if not self else -1",
        "Town.owes: not self -> not not self",
        "Town.owes: -1 -> +1",
        "Town.owes: 1 -> 2",
        "Town.owes: 2 -> 3",
    ]
    names: dict[str, object] = {}
    exec(compile(SOURCE, "m", "exec"), names)
    over = names["over"]
    assert (over(4.0), over(4.5)) == (False, True)  # type: ignore[operator]
    over.__code__ = code_of(made[2])  # type: ignore[attr-defined]
    assert over(4.0) is True  # type: ignore[operator]


@pytest.mark.slow
@pytest.mark.parametrize("name", list(groups()[0]))
def test_nine_of_ten_are_noticed(name: str) -> None:
    """A process of its own: its children begin without a database and without other tests' fixtures."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.mutation.run", name]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTEST_ADDOPTS": ""}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
