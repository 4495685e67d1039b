"""How a row is named in an address: by its number, or by its key as long as that fits the database."""

from __future__ import annotations

from typing import Annotated

from ninja import Path

LARGEST_KEY = 2**63 - 1
NOTHING: dict[str, str | int] = {"pk": 0}
Key = Annotated[int, Path(ge=1, le=LARGEST_KEY)]


def lookup(text: str) -> dict[str, str | int]:
    """The lookup for a text that is a key (decimal digits) or a number such as AJ2026-0001."""
    if text.isdecimal() and text.isascii() and int(text[:20]) <= LARGEST_KEY and len(text) < 20:
        return {"pk": int(text)}
    return {"number": text} if text.isprintable() else NOTHING
