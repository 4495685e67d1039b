"""Who is made responsible for a rectification: somebody of the register, or nobody known yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qingyuan.bureau.accounts.models import Organisation, User
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.cases.models import Case
from qingyuan.bureau.cases.queries.choices import UNKNOWN, UNKNOWN_WORDS, firms_for, people_of, units_for


@dataclass(frozen=True)
class Responsible:
    """A name as it stands in the order, and whose it is; both None: not known yet."""

    name: str
    body: Organisation | None = None
    person: User | None = None


def organisation_named(value: Any) -> Organisation | None:
    """An organisation by itself, its code, its key, the code of its firm, or its full name if only one has it."""
    if isinstance(value, Organisation):
        return value
    text = str(value)
    rows = Organisation.objects
    found = rows.filter(code=text).first() or rows.filter(enterprises__code=text).first()
    if found is None and text.isdecimal() and text.isascii() and len(text) < 19:
        found = rows.filter(pk=int(text)).first()
    if found is None:
        alike = list(rows.filter(name=text)[:2])
        found = alike[0] if len(alike) == 1 else None
    return found


def person_named(value: Any) -> User | None:
    """An active person by itself, the username, or the key."""
    if isinstance(value, User):
        return value if value.is_active else None
    text = str(value)
    found = User.objects.filter(username=text).first()
    if found is None and text.isdecimal() and text.isascii() and len(text) < 19:
        found = User.objects.filter(pk=int(text)).first()
    return found if found is not None and found.is_active else None


def responsible_of(actor: User, case: Case, value: Any) -> Responsible:
    """The responsible party by code of firm or unit, username, or `unknown`. Raises Invalid with what is expected."""
    if str(value) == UNKNOWN:
        return Responsible(UNKNOWN_WORDS)
    body = organisation_named(value)
    if body is not None:
        allowed = firms_for(actor, case) | Organisation.objects.filter(pk__in=units_for(actor, case).values("pk"))
        if allowed.filter(pk=body.pk).exists():
            return Responsible(body.name, body=body)
        raise Invalid(f"“{body}”与本案没有关系，或不在您的范围内；请从列表中选择责任方", "responsible")
    person = person_named(value)
    if person is not None and people_of(units_for(actor, case)).filter(pk=person.pk).exists():
        return Responsible(f"{person}（{person.organisation}）", person=person)
    raise Invalid(
        f"得到责任方“{value}”，登记簿中没有；应为企业或单位的代码、人员的用户名，尚不明确的写 {UNKNOWN}",
        "responsible",
    )
