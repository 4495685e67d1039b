"""Quality that waits: kept in the books, worked off oldest first, nothing forgotten."""

from __future__ import annotations

from importlib import import_module

import pytest
from pytest_django import DjangoAssertNumQueries

from bureau.office import Office, put_hours
from bureau.old_apps import OldApps
from bureau.test_quality import HOUR, START, number, standing
from qingyuan.bureau.base.models import LoopState
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.loop import step
from qingyuan.bureau.quality.actions import later
from qingyuan.bureau.quality.models import QualityDue

pytestmark = pytest.mark.django_db


def test_what_an_outlet_sends_waits_and_joins_what_waited(office: Office) -> None:
    put_hours(office.gas, "NOx", START, [20.0], flag="F")
    step()
    put_hours(office.gas, "NOx", START + 5 * HOUR, [20.0], flag="F")
    step()
    (due,) = QualityDue.objects.all()
    begin = int(START.timestamp())
    assert (due.series, due.first, due.last) == (number(office.gas, "NOx"), begin, begin + 5 * 3600)
    assert not standing(office.gas, "NOx")
    later.work_off()
    assert len([f for f in standing(office.gas, "NOx") if f.rule == "device_flag"]) == 2
    assert not later.waits()


def test_slices_are_bounded_in_series_and_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later, "MOST_SERIES", 1)
    put_hours(office.gas, "NOx", START, [20.0], flag="F")
    put_hours(office.gas, "NOx", START + 40 * 24 * HOUR, [20.0], flag="F")
    put_hours(office.waste, "COD", START, [20.0], flag="F", unit="mg/L")
    step()
    rests = []
    while later.waits():
        later.work_off()
        rests.append(QualityDue.objects.count())
    assert rests == [2, 2, 2, 2, 1, 0], "the one of forty days in five slices"
    assert len([f for f in standing(office.gas, "NOx") if f.rule == "device_flag"]) == 2
    assert standing(office.waste, "COD")


def test_what_grew_while_it_was_worked_off_stays(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    put_hours(office.gas, "NOx", START, [20.0], flag="F")
    step()
    series = readings().series_by_number([number(office.gas, "NOx")])
    begin = int(START.timestamp())

    def check(due: later.Touched) -> int:
        later.note({each: (series[each], {begin + 7200}) for each in due})
        return 0

    monkeypatch.setattr(later.quality, "check", check)
    later.work_off()
    (due,) = QualityDue.objects.all()
    assert due.last == begin + 7200


def test_what_waited_in_the_state_of_the_loop_is_moved(office: Office) -> None:
    LoopState.objects.create(name=later.NAME, value={"spans": {"7": [3600, 7200]}, "full": 3})
    import_module("qingyuan.ops.upgrade.before_house.evaluation.migrations.0002_quality_due").move(OldApps(), None)
    assert list(QualityDue.objects.values_list("series", "first", "last")) == [(7, 3600, 7200)]
    assert LoopState.objects.get(name=later.NAME).value == {"full": 0}


def test_what_waits_already_is_not_written_again(
    office: Office, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    put_hours(office.gas, "NOx", START, [20.0, 20.0, 20.0], flag="F")
    step()
    one = number(office.gas, "NOx")
    touched = {one: (readings().series_by_number([one])[one], {int(START.timestamp()) + 3600})}
    with django_assert_num_queries(1):
        later.note(touched)


def test_a_series_noted_again_waits_behind_the_others(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later, "MOST_SERIES", 1)
    for outlet, item, unit in ((office.gas, "NOx", "mg/m3"), (office.waste, "COD", "mg/L")):
        put_hours(outlet, item, START, [20.0], flag="F", unit=unit)
        step()
    first, second = number(office.gas, "NOx"), number(office.waste, "COD")
    later.work_off()
    put_hours(office.gas, "NOx", START, [21.0], flag="F", origin=9)
    step()
    assert list(QualityDue.objects.order_by("pk").values_list("series", flat=True)) == [second, first]
    later.work_off()
    assert list(QualityDue.objects.values_list("series", flat=True)) == [first]
