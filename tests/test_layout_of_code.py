"""How code is laid out: by the formatter, except for tables of data."""

from __future__ import annotations

from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
TABLES = 20
MARKS = ("# fmt: " + "skip", "# fmt: " + "off")


def test_only_tables_of_data_are_kept_from_the_formatter() -> None:
    """The mark that keeps the formatter away stood over 200 times, most on calls and signatures.

    It is for tables of data that are read by columns, and there are few of them."""
    found = [
        f"{path.relative_to(SOURCE)}:{number}"
        for path in sorted(SOURCE.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if any(mark in line for mark in MARKS)
    ]
    print(f"kept from the formatter: {len(found)} of at most {TABLES}")
    assert len(found) <= TABLES, "let the formatter write these:\n" + "\n".join(found)
