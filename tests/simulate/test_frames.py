"""Frames: right by our own codec, at the right time, the same in any stretch, and true to the samples."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from qingyuan.hj212 import Frame, Framer, Message, decode, number
from qingyuan.simulate.calendar import DAY, HOUR
from qingyuan.simulate.county import County
from qingyuan.simulate.events import Event, EventKind
from qingyuan.simulate.frames import DAILY, HOURLY, MINUTE, REALTIME, Cadence, Sending, Speaker, interval_length
from qingyuan.simulate.records import Device

KINDS = ("gas", "water", "air", "river", "power")


def one_of(county: County, kind: str) -> Device:
    return next(device for device in county.devices if device.kind == kind)


def read(sending: Sending) -> tuple[Frame, Message]:
    (frame,) = Framer().feed(sending.raw)
    assert isinstance(frame, Frame)
    return frame, decode(frame)


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_is_a_valid_2017_frame(speaker: Speaker, county: County, anchor: int, kind: str):
    device = one_of(county, kind)
    sendings = speaker.sendings(device, anchor - 26 * HOUR, anchor)
    for sending in sendings:
        frame, message = read(sending)
        assert message.deviations == ()
        assert (frame.mn, frame.st, frame.cn, frame.qn) == (device.mn, device.st, sending.cn, sending.qn)
        assert frame.edition == "2017"
        assert frame.wants_answer
        assert set(message.items) == {channel.factor for channel in device.channels}
        assert message.data_time is not None
        assert message.data_time.timestamp() <= sending.at
        for subs in message.items.values():
            assert subs["Flag"] in "NFMSDCTB"
            assert all(number(text) for sub, text in subs.items() if sub != "Flag")
    assert len({sending.qn for sending in sendings}) == len(sendings)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("gas", {REALTIME: 1440, MINUTE: 1440, HOURLY: 24, DAILY: 1}),
        ("water", {REALTIME: 720, MINUTE: 144, HOURLY: 24, DAILY: 1}),
        ("air", {REALTIME: 288, HOURLY: 24}),
        ("river", {REALTIME: 48, HOURLY: 6}),
        ("power", {REALTIME: 288, MINUTE: 144, HOURLY: 24, DAILY: 1}),
    ],
)
def test_a_day_has_its_number_of_frames(
    speaker: Speaker, county: County, anchor: int, kind: str, expected: dict[str, int]
):
    sendings = speaker.sendings(one_of(county, kind), anchor - 20 * DAY, anchor - 19 * DAY)
    assert Counter(sending.cn for sending in sendings) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_stretches_join_without_gap_or_double(speaker: Speaker, county: County, anchor: int, kind: str):
    device = one_of(county, kind)
    start = anchor - 9 * HOUR
    whole = speaker.sendings(device, start, anchor)
    cuts = [start, start + 1, start + 3600, start + 3661, start + 5 * HOUR + 7, anchor]
    joined = [one for a, b in pairwise(cuts) for one in speaker.sendings(device, a, b)]
    assert joined == whole
    assert all(start <= sending.at < anchor for sending in whole)


def test_no_frame_speaks_of_the_future(speaker: Speaker, county: County, anchor: int):
    for device in county.devices[::7]:
        for sending in speaker.sendings(device, anchor - 5 * HOUR, anchor):
            _, message = read(sending)
            length = {HOURLY: HOUR, DAILY: DAY, MINUTE: 60}.get(sending.cn, 0)
            assert message.data_time is not None
            assert message.data_time.timestamp() + length <= sending.at < anchor


def test_the_hour_is_the_mean_of_its_minutes(speaker: Speaker, county: County, anchor: int):
    device = one_of(county, "gas")
    start = (anchor - 40 * HOUR) // HOUR * HOUR
    minutes = [
        read(one)[1].items["a21002"]
        for one in speaker.sendings(device, start, start + HOUR + 300, Cadence(frozenset({MINUTE})))
        if start <= read(one)[1].data_time.timestamp() < start + HOUR
    ]
    (hour,) = (
        read(one)[1].items["a21002"]
        for one in speaker.sendings(device, start + HOUR, start + HOUR + 300, Cadence(frozenset({HOURLY})))
    )
    assert len(minutes) == 60
    mean = sum(float(one["Avg"]) for one in minutes) / 60
    assert float(hour["Avg"]) == pytest.approx(mean, abs=0.1)
    assert float(hour["Min"]) <= min(float(one["Avg"]) for one in minutes) + 0.05
    assert float(hour["ZsAvg"]) == pytest.approx(sum(float(one["ZsAvg"]) for one in minutes) / 60, abs=0.1)


def loss(events: tuple[Event, ...], anchor: int, is_resent: bool) -> Event:
    return next(
        event
        for event in events
        if event.kind is EventKind.COMMUNICATION_LOSS and event.is_resent is is_resent and event.end < anchor
    )


def test_a_communication_loss_is_silence(speaker: Speaker, county: County, events: tuple[Event, ...], anchor: int):
    event = loss(events, anchor, is_resent=False)
    device = next(one for one in county.devices if one.point == event.point)
    assert speaker.sendings(device, event.start, event.end) == []
    around = speaker.sendings(device, event.start - DAY, event.end + DAY, Cadence(frozenset({HOURLY})))
    missing = (event.end + DAY - event.start + DAY) // HOUR - len(around)
    assert missing == pytest.approx((event.end - event.start) / HOUR, abs=1)


def test_a_logger_that_keeps_its_data_sends_them_after_the_loss(
    speaker: Speaker, county: County, events: tuple[Event, ...], anchor: int
):
    event = loss(events, anchor, is_resent=True)
    device = next(one for one in county.devices if one.point == event.point)
    assert speaker.sendings(device, event.start, event.end) == []
    after = speaker.sendings(device, event.end, event.end + HOUR, Cadence(frozenset({HOURLY})))
    starts = sorted(read(one)[1].data_time.timestamp() for one in after)
    assert len(starts) >= (event.end - event.start) // HOUR
    assert len({one.qn for one in after}) == len(after)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_logger_holds_is_what_it_sent(speaker: Speaker, county: County, anchor: int, kind: str):
    device = next(d for d in county.devices if d.kind == kind and not speaker.losses(d, anchor - 26 * HOUR, anchor))
    first, last = anchor - 20 * HOUR, anchor - 10 * HOUR
    sent = speaker.sendings(device, anchor - 26 * HOUR, anchor, Cadence(frozenset({HOURLY})))
    wanted = [s for s in sent if first <= begin_of(s) <= last]
    assert wanted
    assert speaker.stored(device, HOURLY, first, last, anchor) == wanted
    assert [begin_of(s) <= last for s in speaker.stored(device, HOURLY, first, anchor + DAY, anchor)].count(
        True
    ) == len(wanted)
    assert all(s.at <= anchor for s in speaker.stored(device, HOURLY, first, anchor + DAY, anchor))
    assert speaker.stored(device, REALTIME, first, last, anchor) == []


def begin_of(sending: Sending) -> int:
    """The beginning of the period that a frame reports."""
    _, message = read(sending)
    assert message.data_time is not None
    return int(message.data_time.timestamp())


def test_what_a_loss_kept_from_us_the_logger_still_holds(
    speaker: Speaker, county: County, events: tuple[Event, ...], anchor: int
):
    loss = next(e for e in events if e.kind is EventKind.COMMUNICATION_LOSS and not e.is_resent and e.end < anchor)
    device = next(
        d for d in county.devices if loss in speaker.losses(d, loss.start, loss.end) and interval_length(d.kind, HOURLY)
    )
    first, last = loss.start - HOUR, loss.end
    sent = {s.qn for s in speaker.sendings(device, loss.start - HOUR, loss.end + DAY, Cadence(frozenset({HOURLY})))}
    assert {s.qn for s in speaker.stored(device, HOURLY, first, last, anchor)} - sent
