"""Local packs: folders of CSV files by which a province or city overrides or adds rows of the rule book."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from qingyuan import config
from qingyuan.rules.errors import BadPlaceError, RuleDataError
from qingyuan.rules.places import lies_in, place_code
from qingyuan.rules.table import DataFolder, Period, Row, read_rows

ENVIRONMENT = "QINGYUAN_RULE_PACKS"
DECLARATION = "pack.toml"

KEYS: Mapping[str, tuple[str, ...]] = {
    "air_compensation.csv": ("scheme", "step"),
    "air_heavy_triggers.csv": ("place", "level", "alternative", "aqi_over"),
    "alert_thresholds.csv": ("key",),
    "aqi_categories.csv": ("aqi_from",),
    "aqi_editions.csv": ("standard",),
    "aqi_items.csv": ("standard", "averaging", "item"),
    "data_flags.csv": ("flag",),
    "emission_limits.csv": (
        "standard",
        "industry",
        "process",
        "class",
        "medium",
        "item",
        "condition",
        "averaging",
    ),
    "factors.csv": ("code",),
    "hj212_commands.csv": ("edition", "cn"),
    "device_requests.csv": ("key",),
    "hj212_fields.csv": ("field",),
    "hj212_queries.csv": ("edition",),
    "hj212_results.csv": ("field", "code"),
    "hj212_systems.csv": ("st",),
    "holidays.csv": ("day",),
    "iaqi_breakpoints.csv": ("standard", "item", "averaging", "iaqi"),
    "process_factors.csv": ("code",),
    "mass_substitution.csv": ("rule",),
    "quality_rules.csv": ("rule", "item", "grain", "point_kind"),
    "source_averaging.csv": ("industry", "medium", "item"),
    "tags.csv": ("name_zh", "industry"),
    "units.csv": ("unit",),
    "validity.csv": ("key",),
    "water_classes.csv": ("class",),
    "water_source_limits.csv": ("name_zh",),
    "water_compensation.csv": ("scheme", "item", "multiple_above"),
}
"""Which columns name a row, where they are not simply those of KEY_WORDS."""

KEY_WORDS = (
    "scheme",
    "part",
    "context",
    "key",
    "column",
    "item",
    "body",
    "averaging",
    "statistic",
    "place",
    "level",
    "alternative",
    "order",
    "n",
)


@dataclass(frozen=True)
class Pack:
    """One folder: file name to text. `name` is the folder's name.

    `place` is the code of the place it is made for, empty where it declares none and holds everywhere;
    `declaration` is the text that says so.
    """

    name: str
    texts: Mapping[str, str]
    place: str = ""
    declaration: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 over names and contents, the declaration included."""
        declared = {DECLARATION: self.declaration} if self.declaration else {}
        return DataFolder(dict(self.texts) | declared).digest()


def key_columns(file: str, columns: Iterable[str]) -> tuple[str, ...]:
    """The columns that name a row of a table."""
    found = KEYS.get(file) or tuple(name for name in columns if name in KEY_WORDS)
    if not found:
        raise RuleDataError(file, 1, "no column that names a row", "one of " + ", ".join(KEY_WORDS))
    return found


def pack_folders() -> tuple[Path, ...]:
    """Where local packs lie, first the ones that later ones override.

    QINGYUAN_RULE_PACKS (colon separated) where it is set; else the folders of CSV files in `rules/` of the
    data folder, those of a province before those of its cities and else by name, then that folder itself.
    """
    named = os.environ.get(ENVIRONMENT)
    if named is not None:
        return tuple(Path(part).expanduser() for part in named.split(os.pathsep) if part)
    home = config.data_dir() / "rules"
    if not home.is_dir():
        return ()
    inner = sorted(entry for entry in home.iterdir() if entry.is_dir() and any(entry.glob("*.csv")))
    wider_first = sorted(inner, key=lambda folder: len(read_pack(folder).place))
    return (*wider_first, home) if any(home.glob("*.csv")) else tuple(wider_first)


def read_pack(folder: Path) -> Pack:
    """The pack in a folder. RuleDataError when there is no folder, no CSV file in it, or one that is no UTF-8.

    A file pack.toml with `place = "320000"` declares the place that the pack is made for (and `name` its title).
    """
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    if not files:
        raise RuleDataError(f"{folder}", 0, "no CSV file", "a folder with CSV files named like those of rules/data")
    texts = {}
    for path in files:
        try:
            texts[path.name] = path.read_text("utf-8-sig")
        except (UnicodeDecodeError, OSError) as error:
            raise RuleDataError(f"{folder.name}/{path.name}", 0, str(error), "UTF-8 text") from error
    name = folder.resolve().name
    declaration = folder / DECLARATION
    if not declaration.is_file():
        return Pack(name, texts)
    try:
        text = declaration.read_text("utf-8-sig")
        return Pack(name, texts, _declared(tomllib.loads(text)), text)
    except (OSError, ValueError, BadPlaceError) as error:
        raise RuleDataError(f"{name}/{DECLARATION}", 0, str(error), 'place = "320000", and perhaps a name') from error


def _declared(told: Mapping[str, object]) -> str:
    if unknown := sorted(set(told) - {"place", "name"}):
        raise ValueError("unknown keys " + ", ".join(unknown))
    place = told.get("place", "")
    if not isinstance(place, str):
        raise BadPlaceError(str(place))
    return place_code(place)


def common_place(packs: Sequence[Pack]) -> str:
    """The innermost place that packs are made for, empty where none declares one.

    BadPlaceError where they are made for places that do not lie one in the other: then the place must be said.
    """
    places = sorted({pack.place for pack in packs}, key=len)
    for outer, inner in pairwise(places):
        if not lies_in(inner, outer):
            raise BadPlaceError(" / ".join(places), "one place, said by --place or by the setting bureau.place")
    return places[-1] if places else ""


def packs_of(packs: Iterable[Pack], place: str) -> tuple[Pack, ...]:
    """The packs that hold in a place: those that declare none, or one that it lies in. Their order stays."""
    return tuple(pack for pack in packs if lies_in(place, pack.place))


def with_packs(data: DataFolder, packs: Iterable[Pack]) -> DataFolder:
    """The data folder with the rows of packs laid over it, in order.

    A pack's row replaces the rows of its key on the days it covers: what they say before and after stays. In
    tables without dates it replaces the row. A key that was not there is added. Two rows of one pack that
    overlap are left for the loader to refuse.
    """
    for pack in packs:
        data = _laid_over(data, pack)
    return data


def _laid_over(data: DataFolder, pack: Pack) -> DataFolder:
    tables = dict(data.tables)
    for file in sorted(pack.texts):
        if file not in data.texts:
            raise RuleDataError(f"{pack.name}/{file}", 0, "no such table", "one of " + ", ".join(sorted(data.texts)))
        below = tuple(data.rows(file))
        above = tuple(replace(row, pack=pack.name) for row in read_rows(f"{pack.name}/{file}", pack.texts[file]))
        if above and set(above[0].cells) != set(below[0].cells):
            wanted = ", ".join(below[0].cells)
            raise RuleDataError(f"{pack.name}/{file}", 1, "columns " + ", ".join(above[0].cells), wanted)
        tables[file] = _merged(below, above, key_columns(file, below[0].cells))
    mark = f"{pack.name}@{pack.digest[:8]}"
    return DataFolder(data.texts, tables, (*data.packs, mark))


def _merged(below: tuple[Row, ...], above: tuple[Row, ...], key: tuple[str, ...]) -> tuple[Row, ...]:
    by_key: dict[tuple[str, ...], list[Row]] = {}
    for row in above:
        by_key.setdefault(tuple(row.text(name) for name in key), []).append(row)
    merged: list[Row] = []
    placed: set[int] = set()
    for row in below:
        parts = [row]
        own = by_key.get(tuple(row.text(name) for name in key), ())
        for over in own:
            parts = [rest for part in parts for rest in _without(part, over)]
        merged += parts
        merged += [over for over in own if over.number not in placed]
        placed.update(over.number for over in own)
    return (*merged, *(row for row in above if row.number not in placed))


def _without(row: Row, over: Row) -> list[Row]:
    """What is left of a row where another one takes its days."""
    if "effective_from" not in row.cells:
        return []
    mine, taken = row.period(), over.period()
    rest = []
    if mine.since < taken.since:
        end = taken.since - timedelta(days=1)
        rest.append(_cut(row, Period(mine.since, end if mine.until is None else min(end, mine.until))))
    if taken.until is not None and (mine.until is None or taken.until < mine.until):
        rest.append(_cut(row, Period(max(mine.since, taken.until + timedelta(days=1)), mine.until)))
    return rest


def _cut(row: Row, period: Period) -> Row:
    days = {
        "effective_from": period.since.isoformat(),
        "effective_to": period.until.isoformat() if period.until else "",
    }
    return replace(row, cells=row.cells | days)
