"""A rule book as one text, so that a figure of last year can be worked out by last year's book."""

from __future__ import annotations

import json

from qingyuan import config
from qingyuan.rules import packs
from qingyuan.rules.book import RuleBook, load, of_place
from qingyuan.rules.errors import RuleDataError
from qingyuan.rules.table import DataFolder, Row

FORM = 1


def present_data() -> tuple[DataFolder, str]:
    """The data files in use, with the local packs of this installation laid over them, and the code of their place."""
    known = [packs.read_pack(folder) for folder in packs.pack_folders()]
    return of_place(DataFolder.shipped(), known, config.PLACE.get() or None)


def as_text(data: DataFolder, place: str) -> str:
    """All files, what packs made of them, and their place, as JSON."""
    tables = {file: [[r.number, r.cells, r.pack, r.file] for r in rows] for file, rows in data.tables.items()}
    told = {"form": FORM, "digest": data.digest(), "place": place, "packs": data.packs}
    kept = told | {"texts": data.texts, "tables": tables}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def from_text(text: str) -> RuleBook:
    """What `as_text` wrote. RuleDataError when it is of another form or was changed."""
    try:
        kept = json.loads(text)
        if kept["form"] != FORM:
            raise RuleDataError("rule book", 0, f"form {kept['form']}", f"form {FORM}, which this version reads")
        tables = {
            file: tuple(Row(name, number, cells, pack) for number, cells, pack, name in rows)
            for file, rows in kept["tables"].items()
        }
        data = DataFolder(kept["texts"], tables, tuple(kept["packs"]))
    except (ValueError, KeyError, TypeError) as error:
        raise RuleDataError("rule book", 0, f"{type(error).__name__}: {error}", "a kept rule book") from error
    if data.digest() != kept["digest"]:
        raise RuleDataError("rule book", 0, f"digest {data.digest()}", kept["digest"])
    return load(data, kept["place"])
