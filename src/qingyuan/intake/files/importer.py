"""What an importer declares, and how its columns are found whatever way they are spelt."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, replace

import polars as pl

from qingyuan.intake.files.profile import Profile
from qingyuan.intake.files.synonyms import plain, read_header


@dataclass(frozen=True)
class Importer:
    """A public export that is read as it comes. title: Chinese, for lists; order: where it stands in them.

    recognises(plain names, frame): whether a table has its form beyond doubt; None: only when a person says so.
    fits(frame, titles above the header): the profile with the names of this file; None: `spelt` finds them.
    """

    profile: Profile
    title: str
    order: int
    recognises: Callable[[Set[str], pl.DataFrame], bool] | None = None
    fits: Callable[[pl.DataFrame, tuple[str, ...]], Profile] | None = None

    @property
    def name(self) -> str:
        """By which it is asked for."""
        return self.profile.name


def namer(frame: pl.DataFrame) -> Callable[..., str]:
    """A function: the column that is spelt like one of the wanted names, else the first wanted, else empty."""
    names = {plain(name): name for name in reversed(frame.columns)}

    def of(*wanted: str) -> str:
        return next((names[plain(word)] for word in wanted if plain(word) in names), wanted[0] if wanted else "")

    return of


def spelt(profile: Profile, frame: pl.DataFrame) -> Profile:
    """The profile with the names of this file's columns. What does not fit stays: applying it says what is lacking."""
    of = namer(frame)
    headers = {read_header(name).item: name for name in reversed(frame.columns) if read_header(name).item}
    columns = []
    for column in profile.columns:
        column_name = of(column.column)
        if column_name not in frame.columns and profile.layout == "wide":
            column_name = headers.get(column.item, column_name)
        columns.append(replace(column, column=column_name if profile.layout == "wide" else column.column))
    return replace(
        profile,
        time_columns=tuple(of(name) for name in profile.time_columns),
        point_columns=tuple(of(name) for name in profile.point_columns),
        name_column=of(profile.name_column) if profile.name_column else "",
        columns=tuple(columns),
        attributes=tuple(of(name) for name in profile.attributes),
        item_column=of(profile.item_column) if profile.item_column else "",
        flag=replace(profile.flag, column=of(profile.flag.column)) if profile.flag else None,
    )
