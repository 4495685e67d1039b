"""The columns of a book, from its declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qingyuan.bureau.base.coordinates import Box, read_position
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.kinds.columns import Column

HIDDEN = {"revision", "extra", "gone_at"}
"""Fields of every book's table that are none of its columns."""
PLACE = "@position"
"""A cell that holds longitude and latitude together."""


def column_of(book: Book, name: str) -> Column:
    """The column of a field."""
    field: Any = book.model._meta.get_field(name)
    headers = (book.labels.get(name, str(field.verbose_name)), name, *book.headers.get(name, ()))
    may_be_empty = name == book.state or (name in book.key and book.new_key is not None)
    is_written = name in book.form or name == book.state
    return Column.of_field(field, f"{book.code}.{name}", headers, is_written=is_written, may_be_empty=may_be_empty)


def declared_columns(book: Book) -> dict[str, Column]:
    """Those that are declared, the written ones first."""
    found = {name: column_of(book, name) for name in (*book.form, book.state) if name}
    for each in book.columns:
        if not isinstance(each, str):
            found[each.name] = Column(each.name, each.label, "computed", "", value=each.value)
        elif each not in found:
            found[each] = column_of(book, each)
    return found | ({"gone_at": column_of(book, "gone_at")} if book.mirror else {})


def kept_columns(book: Book) -> dict[str, Column]:
    """Every field of the table that a version keeps, also those on no page."""
    names = [
        f.name for f in book.model._meta.concrete_fields if not f.primary_key and f.name not in HIDDEN - {"gone_at"}
    ]
    return {name: column_of(book, name) for name in names if name not in book.fixed}


def placed(book: Book, given: Mapping[str, Any], box: Box | None = None) -> dict[str, Any]:
    """What was given, its longitude and latitude read together as people write them. Raises BadPositionError."""
    pair, found = given.get(PLACE), {name: value for name, value in given.items() if name != PLACE}
    if book.layer is None or not (pair or given.get(book.layer.lon) or given.get(book.layer.lat)):
        return found
    lon, lat = read_position(given.get(book.layer.lon) or pair, given.get(book.layer.lat) or None, box)
    return found | {book.layer.lon: repr(lon), book.layer.lat: repr(lat)}
