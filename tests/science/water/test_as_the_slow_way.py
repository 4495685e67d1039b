"""The class of many rows at once against one row, one item, one exact number after another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.rules import WaterLimit, rule_book
from qingyuan.science.water import ITEMS, _main, classify
from qingyuan.science.water._multiple import exceedance_multiple

DAY = date(2020, 5, 8)
CLASSES = ["I", "II", "III", "IV", "V", ">V"]
LIMITS = {
    (item, body): rule_book().water_limit(item, body, DAY) for item in ITEMS for body in ("river", "lake")
}  # fmt: skip


def rank_of(limit: WaterLimit, value: Decimal) -> int:
    if limit.low is not None and limit.high is not None:
        return 1 if limit.low <= value <= limit.high else 6
    holds = [value >= bound if limit.compare == "at_least" else value <= bound for bound in limit.limits]
    return holds.index(True) + 1 if any(holds) else 6


def slowly(body: str, row: dict[str, Decimal]) -> tuple[str, str, str]:
    """Class, deciding items and main pollutants of one row."""
    ranks = {item: rank_of(LIMITS[item, body], value) for item, value in row.items()}
    worst = max(ranks.values())
    beyond = []
    for item in ITEMS:
        if ranks.get(item, 0) > 3:
            limit = LIMITS[item, body]
            three = limit.limit("III") if limit.compare == "at_most" and limit.low is None else None
            multiple = Fraction(row[item]) / Fraction(three) - 1 if three else Fraction(-1)
            beyond.append((not limit.listed_first, -ranks[item], -multiple, ITEMS.index(item), item, three))
    words = []
    for *_, item, three in sorted(beyond)[:3]:
        name = LIMITS[item, body].name_zh
        if three:
            name += f"({exceedance_multiple(int(row[item] * 10**8), int(three * 10**8), 1)})"
        words.append(name)
    return CLASSES[worst - 1], ",".join(i for i in ITEMS if ranks.get(i) == worst), ",".join(words)


def near(item: str) -> st.SearchStrategy[Decimal]:
    """Values about the limits of an item: on them, beside them by the smallest step, twice and thrice them."""
    some = sorted({bound for (name, _), limit in LIMITS.items() if name == item for bound in limit.limits})
    some = some or [Decimal(6), Decimal(9)]  # pH
    steps = st.sampled_from([Decimal(0), Decimal("0.00001"), Decimal("-0.00001")])
    return st.builds(
        lambda bound, times, step: max(Decimal(0), bound * times + step),
        st.sampled_from(some), st.sampled_from([1] if item == "pH" else [1, 2, 3]), steps,
    )  # fmt: skip


ROWS = st.lists(
    st.tuples(st.sampled_from(["river", "lake"]), st.fixed_dictionaries({item: near(item) for item in ITEMS})),
    min_size=1, max_size=6,
)  # fmt: skip


def at_once(rows: list[tuple[str, dict[str, Decimal]]]) -> list[tuple[str, str, str]]:
    frame = pl.DataFrame(
        {
            "section": ["S"] * len(rows),
            "time": [DAY] * len(rows),
            "body": [body for body, _ in rows],
            **{item: [float(values[item]) for _, values in rows] for item in ITEMS},
        }
    )
    return classify(frame).select("class", "deciding", "main_pollutants").rows()


@settings(max_examples=50)
@given(ROWS)
def test_many_rows_at_once_say_what_each_says_alone(rows: list[tuple[str, dict[str, Decimal]]]) -> None:
    assert at_once(rows) == [slowly(body, values) for body, values in rows]


@settings(max_examples=20)
@given(ROWS)
def test_multiples_that_would_not_fit_are_ordered_alike(rows: list[tuple[str, dict[str, Decimal]]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_main, "ROOM", 2**12)
        found = at_once(rows)
    assert found == [slowly(body, values) for body, values in rows]
