"""A rule book as one text, so that a figure of last year can be worked out by last year's book."""

from __future__ import annotations

import json

from qingyuan.rules import packs
from qingyuan.rules.errors import RuleDataError
from qingyuan.rules.table import DataFolder, Row

FORM = 1


def present_data() -> DataFolder:
    """The data files in use: the shipped ones with the local packs of this installation."""
    return packs.with_packs(DataFolder.shipped(), map(packs.read_pack, packs.pack_folders()))


def as_text(data: DataFolder) -> str:
    """All files and what packs made of them, as JSON."""
    tables = {file: [[r.number, r.cells, r.pack, r.file] for r in rows] for file, rows in data.tables.items()}
    kept = {"form": FORM, "digest": data.digest(), "texts": data.texts, "tables": tables, "packs": data.packs}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def from_text(text: str) -> DataFolder:
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
    return data
