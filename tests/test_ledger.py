"""The ledger of seconds: groups, budgets that stretch with the machine, a run that fails, a fast set that stays fast."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import ledger
from ledger import Budgets, Group, Ledger
from qingyuan.config import REPOSITORY

BROWSER = Group("browser", 9, mark="browser")
WEB = Group("web", 3, folder="tests/web/")
FAST = ("tests/web/", "tests/ops/test_b.py::test_two")
BUDGETS = Budgets(0.5, 4.0, FAST, (BROWSER, WEB, Group("ops", 2, folder="tests/ops/")))


def kept(*seconds: float, piece: float = 0.5, nodeid: str = "tests/web/test_a.py::test") -> Ledger:
    made = Ledger(BUDGETS)
    for number, one in enumerate(seconds):
        made.add(f"{nodeid}_{number}", (), one, piece=piece)
    return made


def test_a_mark_goes_before_the_folder() -> None:
    assert BUDGETS.group_of("tests/web/test_a.py::test", ["browser"]) == BUDGETS.groups[0]
    assert BUDGETS.group_of("tests/web/test_a.py::test", ["django_db"]) == BUDGETS.groups[1]
    assert BUDGETS.group_of("tests/website/test_a.py::test", []) is None


def test_a_group_that_passes_its_budget_is_named_with_what_it_took() -> None:
    assert kept(1.5, 1.4).passed_budget() == []
    (said,) = kept(1.5, 1.6).passed_budget()
    assert said.startswith("web: 3 s, may take 3 s (3 s x 1.00)")


def test_a_slower_machine_gets_more_time_and_a_faster_one_no_less() -> None:
    assert kept(5.9, piece=1.0).passed_budget() == []
    assert kept(6.1, piece=1.0).passed_budget() != []
    assert kept(2.9, piece=0.1).passed_budget() == []
    assert kept(3.1, piece=0.1).passed_budget() != []


def test_it_counts_how_slow_the_machine_was_while_the_group_ran() -> None:
    """The group that began the run, while types were checked beside it, failed by the mean speed of the whole run."""
    made = kept(5.9, piece=1.0)
    for number in range(9):
        made.add(f"tests/ops/test_a.py::test_{number}", (), 0.2, piece=0.5)
    assert made.passed_budget() == []
    made.add("tests/ops/test_a.py::test_x", (), 0.3, piece=0.5)
    (said,) = made.passed_budget()
    assert said.startswith("ops: 2 s, may take 2 s (2 s x 1.00)")


def test_what_the_machine_stood_still_for_its_disk_counts_for_nobody(tmp_path: Path) -> None:
    """Two small tests took 67 seconds instead of 7, with 12 of processor, while the disk of the machine gave nothing."""
    made = Ledger(BUDGETS)
    made.add("tests/web/test_a.py::test", (), 35.0, processor=2.0, piece=0.5, stalled=33.0)
    assert made.passed_budget() == []
    made.add("tests/web/test_b.py::test", (), 35.0, processor=2.0, piece=0.5, stalled=40.0)  # it computed all the same
    assert len(made.passed_budget()) == 1
    waited = Ledger(BUDGETS)
    waited.add("tests/web/test_a.py::test", (), 4.0, processor=0.1, piece=0.5)  # for a timer
    assert len(waited.passed_budget()) == 1
    (tmp_path / "io").write_text("some avg10=8.01 avg60=37.52 avg300=19.83 total=1770044412\nfull avg10=0 total=9\n")
    assert ledger.stood_still(tmp_path / "io") == pytest.approx(1770.044412)
    assert ledger.stood_still(tmp_path / "nothing") == 0.0


def test_tests_of_no_group_are_named() -> None:
    (said,) = kept(0.1, nodeid="tests/new/test_a.py::test").passed_budget()
    assert "tests/new/test_a.py::test_0 and 0 more belong to no group" in said


def test_the_fast_set_has_a_budget_of_its_own() -> None:
    made = kept(2.5)
    made.fast = True
    made.add("tests/ops/test_a.py::test", (), 1.9)
    assert [line.split(":")[0] for line in made.passed_budget()] == ["the fast set"]


def test_the_fast_set_is_what_begins_so_and_no_processes() -> None:
    assert BUDGETS.is_fast("tests/web/test_a.py::test", [])
    assert not BUDGETS.is_fast("tests/ops/test_b.py::test_one", [])
    assert BUDGETS.is_fast("tests/ops/test_b.py::test_two[x]", [])
    assert not BUDGETS.is_fast("tests/web/test_a.py::test", ["browser"])


def test_groups_by_mark_begin() -> None:
    assert BUDGETS.turn_of("tests/web/test_a.py::test", ["browser"]) < BUDGETS.turn_of("tests/web/test_a.py::test", [])


def test_every_folder_of_tests_has_a_budget() -> None:
    budgets = ledger.read_budgets()
    files = {path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "tests").rglob("test_*.py")}
    assert [file for file in sorted(files) if budgets.group_of(file, ()) is None] == []
    folders = [group.folder for group in budgets.groups if group.folder]
    assert [folder for folder in folders if not any(file.startswith(folder) for file in files)] == []
    fast = [name.split("::")[0] for name in budgets.fast]
    assert [name for name in fast if not any(file.startswith(name) for file in files)] == []


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_over_budget_fails(tmp_path: Path, workers: str) -> None:
    """Seconds of tests on two workers are one sum; with all tests green the run ends with 1 and says why."""
    (tmp_path / "budgets.toml").write_text(
        'piece_seconds = 1000\nfast_seconds = 1\nfast = []\n[[group]]\nname = "all"\nfolder = "test_"\nseconds = 0.3\n'
    )
    (tmp_path / "test_a.py").write_text(
        "import threading, pytest\n@pytest.mark.parametrize('n', range(4))\n"
        "def test_waits(n):\n    threading.Event().wait(0.1)\n"
    )
    (tmp_path / "conftest.py").write_text(
        f"import sys\nsys.path.insert(0, {str(Path(ledger.__file__).parent)!r})\nimport ledger, pathlib\n"
        "ledger.read_budgets.__defaults__ = (pathlib.Path(__file__).with_name('budgets.toml'),)\n"
        "ledger.stood_still = lambda: 0.0  # whatever the disk does meanwhile\n"
        "pytest_plugins = ['ledger']\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:django", "-c", "/dev/null",
         "--rootdir", str(tmp_path), "-n", workers, "--ledger-file", str(tmp_path / "each"), str(tmp_path)],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "4 passed" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1, done.stdout
    assert "BUDGET PASSED all:" in done.stdout
    assert len((tmp_path / "each").read_text().splitlines()) == 4
