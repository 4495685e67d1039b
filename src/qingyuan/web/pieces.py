"""A file with its digests, as the component `evidence` shows it; a case's files have these fields of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SIGNS = {"photo": "photo", "readings": "chart-line"}
OTHER = "file-text"


@dataclass(frozen=True)
class Piece:
    """One file. is_original: given out as it came."""

    pk: int
    title: str
    size: int
    added_at: datetime
    added_by: str
    sha256: str
    sm3: str
    kind: str = ""
    is_original: bool = True


def sign_of(kind: str) -> str:
    """The icon of a kind of file."""
    return SIGNS.get(kind, OTHER)
