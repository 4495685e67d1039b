"""Conformance: which revision is in force, whatever order the revisions arrived in."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.readings import NewReading, Rank, Reading, Status, Store
from readings.samples import KEY, T0, reading

STEADY = settings(max_examples=40, deadline=None, derandomize=True)


def all_of(store: Store, as_of: int | None = None) -> list[Reading]:
    found = store.series_of([KEY])
    return store.window([s.id for s in found.values()], 0, 2**40, as_of=as_of) if found else []


def rank_of(r: NewReading) -> tuple[int, int, int, int]:
    return (r.status, r.rank, r.stamp, r.origin)


@pytest.mark.parametrize(
    ("loser", "winner"),
    [
        pytest.param(
            {"rank": Rank.DERIVED, "stamp": 9, "origin": 9}, {"rank": Rank.REPORTED}, id="reported-over-derived"
        ),
        pytest.param(
            {"rank": Rank.REPORTED, "stamp": 9, "origin": 9}, {"rank": Rank.RESENT}, id="resent-over-reported"
        ),
        pytest.param(
            {"rank": Rank.RESENT, "stamp": 9, "origin": 9}, {"rank": Rank.REVIEWED}, id="reviewed-over-resent"
        ),
        pytest.param({"stamp": 1, "origin": 9}, {"stamp": 2, "origin": 1}, id="later-device-stamp"),
        pytest.param({"stamp": 1, "origin": 1}, {"stamp": 1, "origin": 2}, id="later-journal-position"),
        pytest.param({"rank": Rank.REVIEWED}, {"status": Status.AUDITED}, id="audited-over-real-time"),
        pytest.param({"status": Status.AUDITED}, {"status": Status.ISSUED}, id="issued-over-audited"),
    ],
)
@pytest.mark.parametrize("winner_first", [True, False], ids=["winner-first", "winner-last"])
def test_winner(store: Store, loser: dict[str, int], winner: dict[str, int], winner_first: bool) -> None:
    rows = [reading(0, 1.0, **loser), reading(0, 2.0, **winner)]
    for row in reversed(rows) if winner_first else rows:
        store.append([row])
    (found,) = all_of(store)
    assert (found.value, found.revisions) == (2.0, 2)
    number = found.series
    assert store.latest([number])[number].value == 2.0


REVISION = st.builds(
    lambda hour, rank, stamp, origin, status, received: reading(
        hour,
        float(rank * 1000 + stamp * 100 + origin),
        rank=rank,
        stamp=stamp,
        origin=origin,
        status=status,
        received_at=T0 + received,
    ),
    st.integers(0, 3),
    st.sampled_from(list(Rank)),
    st.integers(0, 3),
    st.integers(1, 40),
    st.sampled_from([0, 0, 0, 1, 2]),
    st.integers(0, 100_000),
)
REVISIONS = st.lists(REVISION, max_size=25, unique_by=lambda r: (r.start, *rank_of(r)))


def cut(rows: Sequence[NewReading], sizes: Sequence[int]) -> list[Sequence[NewReading]]:
    parts, place = [], 0
    for size in sizes:
        parts.append(rows[place : place + size])
        place += size
    return [*parts, rows[place:]]


@STEADY
@given(
    rows=REVISIONS,
    shuffled=st.randoms(use_true_random=False),
    sizes=st.lists(st.integers(0, 6), max_size=8),
    as_of=st.integers(T0, T0 + 100_000),
)
def test_arrival_order_and_chunking_do_not_matter(
    rows: list[NewReading], shuffled: object, sizes: list[int], as_of: int
) -> None:
    from readings.conftest import ENGINES

    for opener in ENGINES.values():
        check_order(opener, rows, shuffled, sizes, as_of)


def check_order(
    opener: Callable[[Path], Store], rows: list[NewReading], random: object, sizes: list[int], at: int
) -> None:
    mixed = list(rows)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        store = opener(Path(folder))
        for part in cut(mixed, sizes):
            store.append(part)
        for as_of in (None, at):
            known = [r for r in rows if as_of is None or r.received_at <= as_of]
            expected = {}
            for r in sorted(known, key=rank_of):
                expected[r.start] = (r.value, r.rank, r.origin)
            got = {r.start: (r.value, r.rank, r.origin) for r in all_of(store, as_of)}
            assert got == expected
        if rows:
            (number,) = (s.id for s in store.series())
            newest = max(r.end for r in rows)
            best = max((r for r in rows if r.end == newest), key=rank_of)
            assert store.latest([number])[number].value == best.value
        store.close()  # type: ignore[attr-defined]


def test_as_of_shows_what_had_been_received(store: Store) -> None:
    store.append([reading(0, 1.0, received_at=T0 + 10, origin=1)])
    store.append([reading(0, 2.0, received_at=T0 + 20, origin=2)])
    assert all_of(store, T0 + 9) == []
    assert [r.value for r in all_of(store, T0 + 10)] == [1.0]
    assert [r.value for r in all_of(store, T0 + 19)] == [1.0]
    assert [r.value for r in all_of(store, T0 + 20)] == [2.0]
    assert [r.revisions for r in all_of(store, T0 + 10)] == [1]


def test_every_revision_is_kept(store: Store) -> None:
    for n in range(4):
        store.append([reading(0, float(n), origin=n + 1, received_at=T0 + n)])
    (number,) = (s.id for s in store.series())
    assert [r.value for r in store.revisions(number, T0, T0 + 1)] == [0.0, 1.0, 2.0, 3.0]


def test_latest_keeps_the_correction_when_the_first_report_comes_again(store: Store) -> None:
    """The tiles of a page showed a device's first value again after a reviewed one.

    `latest` took whatever row of the newest interval was written last, not the one in force."""
    store.append([reading(5, 3.0, rank=Rank.REVIEWED, origin=5)])
    store.append([reading(5, 9.0, rank=Rank.REPORTED, origin=6)])
    (number,) = (s.id for s in store.series())
    assert store.latest([number])[number].value == 3.0


def test_latest_is_the_newest_interval_whatever_came_last(store: Store) -> None:
    store.append([reading(5, 5.0, origin=1)])
    store.append([reading(3, 3.0, origin=2)])
    (number,) = (s.id for s in store.series())
    found = store.latest([number])[number]
    assert (found.value, found.start) == (5.0, T0 + 5 * 3600)
