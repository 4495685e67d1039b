"""The versions of a row: written with every change, proved by the audit trail, asked for as of a day or as known then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Max, QuerySet

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.models import RowVersion
from qingyuan.bureau.kinds.columns import EXTRA, Column
from qingyuan.bureau.kinds.links import Links


def values_of(row: Any, columns: Mapping[str, Column], links: Links) -> dict[str, Any]:
    """What a version keeps of a row."""
    own = {name: column.plain(getattr(row, column.field.attname), links) for name, column in columns.items()}
    return own | {f"{EXTRA}{name}": value for name, value in row.extra.items()}


def key_of(book: Book, values: Mapping[str, Any]) -> str:
    """The key of a row as addresses and versions write it."""
    return "~".join("" if values[name] is None else str(values[name]) for name in book.key)


def version(
    book: Book,
    row: int,
    revision: int,
    values: dict[str, Any],
    actor: User | None,
    reason: str,
    valid_from: date | None,
) -> RowVersion:
    """One version, not yet saved: valid from the day given, else from that of the book's own date, else from today."""
    now = clock.now()
    own = values.get(book.since) if book.since and revision == 1 else None
    day = valid_from or (date.fromisoformat(str(own)[:10]) if own else clock.beijing(now).date())
    made = RowVersion(
        book=book.code,
        row=row,
        key=key_of(book, values)[:200],
        revision=revision,
        valid_from=day,
        recorded_at=now,
        values=values,
        reason=reason[:300],
        actor=actor,
    )
    made.digest = digest_of(made)
    return made


def digest_of(made: RowVersion) -> str:
    """SHA-256 over everything a version says, independent of its row's number."""
    said = [made.book, made.key, made.revision, made.valid_from.isoformat(), made.values, made.reason, made.actor_id]
    said.append(made.recorded_at.isoformat())
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def batch_digest(digests: Iterable[str]) -> str:
    """One digest over those of many versions, in their order."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def history(book: Book, row: Any) -> QuerySet[RowVersion]:
    """The versions of a row, newest first."""
    return RowVersion.objects.filter(book=book.code, row=row.pk).select_related("actor").order_by("-revision")


def standing(book: Book, rows: QuerySet[Any], on: date | None, known: datetime | None) -> Iterator[RowVersion]:
    """The version that held on a day, as recorded by then, of each of the rows that there was."""
    found = RowVersion.objects.filter(book=book.code, row__in=rows.order_by().values("pk"))
    if known is not None:
        found = found.filter(recorded_at__lte=known)
    if on is not None:
        found = found.filter(valid_from__lte=on)
    last: RowVersion | None = None
    for each in found.order_by("row", "valid_from", "revision").iterator():
        if last is not None and last.row != each.row and _holds(book, last, on):
            yield last
        last = each
    if last is not None and _holds(book, last, on):
        yield last


def _holds(book: Book, made: RowVersion, on: date | None) -> bool:
    since, until = (str(made.values.get(name) or "")[:10] if name else "" for name in (book.since, book.until))
    return on is None or ((not since or since <= on.isoformat()) and (not until or until > on.isoformat()))


def unproved(book: Book) -> list[int]:
    """Versions that say something else than when they were written, or that no audit row holds the digest of."""
    changed = [
        each.pk for each in RowVersion.objects.filter(book=book.code).iterator() if digest_of(each) != each.digest
    ]
    lines = AuditEntry.objects.filter(verb__startswith="book.", object_kind=book.code)
    held = {data.get("digest") for data in lines.values_list("data", flat=True)}
    single: dict[Any, list[tuple[int, str]]] = {}
    for pk, digest, at, actor in (
        RowVersion.objects.filter(book=book.code).order_by("pk").values_list("pk", "digest", "recorded_at", "actor")
    ):
        if digest not in held:
            single.setdefault((at, actor), []).append((pk, digest))
    for batch in single.values():
        if batch_digest(digest for _, digest in batch) not in held:
            changed += [pk for pk, _ in batch]
    return sorted(set(changed))


def last_change(book: Book) -> datetime | None:
    """When a row of the book was last written."""
    found = RowVersion.objects.filter(book=book.code).aggregate(at=Max("recorded_at"))["at"]
    return found if isinstance(found, datetime) else None
