"""Many rows of a book at once: what is there is read once, what changes is built, then written in one short transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.book.columns import kept_columns
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.models import RowVersion
from qingyuan.bureau.book.versions import batch_digest, key_of, version
from qingyuan.bureau.kinds.columns import EXTRA
from qingyuan.bureau.kinds.links import Links
from qingyuan.bureau.sealed.actions import new_subject, note, seal
from qingyuan.bureau.sealed.models import SealedDigest
from qingyuan.bureau.sealed.queries import digest_key, digest_of, subject_of

Held = dict[str, Any]
Parameters = list[list[Any]]
Built = tuple[Parameters, Parameters, dict[str, list[Any]], str]
_VERSION: list[Any] = [f for f in RowVersion._meta.concrete_fields if f.name not in ("id", "row")]
MakePlaces = Callable[[], Mapping[str, Mapping[int, int]]]


class Stale(Exception):
    """Somebody changed one of the rows since they were read."""


class Bulk:
    """The book as it stood when this was made, and the rows that are to be written."""

    def __init__(self, actor: User | None, book: Book, links: Links, reason: str = "") -> None:
        self._actor, self._book, self._links, self._reason = actor, book, links, reason
        self._columns = kept_columns(book)
        self._sealed = {name: c for name, c in self._columns.items() if c.kind == "sealed"}
        self._digests = {
            name: dict(SealedDigest.objects.filter(place=c.place).values_list("row", "digest"))
            for name, c in self._sealed.items()
        }
        self._digest_key = digest_key() if self._sealed else b""
        fields = ["pk", "revision", "extra", *(c.field.attname for c in self._columns.values())]
        names = ["pk", "revision", "extra", *self._columns]
        rows = (dict(zip(names, row, strict=True)) for row in book.rows().values_list(*fields).iterator(5000))
        self._old: dict[str, Held] = {self._key(row): row for row in rows}
        self._single = [c for c in self._columns.values() if c.field.unique and (c.name,) != book.key]
        self._holders = {c.name: {row[c.name]: key for key, row in self._old.items()} for c in self._single}
        self._alike: dict[tuple[str, ...], dict[tuple[Any, ...], set[str]]] = {each: {} for each in book.again}
        for each, alike in self._alike.items():
            for key, row in self._old.items():
                alike.setdefault(tuple(row[name] for name in each), set()).add(key)
        self._areas: dict[str, dict[int, int | None]] = {}
        self._adds: dict[str, Held] = {}
        self._changes: dict[str, Held] = {}
        self._clear: list[tuple[str, str, str, str]] = []
        self._finish: Callable[[], Mapping[str, Mapping[int, int]]] | None = None
        self._built: Built = ([], [], {}, "")
        self._waits = False

    @property
    def added(self) -> int:
        """How many rows are new."""
        return len(self._adds)

    @property
    def changed(self) -> int:
        """How many rows change."""
        return len(self._changes)

    def _key(self, values: Held) -> str:
        return key_of(self._book, {n: self._columns[n].plain(values[n], self._links) for n in self._book.key})

    def old(self, key: str) -> Held | None:
        """What is there under a key, by column."""
        return self._old.get(key)

    def alike(self, names: tuple[str, ...], values: Held) -> set[str]:
        """The keys of the rows, there or new, that hold the same in these columns, and nothing else in those before them."""
        found = self._alike[names].get(tuple(values[name] for name in names), set())
        before = {
            name for each in self._book.again[: self._book.again.index(names)] for name in each if values.get(name)
        }
        return {key for key in found if all(self._row(key)[name] in ("", None, values[name]) for name in before)}

    def _row(self, key: str) -> Held:
        return self._old.get(key) or self._adds[key]

    def is_taken(self, key: str) -> bool:
        """Whether a row, there or new, has the key."""
        return key in self._old or key in self._adds

    def taken(self, key: str, values: Held) -> list[str]:
        """Values that may stand in one row only and stand in another."""
        found = []
        for column in self._single:
            value = values.get(column.name)
            if value not in (None, "") and self._holders[column.name].setdefault(value, key) != key:
                found.append(f"“{column.label}”：{value} 已属于“{self._holders[column.name][value]}”")
        return found

    def area(self, values: Held) -> int | None:
        """The area that answers for a row of these values, else where it lies; below 0 one that is still to be made."""
        for path in self._book.area_paths:
            first, _, rest = path.partition("__")
            found = values.get(first)
            if rest and found is not None:
                if path not in self._areas:
                    model = self._columns[first].field.related_model
                    self._areas[path] = dict(model._default_manager.values_list("pk", rest))
                found = self._areas[path].get(found)
            if found is not None:
                return int(found)
        return None

    def put(self, key: str, values: Held) -> None:
        """A row with these values: new, changed, or as it is."""
        old = self._old.get(key)
        base = old if old is not None else self._blank()
        new, extra = dict(base), dict(base["extra"])
        for name, value in values.items():
            if name.startswith(EXTRA):
                extra[name.removeprefix(EXTRA)] = value
            elif name in self._sealed:
                self._seal(key, new, name, value)
            elif not self._columns[name].is_same(new[name], value):
                new[name] = value
        new["extra"] = extra
        if "gone_at" in new:
            new["gone_at"] = None
        for names, alike in self._alike.items():
            alike.setdefault(tuple(new[name] for name in names), set()).add(key)
        if old is None:
            self._adds[key] = new
        elif any(new[name] != old[name] for name in new):
            self._changes[key] = new

    def lose(self, kept: set[str], at: datetime) -> int:
        """Mark the rows that are not among these as gone; how many are so now and were not before."""
        lost = [key for key, row in self._old.items() if key not in kept and row["gone_at"] is None]
        for key in lost:
            self._changes[key] = {**self._old[key], "gone_at": at}
        return len(lost)

    def _blank(self) -> Held:
        own = {name: c.field.get_default() for name, c in self._columns.items()}
        return {"pk": None, "revision": 0, "extra": {}, **own}

    def _seal(self, key: str, new: Held, name: str, text: str) -> None:
        place = self._sealed[name].place
        digest = self._digest(place, text)
        if new["pk"] is None or self._digests[name].get(new["pk"]) != digest:
            tokens = (new[other] for other in self._sealed)
            subject = next((subject_of(token) for token in tokens if token), "") or new_subject()
            new[name] = f"sealed:{subject}:"  # stands in until all are sealed at once
            self._clear.append((key, name, subject, text))

    def write(self, words: str, make_places: MakePlaces) -> None:
        """Everything in one transaction; nothing where nothing changes. Raises Stale."""
        if self._adds or self._changes:
            self.build()
            with transaction.atomic():
                self.commit(words, make_places)

    def build(self) -> None:
        """All that can be done before the transaction."""
        rows = self._adds | self._changes
        self._seal_all(rows)
        self._waits = any((row[name] or 0) < 0 for row in rows.values() for name in self._book.places)
        if self._book.prepare is not None and not self._waits:
            self._finish = self._book.prepare(self._actor, list(rows.values()), self._links)
        self._built = self._ready(rows)

    def commit(self, words: str, make_places: MakePlaces = dict) -> Mapping[str, int]:
        """Write what was built, in the transaction of the caller: the key of the table by the key of the book."""
        rows = self._adds | self._changes
        if self._waits:
            self._place(make_places(), rows)
            if self._book.prepare is not None:
                self._finish = self._book.prepare(self._actor, list(rows.values()), self._links)
            self._built = self._ready(rows)
        given = self._finish() if self._finish is not None else {}
        for name, keys in given.items():
            self._give(name, keys, rows)
        adds, changes, versions, digest = self._built
        self._insert(adds)
        self._update(changes)
        numbers = self._numbers()
        names = [connection.ops.quote_name(name) for name in ("row", *(f.column for f in _VERSION))]
        ready_versions = [[numbers[key], *values] for key, values in versions.items()]
        _insert_many(RowVersion._meta.db_table, names, ready_versions)
        self._note_digests(numbers)
        data = {"versions": len(versions), "digest": digest}
        record(self._actor, "book.import", f"{self._book.code}:", words, data)
        if self._book.settle is not None:
            self._book.settle(self._actor)
        return numbers

    def _give(self, name: str, keys: Mapping[int, int], rows: dict[str, Held]) -> None:
        """Keys instead of their stand-ins, in the rows and in what is built of them."""
        at = 2 + len(self._book.fixed) + list(self._columns).index(name)
        for row in rows.values():
            row[name] = keys.get(row[name], row[name])
        for parameters in (self._built[0], self._built[1]):
            for values in parameters:
                values[at] = keys.get(values[at], values[at])

    def _ready(self, rows: dict[str, Held]) -> Built:
        """Everything that the transaction writes: parameters of new and changed rows, of versions by key, the digest."""
        made = {key: self._version(row) for key, row in rows.items()}
        versions = {
            key: [f.get_db_prep_save(getattr(each, f.attname), connection) for f in _VERSION]
            for key, each in made.items()
        }
        digest = batch_digest(each.digest for each in made.values())
        return self._parameters(self._adds), self._parameters(self._changes), versions, digest

    def _seal_all(self, rows: dict[str, Held]) -> None:
        for name, column in self._sealed.items():
            texts = {subject: text for _, each, subject, text in self._clear if each == name}
            tokens = seal(column.place, texts) if texts else {}
            for key, each, subject, _ in self._clear:
                if each == name and key in rows:
                    rows[key][name] = tokens[subject]

    def _version(self, row: Held) -> RowVersion:
        values = {name: column.plain(row[name], self._links) for name, column in self._columns.items()}
        values |= {f"{EXTRA}{name}": value for name, value in row["extra"].items()}
        return version(self._book, 0, row["revision"] + 1, values, self._actor, self._reason, None)

    def _place(self, places: Mapping[str, Mapping[int, int]], rows: dict[str, Held]) -> None:
        """The places that were just made instead of their stand-ins."""
        self._links = Links(whole=True)
        for name, keys in places.items():
            for row in rows.values():
                row[name] = keys.get(row[name], row[name])

    def _parameters(self, rows: dict[str, Held]) -> list[list[Any]]:
        fields = [(name, column.field) for name, column in self._columns.items()]
        constants = []
        for name, value in self._book.fixed.items():
            field: Any = self._book.model._meta.get_field(name)
            constants.append(field.get_db_prep_save(getattr(value, "pk", value), connection))
        return [
            [row["revision"] + 1, json.dumps(row["extra"], ensure_ascii=False), *constants]
            + [field.get_db_prep_save(row[name], connection) for name, field in fields]
            + ([row["pk"], row["revision"]] if row["pk"] else [])
            for row in rows.values()
        ]

    def _names(self) -> list[str]:
        fields: list[Any] = [self._book.model._meta.get_field(n) for n in ("revision", "extra", *self._book.fixed)]
        return [connection.ops.quote_name(f.column) for f in (*fields, *(c.field for c in self._columns.values()))]

    def _insert(self, rows: Parameters) -> None:
        self._last = self._book.model._default_manager.aggregate(last=Max("pk"))["last"] or 0
        _insert_many(self._book.model._meta.db_table, self._names(), rows)

    def _update(self, rows: Parameters) -> None:
        table = connection.ops.quote_name(self._book.model._meta.db_table)
        sets = ", ".join(f"{name} = %s" for name in self._names())
        if rows:
            with connection.cursor() as cursor:
                cursor.executemany(f"UPDATE {table} SET {sets} WHERE id = %s AND revision = %s", rows)  # noqa: S608
                if cursor.rowcount != len(rows):
                    raise Stale

    def _numbers(self) -> dict[str, int]:
        """The key of the table by the key of the book, of the rows that are written."""
        numbers = {key: row["pk"] for key, row in self._changes.items()}
        if self._adds:
            names = [self._columns[name].field.attname for name in self._book.key]
            for pk, *values in self._book.rows().filter(pk__gt=self._last).values_list("pk", *names).iterator(5000):
                numbers[self._key(dict(zip(self._book.key, values, strict=True)))] = pk
        return numbers

    def _note_digests(self, numbers: Mapping[str, int]) -> None:
        for name, column in self._sealed.items():
            note(column.place, [(numbers[key], who, text) for key, each, who, text in self._clear if each == name])

    def _digest(self, place: str, text: str) -> str:
        return digest_of(place, text, self._digest_key)

    def lay_down(self) -> None:
        """A first version of every row that was written before the book was one."""
        self._changes |= {key: row for key, row in self._old.items() if row["revision"] == 0}


def _insert_many(table: str, names: list[str], rows: Parameters) -> None:
    """Rows of parameters in one statement: what the ORM does by the row costs ten times as long under the lock."""
    marks = ", ".join(["%s"] * len(names))
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {connection.ops.quote_name(table)} ({', '.join(names)}) VALUES ({marks})",  # noqa: S608
                rows,
            )


def lay_down(book: Book) -> int:
    """Give every row of a table that became a book its first version; how many had none. Running it again changes nothing."""
    if not book.rows().filter(revision=0).exists():
        return 0
    bulk = Bulk(None, book, Links(whole=True), "转为台账")
    bulk.lay_down()
    bulk.write(f"{book.name}：已有的 {bulk.changed} 行转为台账", dict)
    return bulk.changed
