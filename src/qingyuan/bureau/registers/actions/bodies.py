"""The legal bodies of sites: a site that is written gets the organisation of its credit code, made where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count

from qingyuan.bureau.accounts.models import Organisation, User
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.exchange.bulk import Bulk
from qingyuan.bureau.kinds.links import Links
from qingyuan.bureau.registers.actions.outlet_points import follow_firms

FEW = 20
"""Up to so many rows are asked and saved one by one; more in one go."""
CODE_MOST = 40
_FIRM = Organisation.Kind.ENTERPRISE


def give_bodies(
    actor: User | None, rows: Sequence[dict[str, Any]], links: Links
) -> Callable[[], Mapping[str, Mapping[int, int]]]:
    """Set the organisation of each new site; the body of an only site follows its code, name and area."""
    known = {body.code: body for body in _bodies(rows)}
    by_key = {body.pk: body for body in known.values()}
    sites = _sites(rows)
    puts: dict[str, dict[str, Any]] = {}
    made: dict[str, int] = {}
    for row in rows:
        told = {"name": row["name"]} | ({"area": row["area"]} if row["area"] is not None else {})
        if row["organisation"] is None:
            code = _code(row, known)
            if code in known:
                row["organisation"] = known[code].pk
                continue
            if code not in made:
                made[code] = -1 - len(made)
                puts[code] = {"code": code, "kind": _FIRM.value, **told}
                links.expect(Organisation, made[code], code, row["name"])
            row["organisation"] = made[code]
            continue
        body = by_key[row["organisation"]]
        if sites.get(body.pk, 0) > 1 or body.kind != _FIRM:
            continue
        if row["credit_code"] and row["credit_code"] not in known and row["credit_code"] not in made:
            told["code"] = row["credit_code"]
            links.expect(Organisation, body.pk, row["credit_code"], row["name"])
        held = {"name": body.name, "area": body.area_id, "code": body.code}
        if any(held[name] != value for name, value in told.items()):
            puts[body.code] = told
    write = _writer(actor, puts)

    def finish() -> Mapping[str, Mapping[int, int]]:
        keys = write()
        bodies = {stand_in: keys[code] for code, stand_in in made.items()}
        follow_firms(rows, bodies)
        return {"organisation": bodies}

    return finish


def _code(row: dict[str, Any], known: dict[str, Organisation]) -> str:
    """The code of a site's body: its credit code, else its own key; never that of a body that is no firm."""
    word = str(row["credit_code"] or row["code"])[:CODE_MOST]
    if word in known and known[word].kind != _FIRM:
        return f"{word[: CODE_MOST - 4]}（企业）"
    return word


def _bodies(rows: Sequence[dict[str, Any]]) -> Iterable[Organisation]:
    """The organisations that the rows speak of; all of them where the rows are many."""
    if len(rows) > FEW:
        return Organisation.objects.order_by("pk").iterator(5000)
    words = {str(row[name])[:CODE_MOST] for row in rows for name in ("credit_code", "code") if row[name]}
    words |= {f"{word[: CODE_MOST - 4]}（企业）" for word in words}
    keys = {row["organisation"] for row in rows if row["organisation"] is not None}
    return Organisation.objects.filter(code__in=words) | Organisation.objects.filter(pk__in=keys)


def _sites(rows: Sequence[dict[str, Any]]) -> dict[int, int]:
    """How many sites the bodies have."""
    bodies = Organisation.objects.filter(enterprises__isnull=False)
    if len(rows) <= FEW:
        bodies = bodies.filter(pk__in=[row["organisation"] for row in rows if row["organisation"] is not None])
    return dict(bodies.order_by().annotate(n=Count("enterprises")).values_list("pk", "n"))


def _writer(actor: User | None, puts: Mapping[str, dict[str, Any]]) -> Callable[[], Mapping[str, int]]:
    """What writes the bodies and gives their keys; many are compared and built now, and only written then."""
    book = book_of("organisations")
    if len(puts) > FEW:
        bulk = Bulk(actor, book, Links(whole=True), "随企业登记")
        for code, values in puts.items():
            bulk.put(code, values)
        bulk.build()
        return lambda: bulk.commit(f"随企业登记：新增 {bulk.added}、改动 {bulk.changed} 个单位")

    def write() -> Mapping[str, int]:
        keys = {}
        for code, values in puts.items():  # who may write the site need not hold the right to its body
            before = Organisation.objects.filter(code=code).first()
            keys[code] = save(None, book, values, before, reason="随企业登记").pk
        return keys

    return write
