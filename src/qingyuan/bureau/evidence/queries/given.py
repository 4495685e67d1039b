"""What is given out of an exhibit: its content with the name, type and digest that the reader gets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GivenFile:
    """What is given out of an exhibit."""

    content: bytes
    name: str
    media_type: str
    sha256: str
    is_original: bool
