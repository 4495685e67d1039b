"""Conformance: what changed is marked, and a mark is only forgotten when nothing changed since it was read."""

from __future__ import annotations

from qingyuan.readings import Store
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
