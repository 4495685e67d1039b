"""Words of water classes as files write them: Ⅲ, III, Ⅲ类, 劣Ⅴ, 劣V类."""

from __future__ import annotations

import unicodedata

from qingyuan.rules import DataFolder
from qingyuan.rules.water import water_classes


def _spellings(name_zh: str, name: str) -> set[str]:
    words = {name_zh, name, unicodedata.normalize("NFKC", name_zh)}
    return words | {f"{word}类" for word in words}


CLASS_WORDS: dict[str, float] = {
    word: float(known.rank)
    for known in water_classes(DataFolder.shipped())
    for word in _spellings(known.name_zh, known.name)
}
"""Word to rank, 1 for class I to 6 beyond class V."""
