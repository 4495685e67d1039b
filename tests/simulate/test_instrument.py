"""What the loggers show of what happens: each kind of truth leaves its mark, and chunks do not matter."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from qingyuan.simulate.calendar import DAY, HOUR
from qingyuan.simulate.county import County, build_county
from qingyuan.simulate.events import Event, EventKind
from qingyuan.simulate.instrument import STEP, Instruments
from qingyuan.simulate.intervals import Intervals, roll_up
from qingyuan.simulate.records import Device, Outlet


def device_at(county: County, point: str) -> Device:
    return next(one for one in county.devices if any(channel.point == point for channel in one.channels))


def outlet_at(county: County, point: str) -> Outlet:
    return next(one for one in county.outlets if one.code == point)


def first(events: tuple[Event, ...], kind: EventKind, *, is_outlet: bool = True) -> Event:
    return next(event for event in events if event.kind is kind and (event.point[0] == "D") == is_outlet)


def hours(instruments: Instruments, device: Device, start: int, end: int) -> Intervals:
    start, end = start // HOUR * HOUR, -(-end // HOUR) * HOUR
    outlets = {one.code: one.reference_o2 for one in instruments.county.outlets}
    return roll_up(device, instruments.samples(device, start, end), HOUR, outlets.get(device.point))


def row_of(device: Device, factor: str) -> int:
    return [channel.factor for channel in device.channels].index(factor)


def digest(instruments: Instruments, start: int, days: int) -> str:
    seen = hashlib.sha256()
    for device in instruments.county.devices:
        samples = instruments.samples(device, start, start + days * DAY)
        seen.update(samples.values.tobytes() + samples.flags.tobytes())
    return seen.hexdigest()


def test_the_same_seed_gives_the_same_digest(instruments: Instruments, events: tuple[Event, ...], anchor: int):
    again = Instruments(build_county(1), events)
    assert digest(again, anchor // DAY * DAY, 2) == digest(instruments, anchor // DAY * DAY, 2)


@pytest.mark.parametrize("kind", list(STEP))
def test_a_value_does_not_depend_on_the_chunk_it_is_asked_in(
    instruments: Instruments, county: County, anchor: int, kind: str
):
    device = next(one for one in county.devices if one.kind == kind)
    start = anchor // DAY * DAY - DAY
    whole = instruments.samples(device, start, start + 2 * DAY)
    pieces = [instruments.samples(device, at, at + 4 * HOUR) for at in range(start, start + 2 * DAY, 4 * HOUR)]
    assert np.array_equal(whole.starts, np.concatenate([piece.starts for piece in pieces]))
    assert np.allclose(whole.values, np.concatenate([piece.values for piece in pieces], axis=1), atol=2e-4)
    assert np.array_equal(whole.flags, np.concatenate([piece.flags for piece in pieces], axis=1))


def test_outside_events_no_outlet_exceeds_its_hour_limit(
    instruments: Instruments, county: County, events: tuple[Event, ...], anchor: int
):
    start, end = (anchor - 14 * DAY) // HOUR * HOUR, anchor // HOUR * HOUR
    for device in county.devices:
        if device.kind not in ("gas", "water"):
            continue
        own = [event for event in events if event.point == device.point]
        intervals = hours(instruments, device, start, end)
        for limit in outlet_at(county, device.point).limits:
            values = intervals.statistics[limit.statistic][row_of(device, limit.factor)]
            for at in intervals.starts[values > float(limit.upper)].tolist():
                assert any(event.start < at + HOUR and event.end > at for event in own), (device.point, at)


def test_a_real_exceedance_shows_in_normal_hours(instruments: Instruments, county: County, events: tuple[Event, ...]):
    event = next(one for one in events if one.kind is EventKind.EXCEEDANCE and one.label_zh.startswith("脱硝"))
    device = device_at(county, event.point)
    intervals = hours(instruments, device, event.start + HOUR, event.end - HOUR)
    limit = next(one for one in outlet_at(county, event.point).limits if one.factor == event.factors[0])
    row = row_of(device, limit.factor)
    assert (intervals.statistics[limit.statistic][row] > float(limit.upper)).any()
    assert set(intervals.flags[row].tolist()) == {ord("N")}


@pytest.mark.parametrize(
    ("kind", "flag"),
    [(EventKind.MAINTENANCE, "M"), (EventKind.CALIBRATION, "C"), (EventKind.SHUTDOWN, "F")],
)
def test_an_honest_device_flags_its_hours(
    instruments: Instruments, county: County, events: tuple[Event, ...], kind: EventKind, flag: str
):
    event = first(events, kind)
    device = device_at(county, event.point)
    factor = event.factors[0] if event.factors else outlet_at(county, event.point).limits[0].factor
    samples = instruments.samples(device, event.start + HOUR // 2, event.end)
    letters = set(samples.flags[row_of(device, factor)].tolist())
    assert ord(flag) in letters


@pytest.mark.parametrize("flag", ["D", "B"])
def test_a_fault_is_flagged_as_fault_or_lost_contact(
    instruments: Instruments, county: County, events: tuple[Event, ...], flag: str
):
    event = next(one for one in events if one.kind is EventKind.INSTRUMENT_FAULT and one.flag == flag)
    device = device_at(county, event.point)
    row = row_of(device, event.factors[0])
    samples = instruments.samples(device, event.start, event.end)
    assert set(samples.flags[row].tolist()) == {ord(flag)}
    assert len(set(samples.values[row].tolist())) == 1


def meter_means(instruments: Instruments, county: County, event: Event, start: int, end: int) -> tuple[float, float]:
    meters = {meter.unit: meter for meter in county.power_meters if meter.outlet == event.point}
    device = device_at(county, meters["production"].code)
    samples = instruments.samples(device, start, end)
    return tuple(  # type: ignore[return-value]
        float(samples.values[row_of(device, meters[unit].factor)].mean()) for unit in ("production", "treatment")
    )


@pytest.mark.parametrize("kind", [EventKind.TREATMENT_OFF, EventKind.NIGHT_BYPASS])
def test_the_meters_show_that_treatment_rests_while_production_runs(
    instruments: Instruments, county: County, events: tuple[Event, ...], kind: EventKind
):
    event = first(events, kind)
    usual = meter_means(instruments, county, event, event.start - 2 * HOUR, event.start - HOUR // 2)
    meanwhile = meter_means(instruments, county, event, event.start + HOUR, event.end - HOUR)
    assert meanwhile[1] / meanwhile[0] < 0.6 * usual[1] / usual[0]


def test_a_bypass_sends_less_through_the_outlet_and_more_into_the_river(
    instruments: Instruments, county: County, events: tuple[Event, ...]
):
    event = next(one for one in events if one.kind is EventKind.NIGHT_BYPASS and one.point.startswith("DW"))
    model = instruments.model(event.point)
    middle = np.array([(event.start + event.end) // 2], dtype=np.int64)
    before = middle - 12 * HOUR  # in the day shift
    factor = model.outlet.typical_share[0][0]
    assert model.state(middle).flow[0] < 0.6 * model.state(before).flow[0]
    assert model.state(middle).released[factor][0] > 2 * model.state(before).released[factor][0]


def test_tampering_hides_behind_normal_flags(instruments: Instruments, county: County, events: tuple[Event, ...]):
    for kind in (EventKind.TAMPERING_STUCK, EventKind.TAMPERING_CLIP, EventKind.TAMPERING_PARAMETER):
        event = next(one for one in events if one.kind is kind)
        assert not event.is_honest
        device = device_at(county, event.point)
        row = row_of(device, event.factors[0])
        samples = instruments.samples(device, event.start + HOUR, event.end - HOUR)
        running = samples.flags[row] != ord("F")
        assert set(samples.flags[row][running].tolist()) <= {ord("N")}
        if kind is EventKind.TAMPERING_STUCK:
            assert len(set(samples.values[row].tolist())) == 1
        if kind is EventKind.TAMPERING_CLIP:
            at = samples.starts + STEP["gas"] // 2
            true = instruments.model(event.point).state(at).concentrations[event.factors[0]]
            assert samples.values[row].mean() < 0.85 * true.mean()
        if kind is EventKind.TAMPERING_PARAMETER:
            at = samples.starts + STEP["gas"] // 2
            true = instruments.model(event.point).state(at).concentrations[event.factors[0]]
            assert samples.values[row].mean() / true.mean() == pytest.approx(event.level, rel=0.02)


def test_start_up_runs_with_much_oxygen_and_high_converted_values(
    instruments: Instruments, county: County, events: tuple[Event, ...]
):
    event = first(events, EventKind.START_UP)
    device = device_at(county, event.point)
    samples = instruments.samples(device, event.start, event.start + HOUR)
    assert samples.values[row_of(device, "a19001")].mean() > outlet_at(county, event.point).reference_o2 + 4


def test_air_is_worse_downwind_of_the_stacks_than_without_them(instruments: Instruments, county: County, anchor: int):
    at = np.arange(anchor // HOUR * HOUR - 5 * DAY, anchor // HOUR * HOUR, HOUR, dtype=np.int64)
    ambient = instruments._ambient  # the model itself, below the instruments' noise
    with_stacks = ambient.hours(at)
    ambient_stacks, ambient._stacks = ambient._stacks, []
    height, east, north = ambient._height, ambient._east, ambient._north
    ambient._height, ambient._east, ambient._north = height[:0], east[:0], north[:0]
    without = ambient.hours(at)
    ambient._stacks, ambient._height, ambient._east, ambient._north = ambient_stacks, height, east, north
    added = {code: with_stacks[code]["a21004"] - without[code]["a21004"] for code in with_stacks}
    assert all((values >= 0).all() for values in added.values())
    assert max(values.max() for values in added.values()) > 0.5


def test_waste_water_exceeds_its_day_mean_where_the_script_says_so_and_only_there(
    instruments: Instruments, county: County, events: tuple[Event, ...], anchor: int
):
    border = (anchor + 8 * HOUR) // DAY * DAY - 8 * HOUR  # Beijing midnight
    start, kinds, seen = border - 20 * DAY, {EventKind.EXCEEDANCE, EventKind.TREATMENT_OFF}, set()
    for device in county.devices:
        if device.kind != "water":
            continue
        days = roll_up(device, instruments.samples(device, start, border), DAY, None)
        for limit in outlet_at(county, device.point).limits:
            values = days.statistics["Avg"][row_of(device, limit.factor)]
            for at in days.starts[values > float(limit.upper)].tolist():
                own = [one for one in events if one.point == device.point and one.start < at + DAY and one.end > at]
                assert {one.kind for one in own} & (kinds | {EventKind.CALIBRATION, EventKind.NIGHT_BYPASS}), at
                seen |= {one.label_zh for one in own}
    assert "生化系统受冲击，COD 日均值超标" in seen
    assert "曝气不足，氨氮、总氮日均值超标" in seen
