"""A short run of the fuzz script (benchmarks/hj212_fuzz.py); the long one is run by hand."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType


def script() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "benchmarks/hj212_fuzz.py"
    spec = importlib.util.spec_from_file_location("hj212_fuzz", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_that_is_said_to_hold_breaks_in_a_short_run():
    done, counts, fault = script().run(seconds=600, seed=20240601, rounds=150)
    assert (done, fault) == (150, "")
    assert counts["frames"] > 300
    assert counts.total() > counts["frames"]
