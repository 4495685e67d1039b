"""What the doctor says of one thing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing looked at. state: ok, warn, bad; advice says what to do."""

    name: str
    state: str
    found: str
    advice: str = ""
