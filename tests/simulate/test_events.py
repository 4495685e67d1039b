"""The script: every kind of truth, spread over the month, some of it on the day and some still to come."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import qingyuan
from qingyuan.simulate.calendar import DAY, HOUR
from qingyuan.simulate.county import County
from qingyuan.simulate.events import Event, EventKind, build_script, write_truth


def test_every_kind_of_truth_happens_in_the_month_before(events: tuple[Event, ...], anchor: int):
    before = [event for event in events if anchor - 30 * DAY <= event.start < anchor]
    assert {event.kind for event in before} == set(EventKind)
    assert sum(event.end > anchor - DAY for event in before) >= 8


def test_a_live_demonstration_soon_shows_something(events: tuple[Event, ...], anchor: int):
    soon = [event for event in events if event.start < anchor + HOUR // 2 and event.end > anchor + HOUR // 2]
    assert EventKind.EXCEEDANCE in {event.kind for event in soon}
    assert EventKind.COMMUNICATION_LOSS in {event.kind for event in soon}
    later = {event.kind for event in events if event.start > anchor + 10 * DAY}
    assert {EventKind.EXCEEDANCE, EventKind.COMMUNICATION_LOSS} <= later


def test_the_script_follows_its_anchor(county: County, events: tuple[Event, ...], anchor: int):
    at = datetime.fromtimestamp(anchor, UTC)
    assert build_script(county, at) == events
    assert build_script(county, at.replace(hour=3)) != events


def test_every_event_is_at_a_place_of_the_county(county: County, events: tuple[Event, ...]):
    places = {channel.point for device in county.devices for channel in device.channels}
    assert {event.point for event in events} <= places
    assert all(event.end > event.start for event in events)


def test_treatment_off_and_bypass_happen_where_meters_are(county: County, events: tuple[Event, ...]):
    metered = {meter.outlet for meter in county.power_meters}
    for event in events:
        if event.kind in (EventKind.TREATMENT_OFF, EventKind.NIGHT_BYPASS):
            assert event.point in metered, event


def test_the_truth_file_says_all_of_it(tmp_path: Path, county: County, events: tuple[Event, ...]):
    write_truth(tmp_path / "truth.jsonl", county, events)
    rows = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len(events)
    assert {row["kind"] for row in rows} == {str(kind) for kind in EventKind}
    assert all(len(row["mn"]) == 24 for row in rows)


def test_nothing_but_the_simulator_names_the_truth_file():
    package = Path(qingyuan.__file__).parent
    named = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "truth.jsonl" in path.read_text(encoding="utf-8")
    ]
    assert named == ["simulate/player.py"]
