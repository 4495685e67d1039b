"""Conformance: what changed is marked, and a mark is only forgotten when nothing changed since it was read."""

from __future__ import annotations

from qingyuan.readings import NewReading, Store
from readings.samples import HOUR, KEY, T0, reading


def test_each_changed_hour_is_marked_once(store: Store) -> None:
    store.append([reading(0), reading(1)])
    store.append([reading(1, 2.0, origin=2)])
    assert [m.hour for m in store.dirty_since(10)] == [T0, T0 + HOUR]


def test_repeat_marks_nothing(store: Store) -> None:
    store.append([reading(0)])
    store.settle(store.dirty_since(10))
    store.append([reading(0)])
    assert store.dirty_since(10) == []


def test_settled_mark_is_gone(store: Store) -> None:
    store.append([reading(0), reading(1)])
    first, second = store.dirty_since(10)
    store.settle([first])
    assert store.dirty_since(10) == [second]


def test_change_after_reading_the_mark_is_not_lost(store: Store) -> None:
    store.append([reading(0)])
    read = store.dirty_since(10)
    store.append([reading(0, 2.0, origin=2)])
    store.settle(read)
    (left,) = store.dirty_since(10)
    assert left.hour == T0
    assert left.seq > read[0].seq


def test_limit_takes_the_oldest_changes(store: Store) -> None:
    for hour in (7, 3, 5):
        store.append([reading(hour)])
    assert [m.hour for m in store.dirty_since(2)] == [T0 + 7 * HOUR, T0 + 3 * HOUR]


def test_mark_again_what_holds_readings(store: Store) -> None:
    store.append([reading(0), reading(2)])
    store.settle(store.dirty_since(10))
    number = store.series_of([KEY])[KEY].id
    assert store.mark([number], T0, T0 + 2 * HOUR) == 1
    assert [m.hour for m in store.dirty_since(10)] == [T0]


RAW = KEY._replace(grain="raw", statistic="Rtd")


def instant(hour: int, value: float = 1.0, origin: int = 1) -> NewReading:
    return reading(hour, value, origin=origin)._replace(key=RAW, end=T0 + hour * HOUR)


def test_marks_of_instants_come_last_and_can_be_left(store: Store) -> None:
    store.append([instant(0), reading(0)])
    store.append([instant(1)])
    grains = {s.id: s.key.grain for s in store.series()}
    assert [grains[m.series] for m in store.dirty_since(10)] == ["hour", "raw", "raw"]
    assert [m.hour for m in store.dirty_since(10)][1:] == [T0, T0 + HOUR], "the oldest first"
    assert [grains[m.series] for m in store.dirty_since(10, instants=False)] == ["hour"]
    assert [grains[m.series] for m in store.dirty_since(2)] == ["hour", "raw"]
    assert [grains[m.series] for m in store.dirty_since(10, since=T0, instants=False)] == ["hour"]
    assert [m.hour for m in store.dirty_since(10, since=T0 + HOUR)] == [T0 + HOUR]


def test_an_instant_that_changed_after_its_mark_was_read_is_not_lost(store: Store) -> None:
    store.append([instant(0)])
    read = store.dirty_since(10)
    store.append([instant(0, 5.0, origin=9)])
    store.settle(read)
    (left,) = store.dirty_since(10)
    assert left.hour == T0
