"""The choice of tests for PostgreSQL: what a kind of statement is, that all are covered, that the list names what is there."""

from __future__ import annotations

from pathlib import Path

from qingyuan.config import REPOSITORY
from statements import cover, is_listed, kind_of, listed


def test_a_kind_is_verb_and_words_and_where_it_writes_the_table() -> None:
    some = kind_of('SELECT "a"."x", COUNT(*) FROM "a" WHERE "a"."x" = %s')
    assert some == kind_of('SELECT COUNT(*), "a"."y" FROM "a" WHERE "a"."y" = %s')
    assert some != kind_of('SELECT "a"."x", MAX(*) FROM "a" WHERE "a"."x" = %s')
    assert some == kind_of('SELECT "b"."x", COUNT(*) FROM "b" WHERE "b"."x" = %s')
    assert kind_of('UPDATE "a" SET "x" = %s') != kind_of('UPDATE "b" SET "x" = %s')
    assert kind_of("SAVEPOINT s1") is None


def test_every_kind_is_sent_by_the_cheapest_and_the_dearest_are_left() -> None:
    one, two, three = (("SELECT", table, "") for table in "abc")
    sent = {"cheap": {one}, "both": {one, two}, "dear": {three}}
    assert cover(sent, {"cheap": 1, "both": 9, "dear": 50}, 10) == ["both", "cheap"]
    assert cover(sent, {"cheap": 1, "both": 1.5, "dear": 50}, 99) == ["both", "dear"]


def test_a_line_names_a_test_all_its_parameters_or_a_file() -> None:
    for line in ("tests/a.py", "tests/a.py::test", "tests/a.py::test[x]"):
        assert is_listed("tests/a.py::test[x]", [line])
    assert not is_listed("tests/a.py::test[y]", ["tests/a.py::test[x]"])


def test_the_list_names_what_is_there() -> None:
    """A test that moved would be run nowhere but on SQLite, and nobody would see it."""
    gone = []
    for line in listed():
        file, *inside = line.split("[")[0].split("::")
        path = Path(REPOSITORY / file)
        words = [f"class {name}" if name[0] == "T" else f"def {name}(" for name in inside]
        if not path.is_file() or not all(word in path.read_text("utf-8") for word in words):
            gone.append(line)
    assert gone == []
