"""The examples of docs/air.md are run in order; what they print must be what the page says."""

from __future__ import annotations

import contextlib
import doctest
import re
from pathlib import Path

import pytest

from qingyuan.cli import main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "air.md"
_FENCE = re.compile(r"^```(\w+) ?([\w.]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def console(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each `$ qingyuan …` with the lines that follow it; `...` stands for any text."""
    for part in text.split("$ qingyuan ")[1:]:
        command, _, expected = part.partition("\n")
        with contextlib.suppress(SystemExit):
            assert main(command.split()) == 0, command
        printed = capsys.readouterr().out
        assert printed, command
        assert expected in ("...\n", printed), command


def test_examples_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    found = _FENCE.findall(PAGE.read_text("utf-8"))
    assert {kind for kind, _, _ in found} == {"csv", "console", "python"}
    for place, (kind, name, text) in enumerate(found):
        if kind == "csv":
            Path(name).write_text(text, encoding="utf-8")
        elif kind == "console":
            console(text, capsys)
        else:
            example = doctest.DocTestParser().get_doctest(text, names, f"{PAGE.name} block {place + 1}", str(PAGE), 0)
            runner = doctest.DocTestRunner(verbose=False)
            runner.run(example, clear_globs=False)
            names = example.globs
            assert runner.failures == 0, capsys.readouterr().out
