"""The examples of docs/sources.md are run in order; what they print must be what the page says."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from qingyuan.bureau.values.actions.limit_rows import LIMIT_COLUMNS
from qingyuan.rules import Certainty, rule_book

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sources.md"
_FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_examples_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    blocks = _FENCE.findall(PAGE.read_text("utf-8"))
    assert len(blocks) == 5
    for place, text in enumerate(blocks):
        example = doctest.DocTestParser().get_doctest(text, names, f"{PAGE.name} block {place + 1}", str(PAGE), 0)
        runner = doctest.DocTestRunner(verbose=False)
        runner.run(example, clear_globs=False)
        names = example.globs
        assert runner.failures == 0, capsys.readouterr().out


def test_the_page_names_every_column_of_a_list_of_limits() -> None:
    text = PAGE.read_text("utf-8")
    for names, _ in LIMIT_COLUMNS.values():
        assert names[0] in text, names[0]


def test_the_page_counts_the_rows_of_standards_rightly() -> None:
    rows = [row for entries in rule_book("").emission_limit_rows.entries.values() for _, row in entries]
    known = [row for row in rows if row.origin.certainty is not Certainty.SETTING]
    assert f"{len(rows)} 行里 {len(known)} 行" in PAGE.read_text("utf-8")
