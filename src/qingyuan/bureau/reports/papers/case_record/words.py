"""How values are written in official papers: Beijing time, and — where there is nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qingyuan import clock

EMPTY = "—"


@dataclass(frozen=True)
class Field:
    """A label and its value; wide ones take a whole line."""

    label: str
    value: str
    wide: bool = False


def text(value: object) -> str:
    """The value's words, or — for None and blank text."""
    return str(value).strip() or EMPTY if value is not None else EMPTY


def stamp(instant: datetime | None) -> str:
    """An instant as Beijing civil time to the minute, or —. A naive instant is an error."""
    return f"{clock.beijing(instant):%Y-%m-%d %H:%M}" if instant else EMPTY


def figure(value: float | None) -> str:
    """A number in six significant figures without an exponent, or —."""
    if value is None:
        return EMPTY
    short = f"{value:.6g}"
    return f"{value:.0f}" if "e" in short else short
