"""What is issued, targeted and counted: dated, never replaced in place, each act with its right and audit line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from bureau.office import Office
from moment import NOW
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, Missing, NotAllowed
from qingyuan.bureau.monitoring.actions.issued import put_issued_value
from qingyuan.bureau.monitoring.models import IssuedValue
from qingyuan.bureau.registers.actions.targets import put_in_roster, put_target
from qingyuan.bureau.registers.models import RosterEntry, SectionTarget

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


def issue(office: Office, who: str = "chief", **more: object) -> IssuedValue:
    given: dict[str, object] = {
        "indicator": "target.PM2_5.year", "value": "33", "start": NOW, "end": NOW + YEAR, "issuer": "市局", "area": office.county,
    }  # fmt: skip
    return put_issued_value(office[who], **(given | more))  # type: ignore[arg-type]


def test_issued_value_stands_beside_the_one_before(office: Office) -> None:
    issue(office)
    issue(office, value="32")
    assert sorted(IssuedValue.objects.values_list("value_text", flat=True)) == ["32", "33"]


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ({"value": " "}, Missing, "value"), ({"issuer": ""}, Missing, "issuer"), ({"indicator": ""}, Missing, "indicator"),
        ({"area": None}, Invalid, "point"), ({"end": NOW}, Invalid, "period_end"),
    ],
)  # fmt: skip
def test_issued_value_that_makes_no_sense(
    office: Office, given: dict[str, object], error: type[Invalid], field: str
) -> None:
    with pytest.raises(error) as caught:
        issue(office, **given)
    assert caught.value.field == field
    assert not IssuedValue.objects.exists()


def targets() -> list[tuple[str, str, str | None]]:
    rows = SectionTarget.objects.filter(kind="assessment").order_by("valid_from")
    return [(t.water_class, t.valid_from.isoformat(), t.valid_to.isoformat() if t.valid_to else None) for t in rows]


def test_target_follows_target(office: Office) -> None:
    put_target(office["chief"], office.section, "assessment", "II", date(2026, 1, 1))
    put_target(office["chief"], office.section, "assessment", "IV", date(2024, 1, 1))
    assert targets() == [
        ("III", "2020-01-01", "2024-01-01"), ("IV", "2024-01-01", "2026-01-01"), ("II", "2026-01-01", None),
    ]  # fmt: skip


def test_target_put_again_corrects_the_row_of_that_day(office: Office) -> None:
    for water_class in ("II", "I"):
        put_target(office["chief"], office.section, "assessment", water_class, date(2026, 1, 1))
    assert targets() == [("III", "2020-01-01", "2026-01-01"), ("I", "2026-01-01", None)]


@pytest.mark.parametrize(
    ("kind", "water_class", "field"), [("wish", "II", "kind"), ("assessment", "VII", "water_class")]
)
def test_target_that_makes_no_sense(office: Office, kind: str, water_class: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        put_target(office["chief"], office.section, kind, water_class, date(2026, 1, 1))
    assert caught.value.field == field


def test_only_sections_have_targets(office: Office) -> None:
    with pytest.raises(Invalid, match="不是断面"):
        put_target(office["chief"], office.air, "assessment", "II", date(2026, 1, 1))


def test_roster_is_dated(office: Office) -> None:
    put_in_roster(office["chief"], office.air, "county_air", date(2026, 1, 1))
    put_in_roster(office["chief"], office.air, "county_air", date(2026, 1, 1), date(2027, 1, 1))
    row = RosterEntry.objects.get()
    assert row.valid_to == date(2027, 1, 1)
    with pytest.raises(Invalid):
        put_in_roster(office["chief"], office.air, "county_air", date(2026, 1, 1), date(2026, 1, 1))
    with pytest.raises(Invalid):
        put_in_roster(office["chief"], office.air, "our_own", date(2026, 1, 1))


ALLOWED = {"chief", "monitor", "system"}
ACTS: dict[str, tuple[str, Callable[[Office, User], object]]] = {
    "issued": ("issued.put", lambda o, u: put_issued_value(u, "x", "1", NOW, NOW + YEAR, "市局", area=o.county)),
    "target": ("target.put", lambda o, u: put_target(u, o.section, "assessment", "II", date(2026, 1, 1))),
    "roster": ("roster.put", lambda o, u: put_in_roster(u, o.air, "county_air", date(2026, 1, 1))),
}


@pytest.mark.parametrize("name", ACTS)
def test_rights_and_audit_lines(office: Office, name: str) -> None:
    verb, act = ACTS[name]
    for who in office.users:
        if who in ALLOWED:
            act(office, office[who])
        else:
            with pytest.raises(NotAllowed):
                act(office, office[who])
    assert sorted(AuditEntry.objects.values_list("verb", "actor_label")) == sorted((verb, who) for who in ALLOWED)
