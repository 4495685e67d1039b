"""Change the code a little, one place at a time, and see whether the tests notice: python -m tests.mutation.run rights.

Everything is loaded once; each mutant lives in a child that puts the changed code into the function and runs the tests of
its group until one fails. A child that takes too long counts as noticed. Prints who survived; tests/mutation/groups.toml
says how many must be noticed.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import os
import signal
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
GROUPS = HERE / "groups.toml"
FAIR = 8.0
"""A child may take so many times as long as the tests took without a change."""


@dataclass(frozen=True)
class Group:
    """Modules that are changed, tests that must notice, changes that change nothing."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    equivalent: dict[str, str]


@dataclass
class Outcome:
    """What became of the mutants of a group."""

    made: int = 0
    noticed: int = 0
    equivalent: int = 0
    survived: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Noticed of those that change something."""
        return self.noticed / max(1, self.made - self.equivalent)


def groups() -> tuple[dict[str, Group], float]:
    """The groups by name, and the share that must be noticed."""
    data = tomllib.loads(GROUPS.read_text("utf-8"))
    found = {
        row["name"]: Group(row["name"], tuple(row["modules"]), tuple(row["tests"]), dict(row.get("equivalent", {})))
        for row in data["group"]
    }
    return found, float(data["at_least"])


def run(group: Group, jobs: int = 2, say: Callable[[str], None] = print, only: str = "") -> Outcome:
    """Make the mutants of a group and run its tests on each, several at a time."""
    from tests.mutation.mutants import Mutant, code_of, mutants

    _load(group.modules)
    begin = time.monotonic()
    if code := _child(lambda: _tests(group.tests)).wait(3600):
        raise SystemExit(f"the tests of {group.name} fail without any change (exit {code})")
    most = FAIR * (time.monotonic() - begin) + 10
    outcome = Outcome()
    running: list[tuple[Mutant, _Child]] = []

    def settle(waits: int) -> None:
        while len(running) > waits:
            for pair in list(running):
                if (code := pair[1].poll(most)) is None:
                    continue
                running.remove(pair)
                if code:
                    outcome.noticed += 1
                else:
                    outcome.survived.append(f"{pair[0].name}   (line {pair[0].line})")
                    say(f"survived {outcome.survived[-1]}")
            time.sleep(0.02)

    for module in group.modules:
        source = inspect.getsource(importlib.import_module(module))
        for mutant in mutants(module, source):
            if only and only not in mutant.name:
                continue
            code = code_of(mutant)
            if _same(code, _function(mutant.module, mutant.function).__code__):
                continue
            outcome.made += 1
            if mutant.name in group.equivalent:
                outcome.equivalent += 1
                continue
            running.append((mutant, _child(lambda m=mutant, c=code: _with(m.module, m.function, c, group.tests))))  # type: ignore[misc]
            settle(jobs - 1)
    settle(0)
    return outcome


def _load(modules: Sequence[str]) -> None:
    """Django and the modules, once for all children."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.settings")
    os.environ["POLARS_MAX_THREADS"] = "1"
    import django

    django.setup()
    for module in modules:
        importlib.import_module(module)


def _function(module: str, path: str) -> FunctionType:
    """The function behind what the module holds: without its wrappers."""
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = inspect.getattr_static(found, part)
    if isinstance(found, staticmethod | classmethod):
        found = found.__func__
    found = getattr(found, "func", getattr(found, "fget", found))  # a cached property, a property
    function: FunctionType = inspect.unwrap(found)
    return function


def _same(one: CodeType, other: CodeType) -> bool:
    consts = [[c for c in code.co_consts if not isinstance(c, CodeType)] for code in (one, other)]
    inner = [[c for c in code.co_consts if isinstance(c, CodeType)] for code in (one, other)]
    pairs = zip(*inner, strict=False)
    return one.co_code == other.co_code and consts[0] == consts[1] and all(_same(a, b) for a, b in pairs)


def _with(module: str, path: str, code: CodeType, tests: Sequence[str]) -> int:
    _function(module, path).__code__ = code
    return _tests(tests)


def _tests(tests: Sequence[str]) -> int:
    import pytest

    given = [
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "-W",
        "ignore",
        "-m",
        "not slow and not process",
    ]
    return int(pytest.main([*given, *tests]))


@dataclass
class _Child:
    pid: int
    begun: float

    def poll(self, most: float) -> int | None:
        """Its exit, None while it runs; one that takes too long is ended, which counts as noticed."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() - self.begun > most:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            return -signal.SIGKILL
        return None

    def wait(self, most: float) -> int:
        """Its exit."""
        while (code := self.poll(most)) is None:
            time.sleep(0.05)
        return code


def _child(work: Callable[[], int]) -> _Child:
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return _Child(pid, time.monotonic())
    code = 70
    with contextlib.suppress(BaseException):
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        code = work()
    os._exit(code)


def main(names: Sequence[str]) -> int:
    """Run the groups named, all where none is; 1 where too many went unnoticed."""
    found, least = groups()
    worst = 0
    only = next((name.removeprefix("only=") for name in names if name.startswith("only=")), "")
    for name in [n for n in names if not n.startswith("only=")] or list(found):
        begin = time.monotonic()
        outcome = run(found[name], only=only)
        seconds = time.monotonic() - begin
        print(
            f"{name}: {outcome.made} mutants, {outcome.equivalent} equivalent, {outcome.noticed} noticed = "
            f"{outcome.share:.1%} (at least {least:.0%}), {len(outcome.survived)} survived, {seconds:.0f} s"
        )
        worst = max(worst, int(outcome.share < least))
    return worst


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.path.insert(0, str(ROOT / "tests"))
    sys.path.insert(0, str(ROOT / "src"))
    sys.exit(main(sys.argv[1:]))
