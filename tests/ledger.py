"""The ledger of seconds: what each group of tests may cost (budgets.toml), and what it cost in this run.

A group is the tests with a mark, or those of a folder. Its seconds are set-up, call and teardown of its tests, added
up over all workers. Machines are not equally fast, nor is one machine at all hours, nor at the begin of a run, when
types are checked beside the tests: every worker times a small fixed piece of work at its start, after each long test and
now and then between tests, and what a test took counts as much less as that piece went slower around it than on the
machine that budgets were written for (processor and neighbours alike). Time in which the machine stood still for its
disk, as the kernel tells it, counts for nobody, as far as the test did not compute meanwhile. Waiting for a timer counts.
A run whose group passes its budget fails. ADR 046.
"""

from __future__ import annotations

import hashlib
import os
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

BUDGETS = Path(__file__).with_name("budgets.toml")
AGAIN_AFTER = 10.0
"""Seconds of testing after which a worker looks again how fast the machine is."""


@dataclass(frozen=True)
class Group:
    """Tests that share a budget: those with `mark`, or those below `folder`."""

    name: str
    seconds: float
    mark: str = ""
    folder: str = ""

    def holds(self, nodeid: str, marks: Sequence[str]) -> bool:
        return self.mark in marks if self.mark else nodeid.startswith(self.folder)


@dataclass(frozen=True)
class Budgets:
    """The groups in the order in which they are asked, and how long the piece of work takes where they were written."""

    piece_seconds: float
    fast_seconds: float
    fast: tuple[str, ...]
    groups: tuple[Group, ...]

    def group_of(self, nodeid: str, marks: Sequence[str]) -> Group | None:
        return next((g for g in self.groups if g.holds(nodeid, marks)), None)

    def is_fast(self, nodeid: str, marks: Sequence[str]) -> bool:
        """Whether a test is of the fast set: it begins as the file says, and no mark makes it dear."""
        group = self.group_of(nodeid, marks)
        return group is not None and not group.mark and nodeid.startswith(self.fast)

    def turn_of(self, nodeid: str, marks: Sequence[str]) -> int:
        """Groups by mark begin, in the order of the file: their tests wait for one another and would end the run."""
        group = self.group_of(nodeid, marks)
        return self.groups.index(group) if group and group.mark else len(self.groups)


def read_budgets(path: Path = BUDGETS) -> Budgets:
    data = tomllib.loads(path.read_text("utf-8"))
    groups = tuple(Group(**row) for row in data["group"])
    return Budgets(float(data["piece_seconds"]), float(data["fast_seconds"]), tuple(data["fast"]), groups)


def piece_of_work() -> float:
    """Seconds that a small fixed piece of work takes now: numbers, dictionaries, text and a digest, as tests use them."""
    begin = time.perf_counter()
    seen: dict[str, int] = {}
    for number in range(300_000):
        seen[f"{number * 7919 % 10_007}"] = number
    text = ",".join(sorted(seen)).encode()
    for _ in range(400):
        text = hashlib.sha256(text).digest() * 400
    return time.perf_counter() - begin


def own_and_children() -> float:
    """Processor seconds of this process and of the children that it has waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def stood_still(pressure: Path = Path("/proc/pressure/io")) -> float:
    """Seconds since the start of the machine in which something waited for a disk; 0 where the kernel does not tell."""
    try:
        some = pressure.read_text("ascii").splitlines()[0]
    except (OSError, IndexError):
        return 0.0
    return int(some.rpartition("total=")[2]) / 1_000_000


@dataclass
class Entry:
    """What one group has cost so far."""

    seconds: float = 0.0
    standard: float = 0.0
    """Seconds it would have cost where budgets were written."""
    processor: float = 0.0
    tests: set[str] = field(default_factory=set)

    @property
    def slowness(self) -> float:
        """How many times slower the machine was while these tests ran."""
        return self.seconds / self.standard if self.standard else 1.0


@dataclass
class Ledger:
    """Adds up and judges."""

    budgets: Budgets
    fast: bool = False
    entries: dict[str, Entry] = field(default_factory=lambda: defaultdict(Entry))

    def add(
        self,
        nodeid: str,
        marks: Sequence[str],
        seconds: float,
        processor: float = 0.0,
        piece: float | None = None,
        stalled: float = 0.0,
    ) -> None:
        """`piece`: what the piece of work took around this test; a machine faster than that of the budgets gets no less.
        `stalled`: seconds of these in which something stood still for the disk.
        """
        group = self.budgets.group_of(nodeid, marks)
        entry = self.entries[group.name if group else ""]
        entry.seconds += seconds
        entry.standard += (seconds - min(stalled, max(0.0, seconds - processor))) / max(
            1.0, (piece or 0.0) / self.budgets.piece_seconds
        )
        entry.processor += processor
        entry.tests.add(nodeid)

    @property
    def whole(self) -> Entry:
        """All groups together."""
        of = self.entries.values()
        return Entry(sum(e.seconds for e in of), sum(e.standard for e in of), sum(e.processor for e in of))

    def passed_budget(self) -> list[str]:
        """One sentence for each group that cost more than it may, or that nobody gave a budget."""
        found = []
        whole, may = self.whole, self.budgets.fast_seconds
        if self.fast and whole.standard > may:
            said = f"{whole.seconds:.0f} s, may take {may * whole.slowness:.0f} s"
            found.append(f"the fast set: {said}; take the dearest tests out of it")
        for name, entry in self.entries.items():
            group = next((g for g in self.budgets.groups if g.name == name), None)
            if group is None:
                some = min(entry.tests)
                found.append(
                    f"{some} and {len(entry.tests) - 1} more belong to no group of budgets.toml: add their folder"
                )
            elif entry.standard > group.seconds:
                found.append(
                    f"{name}: {entry.seconds:.0f} s, may take {group.seconds * entry.slowness:.0f} s "
                    f"({group.seconds:g} s x {entry.slowness:.2f}); make its tests cheaper (--ledger-file shows each), "
                    "or raise the budget with a reason"
                )
        return found

    def table(self) -> Iterator[str]:
        yield f"{'group':<16}{'tests':>7}{'seconds':>9}{'cpu':>8}{'may take':>10}"
        allowed = {g.name: g.seconds for g in self.budgets.groups}
        for name, entry in sorted(self.entries.items(), key=lambda pair: -pair[1].seconds):
            yield (
                f"{name or '(none)':<16}{len(entry.tests):>7}{entry.seconds:>9.1f}{entry.processor:>8.1f}"
                f"{allowed.get(name, 0) * entry.slowness:>10.0f}"
            )
        whole, tests = self.whole, sum(len(e.tests) for e in self.entries.values())
        yield f"{'all':<16}{tests:>7}{whole.seconds:>9.1f}{whole.processor:>8.1f}"
        yield f"the machine: {whole.slowness:.2f} times the time that budgets.toml was written for"


class Measuring:
    """Where tests run: hangs the processor's seconds and the speed of the machine on the reports."""

    def __init__(self) -> None:
        self._piece = piece_of_work()
        self._looked = time.monotonic()
        self._before, self._still = own_and_children(), stood_still()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        now, still = own_and_children(), stood_still()
        report.ledger_stalled, self._still = still - self._still, still
        report.ledger_marks = [mark.name for mark in item.iter_markers()]
        report.ledger_processor, report.ledger_piece = now - self._before, self._piece
        if time.monotonic() - self._looked > AGAIN_AFTER:
            before, self._piece = self._piece, piece_of_work()
            report.ledger_piece = (before + self._piece) / 2
            self._looked, now, self._still = time.monotonic(), own_and_children(), stood_still()
        self._before = now
        return report


class Keeping:
    """Where reports arrive: keeps the ledger, prints it, and fails the run."""

    def __init__(self, ledger: Ledger, each: Path | None, judged: bool) -> None:
        self.ledger = ledger
        self._each = each
        self._judged = judged
        self._rows: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        marks = getattr(report, "ledger_marks", ())
        processor = getattr(report, "ledger_processor", 0.0)
        piece, stalled = getattr(report, "ledger_piece", None), getattr(report, "ledger_stalled", 0.0)
        self.ledger.add(report.nodeid, marks, report.duration, processor, piece, stalled)
        row = self._rows[report.nodeid]
        row[0] += report.duration
        row[1] += processor

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Any:
        result = yield
        if self._each:
            rows = sorted(self._rows.items(), key=lambda pair: -pair[1][0])
            self._each.write_text("".join(f"{s:.3f}\t{p:.3f}\t{name}\n" for name, (s, p) in rows), "utf-8")
        if self._judged and self.ledger.passed_budget() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return result

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.ledger.entries:
            return
        terminalreporter.section("seconds by group")
        for line in self.ledger.table():
            terminalreporter.write_line(line)
        for line in self.ledger.passed_budget() if self._judged else ():
            terminalreporter.write_line(f"BUDGET PASSED {line}", red=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--ledger-file", type=Path, help="write seconds and processor seconds of every test here")
    parser.addoption("--unjudged", action="store_true", help="print the ledger, hold it against no budget")
    parser.addoption("--fast", action="store_true", help="only the fast set (see budgets.toml)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    budgets = read_budgets()
    marks = {item: [mark.name for mark in item.iter_markers()] for item in items}
    if config.getoption("--fast"):
        others = [item for item in items if not budgets.is_fast(item.nodeid, marks[item])]
        items[:] = [item for item in items if budgets.is_fast(item.nodeid, marks[item])]
        config.hook.pytest_deselected(items=others)
    items.sort(key=lambda item: budgets.turn_of(item.nodeid, marks[item]))
    # What a module has set up for its processes is set up by one worker.
    for item in items if config.pluginmanager.hasplugin("xdist") else ():
        if "process" in marks[item] and "xdist_group" not in marks[item]:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.split("::")[0]))


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("numprocesses", None):
        config.pluginmanager.register(Measuring(), "ledger-measuring")
    if not hasattr(config, "workerinput"):
        ledger = Ledger(read_budgets(), config.getoption("--fast"))
        judged = not config.getoption("--unjudged")
        config.pluginmanager.register(Keeping(ledger, config.getoption("--ledger-file"), judged), "ledger-keeping")
