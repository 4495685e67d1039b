"""kill -9 at the steps of append, move and rewrite: nothing lost, nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from qingyuan.config import REPOSITORY
from qingyuan.readings import Reading, TieredStore, open_store
from readings import killed

FAST, SLOW = 20, 100


def run(folder: Path, at: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, killed.__file__, str(folder), str(at)],
        env={**os.environ, "PYTHONPATH": f"{REPOSITORY / 'src'}{os.pathsep}{REPOSITORY / 'tests'}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def everything(store: TieredStore) -> tuple[list[Reading], list[Reading]]:
    numbers = [s.id for s in store.series()]
    return store.window(numbers, 0, 2**40), [r for n in numbers for r in store.revisions(n, 0, 2**40)]


@cache
def expected() -> tuple[tuple[list[Reading], list[Reading]], int, int]:
    """What an undisturbed run leaves: answers, rows kept in all, steps taken."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        done = run(Path(folder), 0)
        assert done.returncode == 0, done.stderr
        store = open_store(Path(folder))
        try:
            assert len(everything(store)[1]) == sum(len(killed.batch(n)) for n in range(killed.BATCHES))
            return everything(store), store.state().rows, int(done.stdout)
        finally:
            store.close()


def check(folder: Path, at: int) -> None:
    """Killed there, every answer is whole; gone on with, the end is the same as without."""
    answers, rows, _ = expected()
    done = run(folder, at)
    assert done.returncode == -signal.SIGKILL, (at, done.stderr)
    store = open_store(folder)
    seen = {(r.series, r.start, r.rank, r.origin) for r in everything(store)[1]}
    whole = {n for n in range(killed.BATCHES) if any(o == 100 * n + 1 for *_, o in seen)}
    assert whole == set(range(store.offset())), at
    assert len(seen) == sum(len(killed.batch(n)) for n in whole), at
    killed.work(store)
    assert everything(store) == answers, at
    state = store.state()
    assert (state.rows + state.waiting, state.broken) == (rows, []), at
    store.close()


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, 4))])
def test_killed_at_twenty_steps(tmp_path: Path, part: int) -> None:
    steps = expected()[2]
    for n in range(part, FAST, 4):
        check(tmp_path / str(n), 1 + n * (steps - 1) // (FAST - 1))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_killed_at_a_hundred_steps(tmp_path: Path, part: int) -> None:
    steps = expected()[2]
    for n in range(part, SLOW, 4):
        check(tmp_path / str(n), 1 + n * (steps - 1) // (SLOW - 1))
