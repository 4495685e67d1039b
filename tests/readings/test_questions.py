"""Conformance: series by name, coverage, messages."""

from __future__ import annotations

import pytest

from qingyuan.readings import NewReading, SeriesKey, Store, UnknownSeries
from readings.samples import HOUR, KEY, T0, message, reading

KEYS = [
    KEY,
    SeriesKey("D01", "SO2", "Avg", "hour"),
    SeriesKey("D01", "NOx", "Avg", "minute"),
    SeriesKey("D010", "NOx", "Avg", "hour"),
    SeriesKey("A[1]?", "PM2_5", "Avg", "hour"),
]


@pytest.fixture
def filled(store: Store) -> Store:
    store.append([reading(0, key=k) for k in KEYS])
    return store


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("*", KEYS, id="all"),
        pytest.param("D01/NOx/Avg/hour", [KEYS[0]], id="natural-key"),
        pytest.param("D01", KEYS[:3], id="point"),
        pytest.param("D01/NOx", [KEYS[0], KEYS[2]], id="point-and-item"),
        pytest.param("D01/NOx/", [KEYS[0], KEYS[2]], id="trailing-slash"),
        pytest.param("*/NOx/*/hour", [KEYS[0], KEYS[3]], id="star"),
        pytest.param("A[1]?", [KEYS[4]], id="brackets-stand-for-themselves"),
        pytest.param("1", [KEYS[0]], id="number"),
    ],
)
def test_series_by_pattern(filled: Store, pattern: str, expected: list[SeriesKey]) -> None:
    assert [s.key for s in filled.series(pattern)] == expected


@pytest.mark.parametrize("pattern", ["D02", "D01/CO", "D01/nox/Avg/hour", "99", "D0?", ""])
def test_unknown_series_is_said(filled: Store, pattern: str) -> None:
    with pytest.raises(UnknownSeries, match="expected"):
        filled.series(pattern)


def test_empty_store_has_no_series(store: Store) -> None:
    assert store.series() == []


def test_coverage_counts_intervals_with_a_value(store: Store) -> None:
    store.append([reading(0), reading(1, None, flag="D"), reading(2), reading(9)])
    store.append([reading(0, 2.0, origin=2)])
    number = store.series_of([KEY])[KEY].id
    assert store.coverage([number], T0, T0 + 5 * HOUR) == {number: 2}


def test_window_is_half_open_and_sorted(store: Store) -> None:
    store.append([reading(h) for h in (3, 1, 2, 0)])
    number = store.series_of([KEY])[KEY].id
    assert [r.start for r in store.window([number], T0 + HOUR, T0 + 3 * HOUR)] == [T0 + HOUR, T0 + 2 * HOUR]


def test_window_over_many_series(store: Store) -> None:
    keys = [SeriesKey(f"P{n:04d}", "NOx", "Avg", "hour") for n in range(1201)]
    store.append([reading(0, float(n), key=k) for n, k in enumerate(keys)])
    numbers = [s.id for s in store.series()]
    assert [r.value for r in store.window(numbers, T0, T0 + HOUR)] == [float(n) for n in range(1201)]
    assert len(store.latest(numbers)) == 1201


def test_messages_newest_first_by_station_and_outcome(store: Store) -> None:
    store.append(
        [],
        messages=[
            message(1), message(2, station="MN2"), message(3, outcome="crc_mismatch", station=""), message(4),
        ],
    )  # fmt: skip
    assert [m.origin for m in store.messages()] == [4, 3, 2, 1]
    assert [m.origin for m in store.messages(station="MN1", limit=1)] == [4]
    assert [m.origin for m in store.messages(outcome="crc_mismatch")] == [3]


def test_how_far_the_readings_of_points_go(store: Store) -> None:
    """As the newest of each of its series say it, in one question."""
    other = SeriesKey("P2", "SO2", "Avg", "hour")
    store.append(
        [
            NewReading(
                SeriesKey("P1", "NOx", "Avg", "hour"), 0, 3600, 1.0, 1, "mg/m3", "N", origin=1, received_at=3700
            ),
            NewReading(
                SeriesKey("P1", "SO2", "Avg", "hour"), 3600, 7200, 1.0, 1, "mg/m3", "N", origin=2, received_at=9000
            ),
            NewReading(other, 7200, 10800, 1.0, 1, "mg/m3", "N", origin=3, received_at=10750),
        ]
    )
    asked = store.newest(["P1", "P2", "nowhere"])
    assert asked == {"P1": (7200, 9000, 100), "P2": (10800, 10750, -50)}
    for point, (end, received, delay) in asked.items():
        rows = store.latest([s.id for s in store.series_of_points([point])]).values()
        assert (end, received) == (max(r.end for r in rows), max(r.received_at for r in rows))
        assert delay == min(r.received_at - r.end for r in rows)
    assert store.newest([]) == {}
