"""Conformance: judgements on named ranges, which can be taken back and are never forgotten."""

from __future__ import annotations

from qingyuan.readings import NewFlag, Store
from readings.samples import HOUR, KEY, T0, reading


def flag(series: int, first: int, last: int, made_at: int = 10, code: str = "stuck") -> NewFlag:
    return NewFlag(series, T0 + first * HOUR, T0 + last * HOUR, code, "stuck", "1", '{"hours": 4}', "rule", made_at)


def test_flag_says_who_and_by_what_rule(store: Store) -> None:
    store.append([reading(0)])
    number = store.series_of([KEY])[KEY].id
    (made,) = store.flag([flag(number, 0, 2)])
    (found,) = store.flags([number], T0, T0 + HOUR)
    assert found == (made, *flag(number, 0, 2), 0, 0)
    assert [r.value for r in store.window([number], T0, T0 + HOUR)] == [1.0], "the reading is not touched"


def test_range_is_half_open(store: Store) -> None:
    store.flag([flag(1, 0, 2)])
    assert store.flags([1], T0 + 2 * HOUR, T0 + 3 * HOUR) == []
    assert store.flags([1], T0 - HOUR, T0) == []
    assert len(store.flags([1], T0 + HOUR, T0 + 2 * HOUR)) == 1


def test_flag_taken_back_stays_and_says_so(store: Store) -> None:
    (first,) = store.flag([flag(1, 0, 2, made_at=10)])
    assert store.unflag([first], "zhang", 20) == 1
    assert store.unflag([first], "li", 30) == 0, "once only"
    (found,) = store.flags([1], T0, T0 + HOUR)
    assert found.undone_at == 20
    assert found.undone_by > first


def test_flags_as_they_were(store: Store) -> None:
    (first,) = store.flag([flag(1, 0, 2, made_at=10)])
    store.unflag([first], "zhang", 20)
    store.flag([flag(1, 0, 1, made_at=30, code="spike")])
    assert store.as_of(9).flags([1], T0, T0 + HOUR) == []
    (then,) = store.as_of(19).flags([1], T0, T0 + HOUR)
    assert then.undone_at == 0
    assert [f.code for f in store.flags([1], T0, T0 + HOUR)] == ["stuck", "spike"]


def test_flagged_hours_are_judged_again(store: Store) -> None:
    (first,) = store.flag([flag(1, 0, 2)])
    marks = store.dirty_since(10)
    assert [m.hour for m in marks] == [T0, T0 + HOUR]
    store.settle(marks)
    store.unflag([first], "zhang", 20)
    assert [m.hour for m in store.dirty_since(10)] == [T0, T0 + HOUR]
