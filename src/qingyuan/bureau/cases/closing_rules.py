"""What a closing must rest on, by kind of case: declared once, for every version of every definition."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "definitions" / "closing.toml"


@cache
def declared() -> Mapping[str, Mapping[str, Any]]:
    """By kind of case: which outcomes claim something, and what bears them out."""
    found: dict[str, Mapping[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return found


def more_outcomes(kind: str) -> dict[str, str]:
    """Outcomes that every version of a kind's definition has besides its own."""
    return dict(declared().get(kind, {}).get("outcomes", {}))
