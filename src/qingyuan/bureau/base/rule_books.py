"""Every rule book that was in use here is kept, so that a figure can be worked out as of a date."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from qingyuan import clock, config
from qingyuan.rules import RuleBook, rule_book
from qingyuan.rules.keeping import as_text, from_text, present_data

_STAMP = "%Y%m%dT%H%M%SZ"


def folder() -> Path:
    """Where the books lie: `<stamp of first use>-<digest>.json`."""
    return config.data_dir() / "rulebooks"


def keep_book() -> Path:
    """Keep the book in use, unless it is the one kept last; returns its file."""
    data, place = present_data()
    text = as_text(data, place)
    kept = _kept()
    if kept and kept[-1][1].read_text("utf-8") == text:
        return kept[-1][1]
    folder().mkdir(exist_ok=True)
    digest = data.digest().replace("+", "-").replace("@", "-")[:40]
    path = folder() / f"{clock.now().astimezone(UTC).strftime(_STAMP)}-{digest}.json"
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    return path


def book_as_of(second: int | None) -> RuleBook:
    """The book in use at that second; before the first one kept, that one. None: the present one. RuleDataError."""
    kept = _kept()
    if second is None or not kept:
        return rule_book()
    chosen = next((path for since, path in reversed(kept) if since <= second), kept[0][1])
    return _loaded(str(chosen))


@lru_cache(maxsize=4)
def _loaded(path: str) -> RuleBook:
    return from_text(Path(path).read_text("utf-8"))


def _kept() -> list[tuple[int, Path]]:
    """(second of first use, file), oldest first."""
    found = []
    for path in sorted(folder().glob("*.json")):
        stamp, _, _ = path.name.partition("-")
        found.append((int(datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC).timestamp()), path))
    return found
