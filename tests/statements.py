"""Which tests run on PostgreSQL too: those of `on_server.txt`, chosen so that they send every kind of statement.

A kind is the verb, the set of keywords, functions and operators, and for what is written the table: constraints and types
may refuse there what they take here; what is asked is answered alike of every table. To choose anew, after books or
queries have changed (a plugin that is loaded for this alone, and then the choice):

    ./qingyuan test tests/bureau tests/api tests/web tests/book --statements /tmp/statements
    PYTHONPATH=src:tests .venv/bin/python -m statements /tmp/statements

Races and threads stand in the list as whole files; they are there for their timing, not for what they send.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

LIST = Path(__file__).with_name("on_server.txt")
SECONDS_FOR_A_KIND = 0.5
"""What it may cost to send one more kind of statement; dearer ones are sent to the server by --full alone."""
WORD = re.compile(
    r"\b(?:SELECT|INSERT|UPDATE|DELETE|DISTINCT|GROUP BY|HAVING|ORDER BY|LIMIT|OFFSET|LIKE|ESCAPE|IN \(SELECT|EXISTS|NOT|OR|"
    r"IS NULL|IS NOT NULL|CASE|BETWEEN|LEFT OUTER JOIN|INNER JOIN|UNION|INTERSECT|ON CONFLICT|RETURNING|FOR UPDATE|"
    r"COLLATE|NULLS FIRST|NULLS LAST|DESC|ASC|[A-Za-z_]+(?=\())|<=|>=|<>|!=|\|\||->>?|[-+*/](?= )|[<>=]"
)
TABLE = re.compile(r'(?:FROM|INTO|UPDATE)\s+"?(\w+)"?')
Kind = tuple[str, str, str]


def kind_of(sql: str) -> Kind | None:
    """None for what steers a transaction."""
    verb = sql.split(" ", 1)[0]
    if verb not in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}:
        return None
    table = TABLE.search(sql) if verb != "SELECT" else None
    return verb, table[1] if table else "", " ".join(sorted(set(WORD.findall(sql))))


def cover(sent: Mapping[str, set[Kind]], seconds: Mapping[str, float], dearest: float) -> list[str]:
    """Tests that together send all kinds, the cheapest for what it adds first; without those that cost too much for it."""
    left, chosen = set().union(*sent.values()), []
    while left:
        best = max(sent, key=lambda name: (len(sent[name] & left) / seconds[name], name))
        added = sent[best] & left
        if seconds[best] > dearest * len(added):
            break
        chosen.append(best)
        left -= added
    return sorted(chosen)


def listed(path: Path = LIST) -> list[str]:
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def is_listed(nodeid: str, names: Iterable[str]) -> bool:
    """A line names one test, one with all its parameters, or a file."""
    return bool({nodeid, nodeid.split("[", maxsplit=1)[0], nodeid.split("::", maxsplit=1)[0]} & set(names))


class Listening:
    """Writes down by test what kinds of statements it sends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[str, dict[str, Any]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        from django.db import connection

        kinds: set[Kind] = set()

        def look(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            if found := kind_of(str(sql)):
                kinds.add(found)
            return execute(sql, params, many, context)

        begin = time.process_time()
        with connection.execute_wrapper(look):
            result = yield
        if kinds:
            self._found[item.nodeid.split("@")[0]] = {"seconds": time.process_time() - begin, "kinds": sorted(kinds)}
        return result

    def pytest_sessionfinish(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{os.getpid()}.json").write_text(json.dumps(self._found), "utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--statements", type=Path, help="write the kinds of statements of every test into this folder")


def pytest_configure(config: pytest.Config) -> None:
    if folder := config.getoption("--statements"):
        config.pluginmanager.register(Listening(folder), "statements-listening")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    names = set(listed())
    for item in items:
        if is_listed(item.nodeid, names):
            item.add_marker("on_server")


def main(folder: Path) -> None:
    """Write the list anew from what was heard; lines that name a file stay."""
    heard: dict[str, Any] = {}
    for path in sorted(folder.glob("*.json")):
        heard |= json.loads(path.read_text("utf-8"))
    files = [name for name in listed() if "::" not in name]
    sent = {n: {tuple(k) for k in told["kinds"]} for n, told in heard.items()}
    seconds = {n: max(0.03, told["seconds"]) for n, told in heard.items()}
    chosen = [name for name in cover(sent, seconds, SECONDS_FOR_A_KIND) if not is_listed(name, files)]
    head = [line for line in LIST.read_text("utf-8").splitlines() if line.startswith("#")]
    LIST.write_text("\n".join([*head, *files, *chosen]) + "\n", "utf-8")
    of, all_of = set().union(*(sent[n] for n in chosen)), set().union(*sent.values())
    print(f"{len(chosen)} tests send {len(of)} of {len(all_of)} kinds in {sum(seconds[n] for n in chosen):.0f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
