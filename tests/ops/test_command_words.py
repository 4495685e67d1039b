"""Commands speak Chinese: every --help, and what argparse says about wrong use."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest

from qingyuan import cli

HAN = re.compile("[\u4e00-\u9fff]")
ENGLISH = re.compile(
    r"\b(options|positional|optional|arguments?|usage|show this|expected|required|invalid|choose|allowed|ambiguous|match"
    r"|ignored|explicit|error|unrecognized|default)\b", re.I,
)  # fmt: skip
WRONG = (
    ["nosuch"],
    ["--nosuch"],
    ["import"],
    ["import", "--nosuch", "x"],
    ["calendar", "due"],
    ["calendar", "due", "--from", "2026-01-01", "--days", "y"],
    ["calendar", "due", "--from", "2026-01-01", "--days"],
    ["calendar", "due", "--from", "2026-01-01", "--days", "1", "--working-days", "2"],
    ["calendar", "due", "--from", "2026-01-01"],
    ["calendar", "due", "--from", "2026-01-01", "--d", "1", "--pause"],
    ["up", "--port", "x"],
    ["up", "--demo=1"],
    ["up", "--h"],
    ["user"],
    ["user", "create"],
    ["readings", "export", "--series"],
    ["air", "aqi"],
    ["air", "aqi", "a", "b", "--averaging", "week"],
    ["hj212", "decode", "--json=1", "x"],
    ["simulate", "devices", "--rate", "x"],
)


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from _parsers(each)


def test_every_help_is_chinese() -> None:
    found = [p for p in _parsers(cli.build_parser()) if not p.prog.split()[-1].startswith("_")]
    assert len(found) > 80
    for parser in found:
        plain = [line for line in parser.format_help().splitlines() if ENGLISH.match(line)]
        assert plain == [], parser.prog
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                continue
            assert action.help, (parser.prog, action.dest)
            assert action.help == argparse.SUPPRESS or HAN.search(action.help), (parser.prog, action.help)
        assert parser.description is None or HAN.search(parser.description), parser.prog


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_use_is_told_in_chinese(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """`not allowed with argument`, `ignored explicit argument` and `could match` were left in English."""
    with pytest.raises(SystemExit) as ended:
        cli.build_parser(words[0]).parse_args(words)  # parses only: nothing is started
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1
    assert HAN.search(said)
    assert not ENGLISH.search(re.sub(r"--?[a-z-]+|'[^']*'|qingyuan [a-z0-9 -]+", "", said)), said
