"""Evidence as a reader may see it: the original, a copy without its maker's traces under a neutral name, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.sides import name_for
from qingyuan.bureau.base.errors import NotAllowed
from qingyuan.bureau.base.media import CSV, JSON, SUFFIXES, TEXT
from qingyuan.bureau.cases.models import Case, Exhibit, Lead
from qingyuan.bureau.cases.policies.visible import View, view_of_case, view_of_lead
from qingyuan.bureau.cases.queries.informants import secrets_of, without
from qingyuan.bureau.evidence.actions.files import read
from qingyuan.bureau.evidence.queries.given import GivenFile
from qingyuan.bureau.evidence.queries.plain_copy import plain

TEXTS = {TEXT, CSV, JSON}


@dataclass(frozen=True)
class ShownFile:
    """A piece of evidence. is_original: the file as it came, under the name it came with."""

    pk: int
    title: str
    file_name: str
    kind: str
    size: int
    media_type: str
    sha256: str
    sm3: str
    added_at: datetime
    added_by: str
    is_original: bool
    of_lead: bool


def exhibits_of(subject: Case) -> list[Exhibit]:
    """What lies in the case's file: its own exhibits and those of its leads."""
    rows = Exhibit.objects.filter(Q(case=subject) | Q(lead__case=subject))
    return list(
        rows.select_related("evidence", "added_by__organisation", "lead__created_by").order_by("added_at", "id")
    )


def files_of_case(reader: User | None, case: Case) -> list[ShownFile]:
    """The evidence of a case that the reader may see."""
    return _shown(reader, exhibits_of(case), view_of_case(reader, case), case)


def files_of_lead(reader: User | None, lead: Lead) -> list[ShownFile]:
    """The evidence of a lead that the reader may see."""
    rows = lead.exhibits.select_related("evidence", "added_by__organisation", "lead__created_by")
    return _shown(reader, rows, view_of_lead(reader, lead), None)


def _shown(reader: User | None, rows: Iterable[Exhibit], view: View, case: Case | None) -> list[ShownFile]:
    given = _given_with_orders(reader, case) if view == View.SERVED and case is not None and reader else set()
    return [_file(reader, x, view) for x in rows if view != View.SERVED or _is_served(reader, x, given)]


def _given_with_orders(reader: User, case: Case) -> set[str]:
    """Digests of what was put into the file with an order that is directed at the reader."""
    orders = {o.pk for o in case.rectifications.all() if is_directed_at(reader, o.body_id, o.person_id)}
    found = set()
    for event in case.events.all():
        if event.verb == "order_rectification" and event.data.get("rectification") in orders:
            found |= {f.get("sha256", "") for f in event.data.get("files") or []}
    return found


def is_directed_at(reader: User, body: int | None, person: int | None) -> bool:
    """Whether an order is directed at the reader or the reader's organisation."""
    return person == reader.pk or (body is not None and body == reader.organisation_id)


def _is_own(reader: User | None, x: Exhibit) -> bool:
    if reader is None or x.added_by is None:
        return False
    same = x.added_by.organisation_id is not None and x.added_by.organisation_id == reader.organisation_id
    return x.added_by_id == reader.pk or same


def _is_served(reader: User | None, x: Exhibit, given: set[str]) -> bool:
    return x.lead_id is None and (_is_own(reader, x) or x.evidence.sha256 in given)


def _is_original(reader: User | None, x: Exhibit, view: View) -> bool:
    """The handling unit gets the original, and who brought a file gets it back."""
    if view == View.WHOLE or (reader is not None and x.added_by_id == reader.pk):
        return True
    return x.lead_id is None and _is_own(reader, x)


def _file(reader: User | None, x: Exhibit, view: View) -> ShownFile:
    original = _is_original(reader, x, view)
    secrets = secrets_of([x.lead]) if x.lead is not None else ()
    named = original or (x.kind == "readings" and x.added_by is None)
    return ShownFile(
        x.pk,
        without(x.title, secrets) if named else f"材料 {x.pk}",
        without(x.file_name, secrets) if named else neutral_name(x),
        x.kind,
        x.evidence.size,
        x.evidence.media_type,
        x.evidence.sha256,
        x.evidence.sm3,
        x.added_at,
        name_for(reader, x.added_by) if original or x.lead_id is None else "",
        original,
        x.lead_id is not None,
    )


def neutral_name(x: Exhibit) -> str:
    """A name that says nothing: the number of the exhibit and what kind of file it is."""
    return f"材料-{x.pk}{SUFFIXES.get(x.evidence.media_type, '')}"


def give(reader: User, x: Exhibit) -> GivenFile:
    """The content for this reader, checked against its digest.

    Raises NotAllowed where the reader may not have it, or where it cannot be cleaned of its maker's traces.
    """
    case = x.case or (x.lead.case if x.lead else None)
    if x.case is not None:
        view = view_of_case(reader, x.case)
    elif x.lead is not None:
        view = view_of_lead(reader, x.lead)
    else:
        raise NotAllowed("这份材料不在任何案卷中")
    given = _given_with_orders(reader, case) if view == View.SERVED and case is not None else set()
    if view == View.SERVED and not _is_served(reader, x, given):
        raise NotAllowed("这份材料没有送达您的单位")
    content = read(x.evidence)
    if _is_original(reader, x, view):
        name = without(x.file_name, secrets_of([x.lead])) if x.lead is not None else x.file_name
        return GivenFile(content, name, x.evidence.media_type, x.evidence.sha256, True)
    return _cleaned(x, content, _leads_around(x, case))


def _leads_around(x: Exhibit, case: Case | None) -> Sequence[Lead]:
    found = list(case.leads.select_related("created_by")) if case is not None else []
    return [*found, *([x.lead] if x.lead else [])]


def _cleaned(x: Exhibit, content: bytes, leads: Sequence[Lead]) -> GivenFile:
    kind = x.evidence.media_type
    copy: bytes | None
    if kind in TEXTS:
        try:
            copy = without(content.decode("utf-8-sig"), secrets_of(leads)).encode()
        except UnicodeDecodeError:
            copy = None
    else:
        copy = plain(content, kind)
    if copy is None and x.lead_id is not None:
        raise NotAllowed("这种文件里可能有反映人的信息，无法去除；只有承办单位可以查看原件")
    copy = content if copy is None else copy
    return GivenFile(copy, neutral_name(x), kind, x.evidence.sha256, False)
