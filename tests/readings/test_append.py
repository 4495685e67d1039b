"""Conformance: what an append promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qingyuan.readings import NewReading, Rank, Receipt, SeriesKey, Store
from readings.samples import HOUR, KEY, T0, message, reading


def number(store: Store, key: SeriesKey = KEY) -> int:
    return store.series_of([key])[key].id


def values(store: Store, as_of: int | None = None) -> list[float | None]:
    return [r.value for r in store.window([number(store)], 0, 2**40, as_of=as_of)]


def test_what_is_appended_is_read_back_whole(store: Store) -> None:
    given = reading(2, 41.50, flag="C", qualifier="<", status=1, origin=77, capture=0.75, decimals=2)
    assert store.append([given]) == Receipt(1, 0, 0)
    (found,) = store.window([number(store)], T0, T0 + 3 * HOUR)
    assert (found.start, found.end, found.value, found.decimals) == (given.start, given.end, 41.5, 2)
    assert (found.flag, found.qualifier, found.status, found.rank) == ("C", "<", 1, Rank.REPORTED)
    assert (found.origin, found.received_at, found.capture, found.revisions) == (77, given.received_at, 0.75, 1)


def test_repeat_of_a_batch_adds_nothing(store: Store) -> None:
    batch = [reading(h, h + 0.5) for h in range(5)]
    assert store.append(batch) == Receipt(5, 0, 0)
    assert store.append(batch) == Receipt(0, 5, 0)
    assert values(store) == [0.5, 1.5, 2.5, 3.5, 4.5]


def test_message_seen_before_leaves_its_readings_out(store: Store) -> None:
    store.append([reading(0, 1.0, origin=10)], messages=[message(10, "same")])
    receipt = store.append([reading(1, 9.0, origin=20)], messages=[message(20, "same")])
    assert receipt == Receipt(0, 0, 1)
    assert values(store) == [1.0]
    assert [m.origin for m in store.messages()] == [10]


def test_message_twice_in_one_batch_counts_once(store: Store) -> None:
    rows = [reading(0, 1.0, origin=10), reading(1, 2.0, origin=20)]
    assert store.append(rows, messages=[message(10, "same"), message(20, "same")]).duplicates == 1
    assert values(store) == [1.0]


def test_offset_moves_only_from_where_it_stands(store: Store) -> None:
    store.append([reading(0)], messages=[message(1)], offset=(0, 100))
    assert store.offset() == 100
    assert store.append([reading(1)], messages=[message(2)], offset=(0, 100)) == Receipt(0, 0, 0)
    assert store.offset() == 100
    assert len(values(store)) == 1
    assert [m.origin for m in store.messages()] == [1]


def test_batch_that_breaks_halfway_leaves_nothing(store: Store) -> None:
    def broken() -> Iterator[NewReading]:
        yield reading(0)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        store.append(broken(), messages=[message(1)], offset=(0, 100))
    assert store.offset() == 0
    assert store.messages() == []
    assert store.dirty_since(10) == []
    assert store.series() == []
    store.append([reading(0)], messages=[message(1)], offset=(0, 100))
    assert values(store) == [1.0]


def test_what_is_kept_is_there_after_a_restart(opener: Callable[[Path], Store], tmp_path: Path) -> None:
    opener(tmp_path / "s").append([reading(0)], messages=[message(1)], offset=(0, 7))
    again = opener(tmp_path / "s")
    assert again.offset() == 7
    assert values(again) == [1.0]


def test_odd_bytes_in_a_flag_stop_nobody(store: Store) -> None:
    assert store.append([reading(0, flag="N\0%?\\'", qualifier="☃")]).added == 1
    (found,) = store.window([number(store)], 0, 2**40)
    assert (found.flag[0], found.flag[2:], found.qualifier) == ("N", "%?\\'", "☃")


def test_series_numbers_stay(store: Store) -> None:
    other = SeriesKey("D02", "SO2", "Avg", "hour")
    store.append([reading(0), reading(0, key=other)])
    before = store.series_of([KEY, other])
    store.append([reading(1), reading(1, key=other)])
    assert store.series_of([KEY, other]) == before
    assert len({s.id for s in before.values()}) == 2


class TestUnits:
    """The unit of a series is that of its first reading; another one later used to be taken for the same."""

    def test_value_in_another_unit_is_converted(self, store: Store) -> None:
        store.append(
            [reading(0, 41.5, unit="mg/m3"), reading(1, 41_500.0, unit="ug/m3"), reading(2, 3.0, unit="mg/m³")]
        )
        assert values(store) == [41.5, 41.5, 3.0]
        assert store.series_of([KEY])[KEY].unit == "mg/m3"

    def test_unit_that_cannot_be_converted_keeps_its_words(self, store: Store) -> None:
        store.append([reading(0, 41.5, unit="mg/m3"), reading(1, 12.0, unit="ppm"), reading(2, 5.0, unit="degC")])
        found = store.window([number(store)], 0, 2**40)
        assert [(r.value, r.qualifier) for r in found] == [(41.5, ""), (None, "12 ppm"), (None, "5 degC")]

    def test_series_that_began_without_a_unit_takes_the_first(self, store: Store) -> None:
        store.append([reading(0, 1.0, unit="")])
        store.append([reading(1, 2.0, unit="mg/m3"), reading(2, 3000.0, unit="ug/m3"), reading(3, 4.0, unit="")])
        assert values(store) == [1.0, 2.0, 3.0, 4.0]
        assert store.series_of([KEY])[KEY].unit == "mg/m3"


class TestSkipUnchanged:
    """An import, and a derived value, says again what is known: nothing more is written."""

    def test_same_value_from_another_file_is_skipped(self, store: Store) -> None:
        store.append([reading(0, 5.0, origin=1)], skip_unchanged=True)
        assert store.append([reading(0, 5.0, origin=2)], skip_unchanged=True) == Receipt(0, 1, 0)

    def test_another_value_is_a_new_revision(self, store: Store) -> None:
        store.append([reading(0, 5.0, origin=1)], skip_unchanged=True)
        assert store.append([reading(0, 6.0, origin=2)], skip_unchanged=True).added == 1
        (found,) = store.window([number(store)], T0, T0 + 1)
        assert (found.value, found.revisions) == (6.0, 2)

    def test_file_again_after_a_review_adds_nothing(self, store: Store) -> None:
        """A file imported again after a reviewer's correction used to add its old value as a new revision.

        It was compared with the value in force only, which was the reviewer's."""
        store.append([reading(0, 5.0, origin=1)], skip_unchanged=True)
        store.append([reading(0, 4.0, origin=2, rank=Rank.REVIEWED)])
        assert store.append([reading(0, 5.0, origin=3)], skip_unchanged=True) == Receipt(0, 1, 0)
        assert values(store) == [4.0]

    def test_derived_value_worked_out_again_is_in_force(self, store: Store) -> None:
        """An hour worked out again with older, replayed minutes kept its first value.

        Its origin was the largest of its minutes, as before, so the new row was taken for a repeat."""
        store.append([reading(0, 5.0, rank=Rank.DERIVED, origin=9)], skip_unchanged=True)
        assert store.append([reading(0, 6.0, rank=Rank.DERIVED, origin=9)], skip_unchanged=True).added == 1
        assert values(store) == [6.0]
        assert store.append([reading(0, 6.0, rank=Rank.DERIVED, origin=9)], skip_unchanged=True).added == 0
        assert store.append([reading(0, 5.0, rank=Rank.DERIVED, origin=8)], skip_unchanged=True).added == 1
        assert values(store) == [5.0]

    def test_derived_value_below_a_reported_one_is_written_once(self, store: Store) -> None:
        store.append([reading(0, 7.0, origin=3)])
        first = store.append([reading(0, 6.0, rank=Rank.DERIVED, origin=9)], skip_unchanged=True)
        again = store.append([reading(0, 6.0, rank=Rank.DERIVED, origin=9)], skip_unchanged=True)
        assert (first.added, again.added) == (1, 0)
        assert values(store) == [7.0]
