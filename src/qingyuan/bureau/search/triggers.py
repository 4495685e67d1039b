"""Tables tell of their changes: triggers that write a mark for each row whose found texts or scope may have changed.

A trigger is named by the digest of what it does. One that is missing (never laid, or lifted for a migration, which may make
tables anew) is laid, and all rows that it stands for are marked; one that nobody asks for any more is dropped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connections
from django.db.models import ForeignKey, Model

from qingyuan.bureau.search.source import Source, watched

_ROWS = {"sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'search|_%%' ESCAPE '|'"}
_ROWS["postgresql"] = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'search|_%%' ESCAPE '|'"


@dataclass(frozen=True)
class Watch:
    """When this happens to the table, `ids` (a SELECT over NEW or OLD) are the rows of `place` to be marked."""

    table: str
    event: str
    place: str
    ids: str

    @property
    def name(self) -> str:
        """The name of its trigger."""
        told = f"{self.table} {self.event} {self.place} {self.ids}"
        return f"search_{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def watches(source: Source) -> Iterator[Watch]:
    """What is watched for a source: its rows coming, going and changing, and what its paths lead over.

    Raises ValueError for a path that is none of columns and links to one row.
    """
    place = source.place
    yield Watch(place, "INSERT", place, "SELECT NEW.id")
    yield Watch(place, "DELETE", place, "SELECT OLD.id")
    seen: dict[tuple[str, str], set[str]] = {}
    for path in (*source.fields, *source.areas, *source.owners):
        for table, column, ids in _steps(source.model, path):
            seen.setdefault((table, ids), set()).add(column)
    for (table, ids), columns in sorted(seen.items()):
        yield Watch(table, f"UPDATE OF {', '.join(sorted(columns))}", place, ids)


def _steps(model: type[Model], path: str) -> Iterator[tuple[str, str, str]]:
    """(table, column, rows of the first table) for each step of a path."""
    first = model._meta.db_table
    joins, ids = f"FROM {first} t0", "SELECT NEW.id"
    for step, part in enumerate(path.split("__")):
        if part == "pk":
            return
        field = model._meta.get_field(part)
        if not getattr(field, "column", None):
            raise ValueError(f"{first}.{path}: got {part}, expected a column or a link to one row")
        yield model._meta.db_table, str(field.column), ids  # type: ignore[union-attr]
        if isinstance(field, ForeignKey):
            model = field.related_model
            joins += f" JOIN {model._meta.db_table} t{step + 1} ON t{step + 1}.id = t{step}.{field.column}"
            ids = f"SELECT t0.id {joins} WHERE t{step + 1}.id = NEW.id"


def lift(using: str = "default") -> None:
    """Take all triggers away; who lays them again marks every row, for nobody saw what happened meanwhile."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(_ROWS[connection.vendor])
        for (name,) in cursor.fetchall():
            _drop(cursor, connection.vendor, name)


def lay(using: str = "default") -> None:
    """Bring the triggers of the database to what the declarations ask for; mark what may have changed unseen.

    A table that is not there yet is left for when it is.
    """
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    asked = (watch for source in watched() for watch in watches(source))
    wanted = {watch.name: watch for watch in asked if {watch.table, watch.place, "search_mark"} <= tables}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS[connection.vendor])
        there = {name for (name,) in cursor.fetchall()}
        for name in sorted(there - set(wanted)):
            _drop(cursor, connection.vendor, name)
        fresh = [wanted[name] for name in sorted(set(wanted) - there)]
        for watch in fresh:
            _make(cursor, connection.vendor, watch)
        for place in sorted({watch.place for watch in fresh}):
            cursor.execute(f"INSERT INTO search_mark(place, row) SELECT '{place}', id FROM {place}")  # noqa: S608


def _make(cursor: object, vendor: str, watch: Watch) -> None:
    marks = f"INSERT INTO search_mark(place, row) SELECT '{watch.place}', x.id FROM ({watch.ids}) AS x(id)"  # noqa: S608
    run = cursor.execute  # type: ignore[attr-defined]
    if vendor == "sqlite":
        marks = f"INSERT INTO search_mark(place, row) SELECT '{watch.place}', id FROM (SELECT * FROM ({watch.ids}))"  # noqa: S608
        run(f"CREATE TRIGGER {watch.name} AFTER {watch.event} ON {watch.table} BEGIN {marks}; END")
        return
    run(
        f"CREATE OR REPLACE FUNCTION {watch.name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$mark$ BEGIN {marks}; RETURN NULL; END $mark$"
    )
    run(
        f"CREATE TRIGGER {watch.name} AFTER {watch.event} ON {watch.table} FOR EACH ROW EXECUTE FUNCTION {watch.name}()"
    )


def _drop(cursor: object, vendor: str, name: str) -> None:
    run = cursor.execute  # type: ignore[attr-defined]
    if vendor == "sqlite":
        run(f"DROP TRIGGER {name}")
    else:
        run(f"DROP FUNCTION {name}() CASCADE")
