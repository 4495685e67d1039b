"""Places of rules: a province, a city or a county by its administrative code (GB/T 2260)."""

from __future__ import annotations

import re

from qingyuan.rules.errors import BadPlaceError

NATION = ""
_CODE = re.compile(r"^\d{2}(\d{2}(\d{2})?)?$")


def place_code(text: str) -> str:
    """A code without the pairs of zeros that fill it up: 320000 is 32, 321200 is 3212; empty for the nation.

    BadPlaceError for anything else than two, four or six digits.

    >>> place_code("320000"), place_code("3212"), place_code("321282"), place_code("000000")
    ('32', '3212', '321282', '')
    """
    code = text.strip()
    if not code:
        return NATION
    if not _CODE.match(code):
        raise BadPlaceError(text)
    while code.endswith("00"):
        code = code[:-2]
    return code


def lies_in(place: str, area: str) -> bool:
    """Whether a place is an area or lies in it; everything lies in the nation. Both as `place_code` gives them."""
    return place.startswith(area)
