"""What issued figures and targets are called."""

from __future__ import annotations

from qingyuan.bureau.base.choice_words import in_words
from qingyuan.bureau.indicators.queries.indicator import indicators


def entered() -> list[tuple[str, str]]:
    """Code and name of all that a higher authority sets or issues: targets first."""
    found = indicators().values()
    return [(i.target_code, i.target) for i in found if i.target] + [(i.code, i.issued) for i in found if i.issued]


def units() -> dict[str, str]:
    """By code: the unit of what is entered as a number; what is entered as text is not among them."""
    numbers = [i for i in indicators().values() if i.is_number]
    return {i.target_code: i.unit for i in numbers if i.target} | {i.code: i.unit for i in numbers if i.issued}


def indicator_word(code: str) -> str:
    """Its word in the language of the page; one that came in through the API is shown by its own name."""
    return in_words(dict(entered()).get(code, code))
