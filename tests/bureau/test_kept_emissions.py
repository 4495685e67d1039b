"""Emitted mass is kept by day and summed: the same figures as from the hours, whatever came in what order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from bureau.office import Office, put_hours, put_limit
from moment import NOW
from qingyuan.bureau.loop import note_day_ended, step
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.actions import kept_emissions
from qingyuan.bureau.values.actions.kept_emissions import standing_emissions, work_off
from qingyuan.bureau.values.actions.tags import tag
from qingyuan.bureau.values.models import EmissionDue, KeptEmission
from qingyuan.bureau.values.queries.emissions import Emission, emissions

QUARTER = datetime(2026, 9, 30, 16, tzinfo=UTC)
BEFORE = QUARTER - timedelta(days=40)
SO_FAR = 51 * 24 + 8
SPANS = [
    (date(2026, 10, 1), date(2026, 12, 31), by) for by in ("day", "month", "quarter", "all")
] + [(date(2026, 1, 1), date(2026, 12, 31), "year"), (date(2026, 11, 3), date(2026, 11, 17), "all"),
     (date(2026, 9, 20), date(2026, 10, 5), "day")]  # fmt: skip


def told(rows: list[Emission]) -> list[tuple[object, ...]]:
    def plain(x: float | None) -> float | None:
        return None if x is None else round(x, 6)

    return [(e.outlet.pk, e.item, e.first, e.last, plain(e.mass), plain(e.measured), plain(e.substituted), e.hours)
            for e in rows]  # fmt: skip


def all_outlets() -> list[Outlet]:
    return list(Outlet.objects.select_related("point", "enterprise").order_by("point__code"))


def agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept says what the hours say, without asking them."""
    wanted = {(first, last, by): told(emissions(all_outlets(), first, last, by)) for first, last, by in SPANS}
    with monkeypatch.context() as patch:
        patch.setattr(kept_emissions, "emissions", _not_asked)
        for first, last, by in SPANS:
            found = standing_emissions(all_outlets(), first, last, by)
            assert told(found.rows) == wanted[first, last, by], (first, last, by)
            assert found.until is not None


def _not_asked(*_: object) -> list[Emission]:
    raise AssertionError("the hours were asked although all is kept")


def catch_up() -> None:
    step()
    while work_off():
        continue


@pytest.fixture
def running(office: Office) -> Office:
    """Two outlets with some weeks of hours, a gap, a stop of one, and hours of the quarter before."""
    for begin, count, origin in ((BEFORE, 40 * 24, 1), (QUARTER, SO_FAR - 5, 3000)):
        put_hours(office.gas, "NOx", begin, [40.0 + n % 7 for n in range(count)], origin=origin)
        put_hours(office.gas, "flue_flow", begin, [10.0] * count, unit="m3/s", origin=origin + 10_000)
    put_hours(office.gas, "NOx", QUARTER + timedelta(hours=100), [None] * 5, origin=20_000)
    put_hours(office.waste, "CODCr", QUARTER, [30.0] * 200, unit="mg/L", origin=30_000)
    put_hours(office.waste, "flow", QUARTER, [12.0] * 200, unit="m3/h", origin=40_000)
    return office


def test_kept_days_say_what_the_hours_say(running: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of emissions took seconds and kept the sign-in page waiting: every look worked out all hours anew."""
    catch_up()
    agree(monkeypatch)


@pytest.mark.parametrize("late", ["hour", "before", "gap", "tag", "limit", "day"])
def test_what_comes_later_is_in_it(
    running: Office, monkeypatch: pytest.MonkeyPatch, clock_at: Callable[[datetime], None], late: str
) -> None:
    catch_up()
    gas = running.gas
    if late == "hour":
        put_hours(gas, "NOx", QUARTER + timedelta(hours=SO_FAR - 5), [80.0, 81.0], origin=50_000)
    elif late == "before":  # hours of a quarter before bear on the gap of this one
        put_hours(gas, "NOx", BEFORE, [500.0] * 900, origin=50_000)
    elif late == "gap":
        put_hours(gas, "NOx", QUARTER + timedelta(hours=100), [90.0] * 5, origin=50_000)
    elif late == "tag":
        begin = NOW.replace(minute=0) - timedelta(hours=6)
        tag(running["firm"], running.gas_outlet, "维护", begin, begin + timedelta(hours=2))
    elif late == "limit":
        put_hours(gas, "SO2", QUARTER, [20.0] * 50, origin=50_000)
        catch_up()
        put_limit(running.gas_outlet, "SO2", 35, "hour", "mg/m3", valid_from=date(2026, 1, 1))
    else:
        clock_at(NOW + timedelta(days=1))
        note_day_ended(date(2026, 11, 21))
    if late != "limit":
        assert EmissionDue.objects.filter(outlet=running.gas_outlet).exists() or step().marks
        catch_up()
        agree(monkeypatch)
    wanted = emissions(all_outlets(), date(2026, 10, 1), date(2026, 12, 31), "all")
    found = standing_emissions(all_outlets(), date(2026, 10, 1), date(2026, 12, 31), "all")
    assert told(found.rows) == told(wanted)


def test_what_is_due_is_worked_out_on_the_spot(running: Office) -> None:
    """Nothing stale is shown as if it stood: an outlet that is due is asked anew, the others are read."""
    catch_up()
    put_hours(running.gas, "NOx", QUARTER, [400.0], origin=60_000)
    step()
    first, last = date(2026, 10, 1), date(2026, 12, 31)
    found = standing_emissions(all_outlets(), first, last, "month")
    assert told(found.rows) == told(emissions(all_outlets(), first, last, "month"))
    KeptEmission.objects.update(rule_digest="another")
    assert told(standing_emissions(all_outlets(), first, last, "month").rows) == told(found.rows)
    EmissionDue.objects.all().delete()
    KeptEmission.objects.all().delete()
    bare = standing_emissions(all_outlets(), first, last, "month")
    assert (told(bare.rows), bare.until) == (told(found.rows), None)


def test_page_and_api_say_up_to_when(running: Office, client: Client) -> None:
    catch_up()
    client.force_login(running["chief"])
    answer = client.get("/api/v1/emissions", {"since": "2026-10-01", "to": "2026-12-31"}).json()
    assert answer["until"] is not None
    assert {row["outlet"] for row in answer["items"]} == {"GAS", "WASTE"}
    assert "截至" in client.get("/books/emissions/").content.decode()
