"""What is asked of a book: rows narrowed and sorted, counts, the search, the map, what is due."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.base.errors import Invalid, NotAllowed
from qingyuan.bureau.book.columns import column_of
from qingyuan.bureau.book.declaration import Book, Due, Filter
from qingyuan.bureau.book.policies import may_do, visible
from qingyuan.bureau.book.registry import columns_of
from qingyuan.bureau.book.versions import standing
from qingyuan.bureau.kinds.columns import EXTRA, Column
from qingyuan.bureau.kinds.links import Links
from qingyuan.bureau.sealed.queries import rows_with

MOST_ON_MAP = 20_000
BOUNDS = {"__from": "gte", "__to": "lte"}


def today() -> date:
    """The day in Beijing."""
    return clock.beijing(clock.now()).date()


def column_named(book: Book, word: str, user: User | None) -> Column:
    """A column by its code or any of its words. Raises Invalid; NotAllowed for one that the person may not see."""
    columns = columns_of(book)
    found = columns.get(word) or next((c for c in columns.values() if word == c.label or word in c.headers), None)
    if found is None or found.kind == "computed":
        known = "、".join(f"{c.name}（{c.label}）" for c in columns.values() if c.kind != "computed")
        raise Invalid(f"没有可筛选的列“{word}”；有：{known}", word)
    if found.kind == "sealed" and not may_do(user, book, "unseal"):
        raise NotAllowed(f"“{found.label}”是封存的列，没有查看封存内容的权限")
    return found


def shown_columns(book: Book, user: User | None) -> list[Column]:
    """The columns that the person may see."""
    return [c for c in columns_of(book).values() if not c.right or user is None or can(user, c.right)]


def conditions(book: Book) -> dict[str, Filter]:
    """The named conditions of a book: its own, and one for each thing that comes round."""
    own = {each.name: each for each in book.filters if isinstance(each, Filter)}
    return own | {
        f"due.{due.name}": Filter(f"due.{due.name}", f"{due.label}到期", due_condition(due)) for due in book.dues
    }


def due_condition(due: Due) -> Any:
    """Rows whose day comes within the days before it, or is over."""
    return lambda day: Q(**{f"{due.field}__lte": day + timedelta(days=due.before - due.days)})


def listed(
    book: Book,
    user: User | None,
    given: Mapping[str, str],
    rows: QuerySet[Any] | None = None,
    links: Links | None = None,
) -> QuerySet[Any]:
    """The rows that a person may see, narrowed by columns (equal, `__from`, `__to`), named conditions, `q`, and sorted
    by `sort` (a column, with - from the end). Raises Invalid for what is no column, condition or value."""
    rows, links = visible(user, book) if rows is None else rows, links or Links()
    for name, value in given.items():
        if not value or name in ("q", "sort"):
            continue
        if name in conditions(book):
            rows = rows.filter(conditions(book)[name].where(today()))
            continue
        bound = next((end for end in BOUNDS if name.endswith(end)), "")
        column = column_named(book, name.removesuffix(bound), user)
        rows = rows.filter(_matching(column, value, bound, links))
    if given.get("q"):
        rows = rows.filter(_searched(book, user, given["q"].strip()))
    beside = [c.name for c in columns_of(book).values() if c.kind == "link"]
    rows = rows.select_related(*beside) if beside else rows
    return rows.order_by(*_order(book, given.get("sort", ""), user))


def _path(column: Column) -> str:
    return f"extra__{column.name.removeprefix(EXTRA)}" if column.name.startswith(EXTRA) else column.field.attname


def _matching(column: Column, value: str, bound: str, links: Links) -> Q:
    if column.kind == "sealed":
        return Q(pk__in=rows_with(column.place, value))
    if column.name == "gone_at":
        return Q(gone_at__isnull=value.lower() in ("否", "no", "false", "0"))
    wanted = column.read(value, links)
    if column.name.startswith(EXTRA):
        wanted = column.plain(wanted, links)
    if column.kind == "datetime" and not bound:
        return Q(**{f"{_path(column)}__gte": wanted, f"{_path(column)}__lt": wanted + timedelta(days=1)})
    return Q(**{f"{_path(column)}__{BOUNDS[bound]}" if bound else _path(column): wanted})


def _searched(book: Book, user: User | None, query: str) -> Q:
    found = Q(pk__in=[])
    for name in book.search:
        found |= Q(**{f"{name}__icontains": query})
    if may_do(user, book, "unseal"):
        for column in (c for c in columns_of(book).values() if c.kind == "sealed"):
            found |= Q(pk__in=rows_with(column.place, query))
    return found


def _order(book: Book, sort: str, user: User | None) -> list[str]:
    if not sort:
        return [*(book.order or book.key), "pk"]
    column = column_named(book, sort.removeprefix("-"), user)
    if column.kind == "sealed":
        raise Invalid("封存的列不能排序", "sort")
    return [("-" if sort.startswith("-") else "") + _path(column), "pk"]


@dataclass(frozen=True)
class Counted:
    """How many rows, and by what."""

    total: int
    groups: dict[str, int]


def count(
    book: Book,
    user: User | None = None,
    *,
    by: str = "",
    where: Iterable[tuple[str, str]] = (),
    on: date | None = None,
    known: datetime | None = None,
) -> Counted:
    """Rows that the person may see, by the codes of a column (empty: ""), where columns have values; as of a day, and as
    was recorded by an instant. Raises Invalid."""
    column = column_named(book, by, user) if by else None
    asked = [(column_named(book, name, user), value) for name, value in where]
    if any(c.kind == "sealed" for c in (column,) if c):
        raise Invalid("封存的列不能分组", "by")
    if on is None and known is None:
        rows, links = visible(user, book).order_by(), Links(whole=True)
        for each, value in asked:
            rows = rows.filter(_matching(each, value, "", links))
        if column is None:
            return Counted(rows.count(), {})
        groups: Tally[str] = Tally()
        for value, number in rows.values_list(_path(column)).annotate(rows_counted=Count("pk")):
            groups[code(column, column.plain(value, links))] += number
        return Counted(sum(groups.values()), dict(sorted(groups.items())))
    return _count_versions(book, user, column, asked, on, known)


def _count_versions(
    book: Book,
    user: User | None,
    column: Column | None,
    asked: list[tuple[Column, str]],
    on: date | None,
    known: datetime | None,
) -> Counted:
    links = Links(whole=True)
    if any(each.kind == "sealed" for each, _ in asked):
        raise Invalid("封存的列不能按历史查找", "where")
    wanted = [(each.name, code(each, each.plain(each.read(value, links), links)), each) for each, value in asked]
    groups: Tally[str] = Tally()
    for made in standing(book, visible(user, book), on, known):
        if all(code(each, made.values.get(name)) == value for name, value, each in wanted):
            groups[code(column, made.values.get(column.name)) if column else ""] += 1
    return Counted(sum(groups.values()), dict(sorted(groups.items())) if column else {})


def code(column: Column, plain: Any) -> str:
    """A plain value as the code of a group."""
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return str(int(plain)) if isinstance(plain, float) and plain.is_integer() else str(plain)


def row_of(book: Book, user: User | None, key: str) -> Any:
    """The row of a key that the person may see; None where there is none."""
    parts, links = key.split("~"), Links()
    if len(parts) != len(book.key):
        return None
    try:
        columns = [column_of(book, name) for name in book.key]
        wanted = {c.field.attname: c.read(part, links) for c, part in zip(columns, parts, strict=True)}
    except Invalid:
        return None
    return visible(user, book).filter(**wanted).first()


def features(book: Book, rows: QuerySet[Any]) -> dict[str, Any]:
    """The rows that have a position, as GeoJSON; `more` where there are too many to be drawn."""
    layer = book.layer
    if layer is None:
        return {"type": "FeatureCollection", "features": [], "more": False}
    placed = list(rows.exclude(**{layer.lon: None}).exclude(**{layer.lat: None})[: MOST_ON_MAP + 1])
    made = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [getattr(row, layer.lon), getattr(row, layer.lat)]},
            "properties": {
                "layer": book.code,
                "code": "~".join(str(getattr(row, name)) for name in book.key),
                "name": str(row),
                "sign": layer.sign,
                "colour": str(getattr(row, layer.colour)) if layer.colour else "",
            },
        }
        for row in placed[:MOST_ON_MAP]
    ]
    return {"type": "FeatureCollection", "features": made, "more": len(placed) > MOST_ON_MAP}


def counted(book: Book, user: User | None) -> list[tuple[str, int]]:
    """The figures that the book declares."""
    asked = {f"n{at}": Count("pk", filter=counter.where(today())) for at, counter in enumerate(book.counters)}
    numbers = visible(user, book).order_by().aggregate(**asked) if asked else {}
    return [(counter.label, numbers[f"n{at}"]) for at, counter in enumerate(book.counters)]
