"""The examples of docs/water.md and docs/rules.md are run in order; what they print must be what the page says."""

from __future__ import annotations

import contextlib
import doctest
import re
import shlex
from pathlib import Path

import pytest

from qingyuan.cli import main

DOCS = Path(__file__).resolve().parents[2] / "docs"
_FENCE = re.compile(r"^```(\w+) ?([\w./]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def console(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One `$ qingyuan …` with the lines that follow it; `...` stands for any text."""
    command, _, expected = text.removeprefix("$ qingyuan ").partition("\n")
    with contextlib.suppress(SystemExit):
        assert main(shlex.split(command)) == 0, command
    printed = capsys.readouterr().out
    assert printed, command
    assert expected in ("...\n", printed), command


@pytest.mark.parametrize("page", ["water.md", "rules.md"])
def test_examples_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], page: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(tmp_path / "data"))
    names: dict[str, object] = {}
    found = _FENCE.findall((DOCS / page).read_text("utf-8"))
    assert {kind for kind, _, _ in found} - {"toml"} == {"csv", "console", "python"}
    for place, (kind, name, text) in enumerate(found):
        if kind in ("csv", "toml"):
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_text(text, encoding="utf-8")
        elif kind == "console":
            console(text, capsys)
        else:
            example = doctest.DocTestParser().get_doctest(text, names, f"{page} block {place + 1}", page, 0)
            runner = doctest.DocTestRunner(verbose=False)
            runner.run(example, clear_globs=False)
            names = example.globs
            assert runner.failures == 0, capsys.readouterr().out
