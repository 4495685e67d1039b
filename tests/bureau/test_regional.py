"""One regional hour over many stations is one alert; what a row shows tells which side of its bound it lies on."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bureau.office import Office, make_point, put_hours
from moment import NOW
from qingyuan.bureau.alerts.actions.acknowledge import acknowledge
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.alerts.policies import listed_alerts
from qingyuan.bureau.alerts.queries.pages import listed_rows, open_by_rule
from qingyuan.bureau.base import display
from qingyuan.bureau.cases.actions.automatic import leads_from_lasting_alerts
from qingyuan.bureau.loop import step
from qingyuan.bureau.registers.models import Point, Station

HOUR = NOW.replace(minute=0) - timedelta(hours=6)


def stations(office: Office, count: int) -> list[Point]:
    made = [office.air]
    for n in range(1, count):
        point = make_point(f"AIR{n}", "air", office.south if n % 2 else office.north)
        Station.objects.create(point=point, kind="standard")
        made.append(point)
    return made


def dirty(point: Point, hour: int, value: float = 200.0, origin: int = 1) -> None:
    put_hours(point, "PM2_5", HOUR + timedelta(hours=hour), [value], unit="ug/m3", origin=origin)


def clean(point: Point, hour: int, origin: int) -> None:
    dirty(point, hour, 20.0, origin)
    for item, value in (("PM10", 30.0), ("SO2", 8.0), ("NO2", 30.0), ("O3", 90.0)):
        put_hours(point, item, HOUR + timedelta(hours=hour), [value], unit="ug/m3", origin=origin)
    put_hours(point, "CO", HOUR + timedelta(hours=hour), [0.8], origin=origin)


def heads() -> dict[str, str | None]:
    return {a.subject: a.head.subject if a.head else None for a in Alert.objects.select_related("head")}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=lambda o: "".join(map(str, o)))
def test_seven_stations_at_one_hour_are_one_alert(office: Office, order: tuple[int, ...]) -> None:
    """A dust front over seven stations was seven alerts in the list, seven in the count and seven leads."""
    points = stations(office, 7)
    parts = [points[:1], points[1:4], points[4:]]
    for place in order:
        for point in parts[place]:
            dirty(point, 0)
            dirty(point, 1, 190.0, 2)
            dirty(point, 2, 190.0, 3)
        step()
    assert Alert.objects.count() == 7
    assert heads() == {p.code: None if p is office.air else "AIR" for p in points}
    chief = office["chief"]
    (row,) = listed_rows(chief)
    assert (row.subject, row.stations) == ("AIR", 7)
    assert {rule: n for rule, _word, n in open_by_rule(chief)}["aqi"] == 1
    (lead,) = leads_from_lasting_alerts()
    assert lead.title.endswith("，等 7 个站点")
    acknowledge(chief, row, "沙尘")
    assert Alert.objects.filter(acknowledged_at=None).count() == 0


def test_stations_at_other_hours_stand_for_themselves(office: Office) -> None:
    first, second = stations(office, 2)
    dirty(first, 0)
    clean(first, 1, 2)
    dirty(second, 2)
    step()
    assert heads() == {"AIR": None, "AIR1": None}
    dirty(first, 2, 200.0, 3)  # the first again, within its hold: now both run at one hour
    step()
    assert heads() == {"AIR": None, "AIR1": "AIR"}
    clean(first, 2, 4)
    step()
    assert heads() == {"AIR": None, "AIR1": None}


def test_a_town_that_does_not_see_the_head_sees_its_own(office: Office, client: Client) -> None:
    north, south = stations(office, 2)
    for point in (north, south):
        dirty(point, 0)
    step()
    assert [a.subject for a in listed_alerts(office["south"])] == ["AIR1"]
    assert [a.subject for a in listed_alerts(office["chief"])] == ["AIR"]
    client.force_login(office["chief"])
    told = client.get("/api/v1/alerts", {"rule": "aqi"}).json()
    assert [row["subject"] for row in told["items"]] == ["AIR"]
    assert len(client.get("/api/v1/alerts", {"rule": "aqi", "parts": "true"}).json()["items"]) == 2
    page = client.get(reverse("alerts:alert", args=[Alert.objects.get(subject="AIR").pk])).content.decode()
    assert "同一时段的其他站点" in page


@pytest.mark.parametrize(
    ("value", "bound", "decimals", "shown"),
    [
        pytest.param(35.2, 35.0, 0, "35.2", id="tenth"),
        pytest.param(35.004, 35.0, 0, "35.004", id="thousandth"),
        pytest.param(48.0, 35.0, 0, "48", id="plain"),
        pytest.param(35.0, 35.0, 0, "35", id="equal"),
        pytest.param(0.2001, 0.2, 2, "0.2001", id="phosphorus"),
    ],
)
def test_digits_that_tell(value: float, bound: float, decimals: int, shown: str) -> None:
    """An alert read "35 / 35, 0.01 times over"."""
    assert display.number_text(value, display.telling(value, bound, decimals)) == shown


@pytest.mark.parametrize(
    ("limit", "shown"), [("≤35 mg/m3", "35.2"), ("6~9", "35"), ("30~35 mg/m3", "35.2"), ("", "35")]
)
def test_digits_beside_a_limit_in_words(limit: str, shown: str) -> None:
    assert display.number_text(35.2, display.telling_of(35.2, limit, 0)) == shown


@pytest.mark.parametrize(
    ("multiple", "shown"), [(0.00571, "0.01"), (0.0004, "0.0004"), (1.5, "1.50"), (0.0, "0.00"), (None, "—")]
)
def test_a_multiple_is_never_nothing(multiple: float | None, shown: str) -> None:
    assert display.multiple_text(multiple) == shown


def test_rows_say_the_hour_the_digits_and_the_class(office: Office, client: Client) -> None:
    """A section's alert read "4 / 3"; a boiler's said neither of which hour it spoke nor by how much it was over."""
    put_hours(office.gas, "NOx", HOUR, [50.2])
    for item, value in (("TP", 0.25), ("NH3N", 0.1), ("CODMn", 2.0), ("DO", 9.0)):
        put_hours(office.section, item, HOUR, [value], unit="mg/L", hours=4)
    step()
    client.force_login(office["chief"])
    page = client.get(reverse("alerts:alerts")).content.decode()
    assert "50.2 / 50" in page
    assert "Ⅳ / Ⅲ" in page
    for alert in Alert.objects.all():
        assert "11月" in alert.title, alert.title
        assert "时 " in alert.title, alert.title
