"""Which kind of organisation may do which verb of a case: declared once, for every version of every definition."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from qingyuan.bureau.accounts.models import Organisation, Role, User
from qingyuan.bureau.accounts.policies.rights import roles_of, scope_of
from qingyuan.bureau.accounts.policies.sides import is_outside
from qingyuan.bureau.cases.models import Case

FILE = Path(__file__).resolve().parents[1] / "kinds" / "rights.toml"
UNITS = (Organisation.Kind.BUREAU, Organisation.Kind.DEPARTMENT, Organisation.Kind.TOWN_OFFICE)


@cache
def _declared() -> dict[str, dict[str, tuple[str, ...]]]:
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    found = {part: {verb: tuple(kinds) for verb, kinds in data[part].items()} for part in ("units", "served")}
    named = {kind for part in found.values() for kinds in part.values() for kind in kinds}
    if unknown := named - set(Organisation.Kind.values):
        raise ValueError(f"{FILE.name}: got kinds {sorted(unknown)}, expected some of {Organisation.Kind.values}")
    return found


def verbs() -> frozenset[str]:
    """Every verb that somebody may do."""
    return frozenset(_declared()["units"])


def standing_of(user: User) -> str:
    """The kind of organisation that the user acts for; without one, that of the user's role."""
    if user.organisation is not None:
        return str(user.organisation.kind)
    if is_outside(user):
        return str(Organisation.Kind.ENTERPRISE)
    only_town = {r.role for r in roles_of(user)} == {Role.TOWN}
    return str(Organisation.Kind.TOWN_OFFICE if only_town else Organisation.Kind.BUREAU)


def right_missing(user: User, verb: str, label: str) -> str:
    """Why the user's organisation may not do this verb at all; empty if it may."""
    kind = standing_of(user)
    part = "served" if is_outside(user) else "units"
    if kind in _declared()[part].get(verb, ()):
        return ""
    allowed = "、".join(str(Organisation.Kind(k).label) for k in _declared()["units"].get(verb, ()))
    return f"“{label}”由{allowed or '主管部门'}办理；{user} 所在的{Organisation.Kind(kind).label}不能做这个动作"


def served_on(user: User, case: Case) -> bool:
    """Whether an order of the case that is not done yet is directed at the user or the user's organisation."""
    return any(
        row.done_at is None and (row.person_id == user.pk or (row.body_id and row.body_id == user.organisation_id))
        for row in case.rectifications.all()
    )


def is_leader(user: User, area: int | None) -> bool:
    """Whether the user leads the work on what lies in the area: gives it out, or decides what becomes work."""
    reach = scope_of(user).reach
    led = (reach[c] for c in ("assign", "triage") if c in reach)
    return any(area is None or areas is None or area in areas for areas in led)
