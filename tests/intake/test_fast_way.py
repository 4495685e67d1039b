"""What is found out once about a structure gives the same readings as looking at every value; pacing loses nothing."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.frames import MN, RECEIVED, frame
from qingyuan.hj212 import Known, Message
from qingyuan.intake import message_readings, pacing
from qingyuan.intake.batch import decoded_of
from qingyuan.intake.journal import Record, RecordKind
from qingyuan.intake.message_readings import ChannelMap, DeviceMap, readings_of
from qingyuan.intake.pacing import PacedSelector
from qingyuan.intake.sentinels import Sentinels
from qingyuan.readings import NewReading
from qingyuan.rules import rule_book

SENTINELS = Sentinels(rule_book())
DEVICE = DeviceMap(MN, "P", 600, {"a21002": ChannelMap("P", "NOx", "mg/m3"), "a21026": ChannelMap("Q", "SO2", "ug/m3")})
NUMBERS = st.sampled_from(["0", "41.50", "-99", "-999.0", "999", "-9999", "1e3", "000.10", "7", "99999999999999999999"])
ITEMS = st.lists(
    st.tuples(
        st.sampled_from(["a21002", "a21026", "a34013", "w01018", "zz9"]),
        st.lists(st.sampled_from(["Rtd", "Avg", "Min", "Max", "Cou", "ZsAvg", "Foo", "SampleTime"]), min_size=1, unique=True),
        st.sampled_from(["N", "D", "", "F"]),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda item: item[0],
)  # fmt: skip


def message(items: list[tuple[str, list[str], str]], values: list[str], cn: str) -> Message:
    given_values = iter(values)
    parts = []
    for code, subs, flag in items:
        fields = [f"{code}-{sub}={next(given_values, '1')}" for sub in subs]
        parts.append(",".join([*fields, *([f"{code}-Flag={flag}"] if flag else [])]))
    raw = frame(";".join(parts), cn=cn)
    at = int(RECEIVED.timestamp() * 1e6)
    found: Any = None
    for _ in range(3):  # the third time its structure is known and it is read in columns
        (found,) = decoded_of([Record(7, 8, RecordKind.FRAME, raw, "p", at, 0)], lambda mn: Known()).values()
    assert found.message is not None
    made: Message = found.message
    return made


def readings(told: Message, device: DeviceMap, grain: str) -> list[NewReading]:
    return list(readings_of(told, device, grain, 7, int(RECEIVED.timestamp()), SENTINELS))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(items=ITEMS, values=st.lists(NUMBERS, max_size=12), kind=st.sampled_from([("2011", "raw"), ("2061", "hour")]))
def test_the_way_that_was_found_out_gives_the_same(
    items: list[tuple[str, list[str], str]], values: list[str], kind: tuple[str, str]
) -> None:
    cn, grain = kind
    told = message(items, values, cn)
    if told.data_time is None:
        return
    fresh = replace(DEVICE, opened=set(), channels=dict(DEVICE.channels))
    slowly = readings(told, fresh, grain)
    again = readings(told, fresh, grain)
    assert [tuple(r) for r in again] == [tuple(r) for r in slowly]
    other = message(items, values[::-1], cn)
    if other.data_time is not None:
        alone = replace(DEVICE, opened=set(), channels=dict(DEVICE.channels))
        assert readings(other, fresh, grain) == readings(other, alone, grain)


def test_a_plain_structure_is_found_out_once() -> None:
    """The test above must not silently compare the slow way with itself."""
    device = replace(DEVICE, opened=set(), channels=dict(DEVICE.channels))
    told = message([("a21002", ["Rtd"], "N"), ("a21026", ["Rtd"], "D")], ["41.50", "7"], "2011")
    readings(told, device, "raw")
    assert not device.plans
    readings(told, device, "raw")
    ((places, _),) = [(plan, key) for key, plan in device.plans.items()]
    assert [(p.key.item, p.unit) for p in places] == [("NOx", "mg/m3"), ("SO2", "ug/m3")]
    assert not replace(device, minute_seen=60).plans, "another map of the device finds out for itself"


def test_not_more_structures_are_kept_than_a_device_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_readings, "_MOST_PLANS", 2)
    device = replace(DEVICE, opened=set(), channels=dict(DEVICE.channels))
    for subs in (["Rtd"], ["Avg"], ["Min"], ["Max"]):
        told = message([("a21002", subs, "N")], ["1"], "2011")
        readings(told, device, "raw")
        readings(told, device, "raw")
    assert 1 <= len(device.plans) <= 2


class TestPacing:
    def test_what_comes_in_the_pause_is_told_with_the_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pairs = [socket.socketpair() for _ in range(3)]
        selector = PacedSelector()
        for here, _ in pairs:
            selector.register(here, 1)
        pairs[0][1].send(b"a")
        monkeypatch.setattr(pacing.time, "sleep", lambda _seconds: pairs[1][1].send(b"b"))
        assert {key.fileobj for key, _ in selector.select(1)} == {pairs[0][0], pairs[1][0]}
        for pair in pairs:
            for end in pair:
                end.close()
        selector.close()

    def test_many_are_not_waited_for_and_none_is_no_pause(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pacing, "ENOUGH", 1)
        monkeypatch.setattr(pacing.time, "sleep", lambda _seconds: pytest.fail("it must not wait"))
        here, there = socket.socketpair()
        selector = PacedSelector()
        selector.register(here, 1)
        assert selector.select(0) == []
        threading.Thread(target=there.send, args=(b"x",)).start()
        assert [key.fileobj for key, _ in selector.select(5)] == [here]
        here.close()
        there.close()
        selector.close()
