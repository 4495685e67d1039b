"""Limits as steps: at every hour the step that is drawn is the row that the hour is held against."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.bureau.values.models import Limit
from qingyuan.bureau.values.queries.limit_steps import steps_of
from qingyuan.bureau.values.queries.limits import limit_on
from qingyuan.science.intervals import beijing_date

FIRST = date(2026, 11, 1)
START = datetime(2026, 11, 2, 3, tzinfo=UTC)
END = START + timedelta(days=9, hours=5)

DAYS = st.integers(-3, 14)
ROW = st.tuples(DAYS, st.none() | DAYS, st.integers(10, 99))


def rows_of(drawn: list[tuple[int, int | None, int]]) -> list[Limit]:
    """Rows that begin on different days, as the register demands."""
    return [
        Limit(
            item="NOx", upper=Decimal(upper), unit="mg/m3", averaging="hour", basis="许可证",
            valid_from=FIRST + timedelta(days=first), valid_to=None if last is None else FIRST + timedelta(days=last),
        )
        for first, last, upper in drawn
    ]  # fmt: skip


@given(st.lists(ROW, max_size=5, unique_by=lambda row: row[0]))
@settings(deadline=None, derandomize=True)
def test_every_hour_stands_on_the_row_it_is_held_against(drawn: list[tuple[int, int | None, int]]) -> None:
    rows = rows_of(drawn)
    steps = [step for _item, step in steps_of(rows, START, END)]
    hour = START
    while hour < END:
        row = limit_on(rows, "NOx", beijing_date(hour))
        drawn_at = [s.upper for s in steps if s.start <= hour < s.end]
        assert drawn_at == ([] if row is None or row.upper is None else [float(row.upper)])
        hour += timedelta(hours=1)


@given(st.lists(ROW, max_size=5, unique_by=lambda row: row[0]), st.randoms(use_true_random=False))
@settings(deadline=None, derandomize=True)
def test_the_order_of_the_rows_does_not_matter(drawn: list[tuple[int, int | None, int]], random: object) -> None:
    rows = rows_of(drawn)
    again = list(rows)
    random.shuffle(again)  # type: ignore[attr-defined]
    assert steps_of(rows, START, END) == steps_of(again, START, END)


def test_an_interlude_gives_way_to_the_older_limit_again() -> None:
    rows = rows_of([(-3, None, 50), (3, 5, 30)])
    steps = [(s.start.day, s.upper) for _item, s in steps_of(rows, START, END)]
    assert steps == [(2, 50.0), (4, 30.0), (6, 50.0)]
