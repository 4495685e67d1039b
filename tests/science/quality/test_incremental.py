"""Judging what a change can have touched gives what judging everything gives."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.rules import rule_book
from qingyuan.science.quality import Neighbour, Pair, Rate, Rule, Spike, Step, Stuck, Track, judge, rules_for, touched

MINUTE = 60
RULES: tuple[Rule, ...] = (
    Stuck(tolerance=0, minutes=30, points=3),
    Stuck(tolerance=1, minutes=40, points=4, low=1),
    Spike(tolerance=2, minutes=25),
    Step(tolerance=1, minutes=60, points=2),
    Rate(tolerance=10, minutes=30),
    Neighbour(tolerance=1, minutes=50, points=2),
    Pair(other="whole", tolerance=0.5),
)


@st.composite
def tracks(draw: st.DrawFn) -> Track:
    steps = draw(st.lists(st.sampled_from([5, 10, 10, 10, 20, 45]), min_size=1, max_size=60))
    rows = len(steps)
    start = np.cumsum(steps) * MINUTE
    value = st.sampled_from([0.0, 1.0, 1.0, 1.0, 2.0, 4.0, 8.0, float("nan"), -99.0])
    columns = [np.array(draw(st.lists(value, min_size=rows, max_size=rows))) for _ in range(4)]
    return Track(start, columns[0], beside={"whole": columns[1]}, neighbours=columns[2:])


@given(rows=tracks(), first=st.integers(0, 1500), length=st.integers(1, 600))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_the_part_that_a_change_touched_equals_the_whole(rows: Track, first: int, length: int) -> None:
    changed = (first * MINUTE, (first + length) * MINUTE)
    kept, read = touched(changed, RULES)
    part = rows.part(read)
    whole, piece = judge(rows, RULES), judge(part, RULES)
    inside = (rows.start >= kept[0]) & (rows.start < kept[1])
    mine = (part.start >= kept[0]) & (part.start < kept[1])
    for all_hits, some_hits in zip(whole.hits, piece.hits, strict=True):
        assert np.array_equal(all_hits[inside], some_hits[mine])


@given(rows=tracks(), other=tracks(), first=st.integers(0, 800), length=st.integers(1, 300))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_outside_of_what_is_touched_a_change_changes_nothing(
    rows: Track, other: Track, first: int, length: int
) -> None:
    changed = (first * MINUTE, (first + length) * MINUTE)
    (kept_from, kept_to), _ = touched(changed, RULES)
    inside = (rows.start >= changed[0]) & (rows.start < changed[1])
    values = np.where(inside, np.resize(other.values, len(rows)), rows.values)
    after = Track(rows.start, values, beside=rows.beside, neighbours=rows.neighbours)
    outside = (rows.start < kept_from) | (rows.start >= kept_to)
    for before_hits, after_hits in zip(judge(rows, RULES).hits, judge(after, RULES).hits, strict=True):
        assert np.array_equal(before_hits[outside], after_hits[outside])


@pytest.mark.parametrize(("item", "kind"), [("PM2_5", "air"), ("pH", "water"), ("COD", "outlet")])
def test_a_month_judged_by_days_equals_the_month(item: str, kind: str) -> None:
    rng = np.random.default_rng(7)
    hours = 30 * 24
    values = np.round(np.abs(rng.normal(7, 3, hours)), 1)
    values[100:112] = 7.0
    values[200] = 90.0
    rows = Track(np.arange(hours) * 3600, values, beside={"PM10": values * 0.9}, neighbours=[values + 1])
    rules = rules_for(rule_book(), item, "hour", kind, date(2026, 1, 1))
    whole = judge(rows, rules)
    day = 24 * 3600
    for number in range(30):
        kept, read = touched((number * day, (number + 1) * day), rules)
        piece = rows.part(read)
        some = judge(piece, rules)
        inside = (rows.start >= kept[0]) & (rows.start < kept[1])
        mine = (piece.start >= kept[0]) & (piece.start < kept[1])
        for all_hits, some_hits in zip(whole.hits, some.hits, strict=True):
            assert np.array_equal(all_hits[inside], some_hits[mine])
