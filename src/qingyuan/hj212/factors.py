"""What a code in a data section stands for: factors of 2017 and 2005, process and information codes, facilities.

Codes that no table knows are kept as they are; `unknown_codes` lists them so that somebody can map them.

References: HJ 212-2017, annex B (units there are not always those in use: a channel's own unit counts).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from qingyuan.hj212.message import Message
from qingyuan.rules import UnknownFactorError, rule_book

_FACILITY = re.compile(r"SB[0-9]{1,3}")
_WILD = "x"


@dataclass(frozen=True)
class CodeMeaning:
    """A code's meaning. code: the one of 2017 (a 2005 code is translated); unit: "" where the device defines it."""

    code: str
    name_zh: str
    unit: str
    kind: str


@lru_cache(maxsize=8192)
def meaning_of(code: str, system: str = "") -> CodeMeaning | None:
    """The meaning of a code under a system code (ST); None if no table has it.

    kind: air, water, noise, process or information, facility.
    """
    try:
        known = rule_book().factor(code, system)
    except UnknownFactorError:
        pass
    else:
        return CodeMeaning(known.code, known.name_zh, known.unit, known.medium)
    if _FACILITY.fullmatch(code):
        return CodeMeaning(code, f"治理设施 {code[2:]}", "", "facility")
    for pattern, name_zh, unit, kind in _process_patterns():
        if pattern.fullmatch(code):
            return CodeMeaning(code, name_zh, unit, kind)
    return None


def unknown_codes(message: Message) -> tuple[str, ...]:
    """Codes of a message that no table knows, each once, in order."""
    return tuple(code for code in message.items if meaning_of(code, message.head.st) is None)


@cache
def _process_patterns() -> tuple[tuple[re.Pattern[str], str, str, str], ...]:
    return tuple(
        (
            re.compile("".join("[0-9]" if letter == _WILD else re.escape(letter) for letter in one.code)),
            one.name_zh,
            one.unit,
            "information" if one.code.startswith("i") else "process",
        )
        for one in rule_book().protocol.process_factors
    )
