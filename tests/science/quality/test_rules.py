"""What each rule hits, and what it leaves alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from qingyuan.rules import RuleDataError, rule_book
from qingyuan.rules.quality import KINDS, quality_rules
from qingyuan.rules.table import DataFolder
from qingyuan.science.errors import BadArgumentError
from qingyuan.science.quality import (
    DetectionLimit,
    DeviceFlag,
    Gap,
    Negative,
    Neighbour,
    Pair,
    Range,
    Rate,
    Rule,
    Sentinel,
    Spike,
    Step,
    Stuck,
    Track,
    gap_rule_for,
    judge,
    rules_for,
    track,
)

HOUR = 3600
NAN = float("nan")


def hits(rule: Rule, values: list[float], every: int = HOUR, **beside: list[float]) -> list[int]:
    """Places that a rule hits in readings at even distances."""
    quality = judge(track(np.arange(len(values)) * every, values, **beside), [rule])
    return np.flatnonzero(quality.hits[0]).tolist()


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        (Range(low=0, high=14), [0.0, 14.0, -0.1, 14.1, NAN], [2, 3]),
        (Negative(), [0.0, -0.0, -0.001, 3.0], [2]),
        (Negative(low=-5), [-5.0, -5.1, 2.0], [0]),
        (DetectionLimit(low=0.025), [0.02, 0.025, 0.03], [0]),
        (Spike(tolerance=5, minutes=120), [1.0, 1.0, 7.0, 1.0, 1.0], [2]),
        (Spike(tolerance=5, minutes=120), [1.0, 1.0, 6.0, 1.0, 1.0], []),
        (Spike(tolerance=5, minutes=120), [1.0, 7.0, 13.0, 19.0], []),
        (Spike(tolerance=5, minutes=120, relative=1.0), [10.0, 24.0, 10.0], []),
        (Spike(tolerance=5, minutes=30), [1.0, 9.0, 1.0], []),
        (Spike(tolerance=5, minutes=120), [1.0, NAN, 7.0, 1.0], [2]),
        (Spike(tolerance=5, minutes=60), [1.0, NAN, 7.0, 1.0], []),
        (Rate(tolerance=5, minutes=60), [1.0, 6.0, 11.1, 11.1], [2]),
        (Rate(tolerance=5, minutes=120), [1.0, NAN, 11.0, 22.0], [3]),
        (Rate(tolerance=5, minutes=60), [1.0, NAN, 100.0], []),
        (Step(tolerance=2, minutes=600, points=3), [1, 1.1, 1, 4, 4.1, 4, 4], [3]),
        (Step(tolerance=2, minutes=600, points=3), [1, 2, 3, 4, 5, 6, 7], []),
        (Step(tolerance=2, minutes=600, points=3), [1, 1, 1, 9, 1, 1, 1], []),
        (Stuck(tolerance=0, minutes=180, points=4), [5, 5, 5, 5, 6], [0, 1, 2, 3]),
        (Stuck(tolerance=0, minutes=180, points=4), [5, 5, 5, 6, 5, 5, 5], []),
        (Stuck(tolerance=0, minutes=180, points=4), [5, 5, NAN, 5, 5], [0, 1, 3, 4]),
        (Stuck(tolerance=0, minutes=180, points=4, low=5), [5, 5, 5, 5, 5], []),
        (Stuck(tolerance=0.1, minutes=180, points=4), [5, 5.1, 5, 5.05, 5.3], [0, 1, 2, 3]),
        (Stuck(tolerance=0.1, minutes=180, points=4), [5, 5.1, 5.2, 5.3, 5.4], []),
    ],
)
def test_what_a_rule_hits(rule: Rule, values: list[float], expected: list[int]) -> None:
    assert hits(rule, values) == expected


def test_a_hole_longer_than_the_span_breaks_a_run() -> None:
    rule = Stuck(tolerance=0, minutes=180, points=4)
    times = np.array([0, 1, 2, 6, 7, 8]) * HOUR
    assert not judge(track(times, [5.0] * 6), [rule]).hits[0].any()
    times = np.array([0, 1, 2, 5, 6, 7]) * HOUR
    assert judge(track(times, [5.0] * 6), [rule]).hits[0].all()


def test_sentinels_are_asked_of_the_printed_number_before_any_conversion() -> None:
    rows = Track(np.array([0, 1, 2]), np.array([-0.099, 5.0, 0.1]), raw=np.array([-99.0, 5000.0, 100.0]))
    quality = judge(rows, [Sentinel(values=(-99.0,), outcome="missing"), Negative(outcome="bad")])
    assert quality.outcome() == ["missing", "good", "good"]
    assert not quality.hits[1].any(), "a number that says nothing is not negative as well"


def test_device_flags_stop_bound_or_are_unknown() -> None:
    book = rule_book()
    letters = ["N", "", "D", "F", "T", "?"]
    rows = Track(np.arange(6), np.full(6, 5.0), letters=letters)
    rules = [
        rule for rule in rules_for(book, "COD", "hour", "outlet", date(2026, 1, 1)) if isinstance(rule, DeviceFlag)
    ]
    assert judge(rows, rules).outcome() == ["good", "good", "bad", "bad", "suspect", "suspect"]


def test_pairs_flag_both_and_allow_for_tolerance() -> None:
    part = Pair(other="PM10", tolerance=5, relative=0.1)
    whole = Pair(other="PM2_5", tolerance=5, relative=0.1, part=False)
    fine, coarse = [30.0, 40.0, 49.0, 50.0, 30.0], [40.0, 40.0, 40.0, 40.0, NAN]
    assert hits(part, fine, PM10=coarse) == [3]
    assert hits(whole, coarse, PM2_5=fine) == [3]
    assert hits(part, fine) == [], "without the other item nothing can be said"
    both = [r for r in rules_for(rule_book(), "PM10", "hour", "air", date(2026, 1, 1)) if isinstance(r, Pair)]
    assert [(rule.other, rule.part) for rule in both] == [("PM2_5", False)]


def test_drift_is_seen_against_the_median_of_the_neighbours() -> None:
    hours = 96
    level = 50 + 20 * np.sin(np.arange(hours) / 24 * 2 * np.pi)
    mine = level + np.where(np.arange(hours) >= 48, 40.0, 0.0)
    others = [level + 3, level - 3, np.where(np.arange(hours) % 7 == 0, NAN, level)]
    rule = Neighbour(tolerance=15, minutes=24 * 60, points=12, relative=0.2)
    found = judge(Track(np.arange(hours) * HOUR, mine, neighbours=others), [rule]).hits[0]
    assert not found[:59].any()
    assert found[61:].all(), "once more than half of the day's window is off"
    assert not judge(Track(np.arange(hours) * HOUR, mine), [rule]).hits[0].any()


def test_gaps_lie_between_two_readings() -> None:
    start = [hour * HOUR for hour in (9, 0, 1, 2, 5)]
    rule = Gap(points=1, minutes=10 * 60)
    assert rule.spans(start, HOUR) == [(3 * HOUR, 5 * HOUR), (6 * HOUR, 9 * HOUR)]
    assert Gap(points=3, minutes=10 * 60).spans(start, HOUR) == [(6 * HOUR, 9 * HOUR)]
    assert Gap(points=1, minutes=3 * 60).spans(start, HOUR) == [(3 * HOUR, 5 * HOUR)], "a longer silence is a stop"
    assert rule.spans(start, 4 * HOUR) == [], "every four hours is the plan: nothing lacks"
    assert rule.spans([], HOUR) == []
    with pytest.raises(BadArgumentError, match="second"):
        rule.spans(start, 0)


def test_the_gap_rule_of_the_book_is_for_hours_and_names_its_longest() -> None:
    found = gap_rule_for(rule_book(), "NOx", "hour", "outlet", date(2026, 1, 1))
    assert found is not None
    assert (found.points, found.longest(), found.outcome) == (1, 31 * 24 * HOUR, "noted")
    assert gap_rule_for(rule_book(), "NOx", "raw", "outlet", date(2026, 1, 1)) is None


def test_a_value_known_to_be_none_makes_no_spike_of_its_neighbour() -> None:
    rules = [Range(low=0, high=100, outcome="bad"), Spike(tolerance=5, minutes=180)]
    quality = judge(track(np.arange(4) * HOUR, [10.0, 900.0, 11.0, 10.0]), rules)
    assert quality.outcome() == ["good", "bad", "good", "good"]
    assert np.isnan(quality.counted()[1])
    assert quality.values[1] == 900.0, "what was read stays"


def test_a_corrected_negative_counts_with_its_replacement() -> None:
    rules = [Negative(low=-5, replacement=2.0, outcome="corrected"), Range(low=-5, high=100, outcome="bad")]
    quality = judge(track([0, 1, 2], [-3.0, -9.0, 4.0]), rules)
    assert quality.outcome() == ["corrected", "bad", "good"]
    assert quality.counted().tolist()[::2] == [2.0, 4.0]


def test_the_frame_has_a_row_for_each_hit() -> None:
    values = [5.0] * 5 + [6.0, 7.0] + [8.0] * 4
    quality = judge(track(np.arange(11) * HOUR, values), [Stuck(tolerance=0, minutes=180, points=4)])
    assert (quality.frame()["start"] // HOUR).to_list() == [0, 1, 2, 3, 4, 7, 8, 9, 10]
    assert judge(track([0], [1.0]), [Range(low=0, high=2)]).frame().is_empty()


def test_a_track_must_be_in_order_and_even() -> None:
    with pytest.raises(BadArgumentError, match="rising"):
        track([2, 1], [1.0, 2.0])
    with pytest.raises(BadArgumentError, match="beside PM10: got '1 entries'; expected 2"):
        track([1, 2], [1.0, 2.0], PM10=[1.0])


def test_the_particular_row_beats_the_general_one() -> None:
    book = rule_book()
    day = date(2026, 1, 1)
    by_kind = {rule.kind: rule for rule in book.quality_rules("pH", "hour", "water", day)}
    assert 999 in by_kind["sentinel"].values
    assert 999 not in {rule.kind: rule for rule in book.quality_rules("PM10", "hour", "air", day)}["sentinel"].values
    (limits,) = (rule for rule in rules_for(book, "pH", "hour", "water", day) if isinstance(rule, Range))
    assert (limits.low, limits.high) == (0.0, 14.0)
    assert {rule.origin.certainty for rule in by_kind.values() if rule.kind not in ("device_flag",)} == {"setting"}
    assert {kind for kind, *_ in book.quality_rows.entries} == set(KINDS) - {"detection_limit"}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("spike,PM2_5", "spikes,PM2_5", "spikes"),
        ("spike,PM2_5", "spike,PM3", "items.csv"),
        ("-99|-999|", "-99|minus|", "joined"),
        ("spike,PM2_5,hour,air", "spike,PM2_5,hour,sky", "point_kind"),
        ("sentinel,pH,*,*", "sentinel,pH,*,water", "sentinels"),
    ],
)
def test_faults_of_the_file_are_named(old: str, new: str, fault: str) -> None:
    shipped = DataFolder.shipped()
    texts = {**shipped.texts, "quality_rules.csv": shipped.texts["quality_rules.csv"].replace(old, new, 1)}
    with pytest.raises(RuleDataError, match=fault):
        quality_rules(DataFolder(texts))


def test_a_flue_carries_what_ambient_air_cannot() -> None:
    day = date(2026, 1, 1)

    def highest(kind: str) -> float:
        (found,) = (r for r in rules_for(rule_book(), "SO2", "hour", kind, day) if isinstance(r, Range))
        return found.high

    assert highest("air") == highest("meter") == 5000
    assert highest("outlet") == 20_000_000, "ug/m3: 20 g/m3"
    assert {r.kind for r in rules_for(rule_book(), "SO2", "hour", "air", day)} > {"stuck", "spike", "neighbour"}
    assert not {r.kind for r in rules_for(rule_book(), "SO2", "hour", "outlet", day)} & {"spike", "neighbour"}
    (stuck,) = (r for r in rules_for(rule_book(), "SO2", "hour", "outlet", day) if isinstance(r, Stuck))
    assert (stuck.low, stuck.points) == (0, 4), "a rule of its own, not that of ambient air"


def test_a_local_row_gives_a_detection_limit() -> None:
    shipped = DataFolder.shipped()
    text = shipped.texts["quality_rules.csv"]
    row = "setting,,1,detection_limit,NH3N,*,*,0.025,,,,,,,,,noted,2020-01-01,,setting,local method\n"
    rows = quality_rules(DataFolder({**shipped.texts, "quality_rules.csv": text + row}))
    found = rows.on(("detection_limit", "NH3N", "*", "*"), date(2026, 1, 1))
    assert found.low == Decimal("0.025")


def test_the_two_ways_to_roll_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    from qingyuan.science.quality import _company

    rng = np.random.default_rng(3)
    slots = np.sort(rng.choice(400, 300, replace=False))
    mine = 50 + 30 * rng.standard_normal(300)
    others = [np.where(rng.random(300) < 0.3, NAN, 40 + 10 * rng.standard_normal(300)) for _ in range(3)]
    rows = Track(slots * HOUR, mine, neighbours=others)
    rule = Neighbour(tolerance=5, minutes=24 * 60, points=8, relative=0.1)
    laid_out = judge(rows, [rule]).hits[0]
    monkeypatch.setattr(_company, "_LARGEST_TABLE", 0)
    assert laid_out.any()
    assert not laid_out.all()
    assert np.array_equal(laid_out, judge(rows, [rule]).hits[0])
