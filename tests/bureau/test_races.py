"""Several people and workers at once, each on a connection of its own: one wins, the others are told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from bureau.handling import FIELDS, go, open_for
from bureau.office import Office, make_office, put_hours
from moment import NOW
from qingyuan.bureau.alerts.actions.acknowledge import acknowledge
from qingyuan.bureau.alerts.models import Alert, AlertChange
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.audit.actions.seal import seal, verify_chain
from qingyuan.bureau.audit.models import AuditEntry, AuditSeal
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.cases.actions.leads import dismiss_lead, open_case, raise_lead
from qingyuan.bureau.cases.actions.work import act
from qingyuan.bureau.cases.models import Case, CaseEvent, Lead
from qingyuan.bureau.loop import step
from qingyuan.bureau.values.actions.tag_checks import check_tag
from qingyuan.bureau.values.actions.tags import tag

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(transactional_db: None) -> Office:
    return make_office()


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work` in as many threads at the same moment; what each returned or the error it met."""
    barrier = threading.Barrier(count)
    found: list[Any] = []

    def run(number: int) -> None:
        try:
            barrier.wait(10)
            found.append(work(number))
        except Exception as error:
            found.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == count
    return found


def refusals(found: list[Any]) -> int:
    assert [e for e in found if isinstance(e, Exception) and not isinstance(e, BureauError)] == []
    return sum(isinstance(e, BureauError) for e in found)


def test_two_checks_of_one_tag(office: Office) -> None:
    begin = NOW - timedelta(hours=6)
    row = tag(office["firm"], office.gas_outlet, "维护", begin, begin + timedelta(hours=1))
    people = [office["chief"], office["monitor"]]
    verdicts = ["accepted", "refused"]
    found = at_once(2, lambda n: check_tag(people[n], row, verdicts[n], "理由", seen=0))
    assert refusals(found) == 1
    row.refresh_from_db()
    assert [e.verb for e in row.events.all()] == [row.check_state]
    assert AuditEntry.objects.filter(verb__in=["tag.accepted", "tag.refused"]).count() == 1


def test_workers_on_one_alert(office: Office) -> None:
    put_hours(office.gas, "NOx", NOW - timedelta(hours=6), [60.0, 61.0, 40.0, 70.0])
    found = at_once(4, lambda _: step().opened)
    assert [e for e in found if isinstance(e, Exception)] == []
    step()
    assert Alert.objects.get().times == 2
    assert list(AlertChange.objects.values_list("state", flat=True)) == ["open"]


def test_people_on_one_lead(office: Office) -> None:
    lead = raise_lead(office["officer"], title="异味", place="桥下")

    def decide(number: int) -> object:
        row = Lead.objects.get(pk=lead.pk)
        if number % 2:
            return dismiss_lead(office["chief"], row, f"理由 {number}")
        return open_case(office["chief"], row, "outlet", f"理由 {number}")

    assert refusals(at_once(4, decide)) == 3
    assert Case.objects.count() == (Lead.objects.get().state == "case")
    assert AuditEntry.objects.filter(verb__in=["lead.dismiss", "case.open"]).count() == 1


def test_people_on_one_case(office: Office) -> None:
    case = open_for(office, office.gas)
    found = at_once(4, lambda n: act(office["chief"], Case.objects.get(pk=case.pk), "assign", f"{n}", FIELDS["assign"]))
    assert refusals(found) == 3
    assert CaseEvent.objects.filter(verb="assign").count() == 1
    assert go(office, Case.objects.get(pk=case.pk), "accept").revision == 3


def test_people_on_one_alert(office: Office) -> None:
    put_hours(office.gas, "NOx", NOW - timedelta(hours=6), [60.0])
    (alert,) = step().opened
    assert refusals(at_once(4, lambda _: acknowledge(office["officer"], Alert.objects.get(pk=alert.pk)))) == 3


def test_numbers_are_given_once(office: Office) -> None:
    found = at_once(6, lambda n: raise_lead(office["officer"], title=f"{n}", place="桥下").number)
    assert sorted(found) == [f"XS2026-{n:04d}" for n in range(1, 7)]


def test_sealers_at_once_make_one_chain(office: Office) -> None:
    for n in range(20):
        record(None, "x", f"a:{n}", "x")
    found = at_once(4, lambda _: seal())
    assert sum(n for n in found if isinstance(n, int)) == 20
    assert AuditSeal.objects.count() == 1
    assert verify_chain() is None
