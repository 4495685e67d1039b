"""Canonical rows from mapped tables, with an error for every cell not taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.intake.files import (
    SCHEMA,
    ColumnMap,
    FlagMap,
    Profile,
    ProfileError,
    apply,
    errors_as_table,
)
from qingyuan.readings import ReadingsError, SeriesKey

WIDE = Profile(
    name="例",
    kind="air",
    time_columns=("时间",),
    stamps="opens",
    grain="hour",
    point_columns=("站点",),
    columns=(ColumnMap("SO2", "SO2", "ug/m3"), ColumnMap("CO", "CO", "ug/m3")),
)
LONG = replace(
    WIDE,
    layout="long",
    item_column="项目",
    value_column="值",
    unit_column="单位",
    columns=(ColumnMap("氨氮", "NH3N", "mg/L"), ColumnMap("总磷", "TP", "mg/L")),
    kind="water",
)


def table(*rows: tuple[str | None, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(["时间", "站点", "SO2", "CO"], pl.String), orient="row")


def test_a_sentinel_becomes_a_row_without_a_value() -> None:
    parsed = apply(
        WIDE,
        table(
            ("2026-03-01 08:00", "城东", "-99999", "600"),
            ("2026-03-01 09:00", "城东", " -7999.0", "999"),
            ("2026-03-01 10:00", "城东", "7999", "7"),
        ),
    )
    rows = parsed.rows.select("item", "value", "decimals", "qualifier", "row").rows()
    assert [r for r in rows if r[0] == "SO2"] == [
        ("SO2", None, -1, "-99999", 2),
        ("SO2", None, -1, "-7999.0", 3),
        ("SO2", None, -1, "7999", 4),
    ]
    assert ("CO", 0.999, 3, "", 3) in rows, "999 µg/m³ of CO is an ordinary value, 999 mg/m³ is not"
    assert parsed.errors == []


def test_values_units_decimals_and_intervals() -> None:
    parsed = apply(WIDE, table(("2026-03-01 08:00", "城东", "12.50", "600")))
    assert dict(parsed.rows.schema) == SCHEMA
    assert parsed.rows.select("point", "item", "unit", "value", "decimals", "row").rows() == [
        ("城东", "SO2", "ug/m3", 12.5, 2, 2),
        ("城东", "CO", "mg/m3", 0.6, 3, 2),
    ]
    assert parsed.rows["start"][0] == datetime(2026, 3, 1, 0, tzinfo=UTC)
    assert parsed.rows["end"][0] == datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert (parsed.errors, parsed.source_rows, parsed.empty) == ([], 1, 0)


@pytest.mark.parametrize(
    ("stamps", "grain", "stamp", "start", "end"),
    [
        ("closes", "hour", "2026-03-01 00:00", "2026-02-28 15:00", "2026-02-28 16:00"),
        ("opens", "day", "2026-03-01", "2026-02-28 16:00", "2026-03-01 16:00"),
        ("closes", "minute", "2026-03-01 08:01", "2026-03-01 00:00", "2026-03-01 00:01"),
        ("instant", "raw", "2026-03-01 08:05:30", "2026-03-01 00:05:30", "2026-03-01 00:05:31"),
        ("opens", "hour", "2026-03-01T00:00:00Z", "2026-03-01 00:00", "2026-03-01 01:00"),
        ("opens", "hour", "2026-03-01T08:00:00+08:00", "2026-03-01 00:00", "2026-03-01 01:00"),
    ],
)
def test_stamps_open_close_or_are_instants(stamps: str, grain: str, stamp: str, start: str, end: str) -> None:
    parsed = apply(replace(WIDE, stamps=stamps, grain=grain), table((stamp, "城东", "1", None)))
    assert parsed.rows["start"][0] == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert parsed.rows["end"][0] == datetime.fromisoformat(end).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ((None, "城东", "1", "1"), "时间", "时间"),
        (("昨天", "城东", "1", "1"), "时间", "时间"),
        (("2026-03-01 08:05", "城东", "1", "1"), "时间", "整点"),
        (("2026-03-01 08:00", None, "1", "1"), "站点", "点位"),
        (("2026-03-01 08:00", "  ", "1", "1"), "站点", "点位"),
        (("2026-03-01 08:00", "城东", "十二", "1"), "SO2", "数值"),
        (("2026-03-01 08:00", "城东", "99999", "1"), "SO2", "请核对单位"),
        (("2026-03-01 08:00", "城东", "-8", "1"), "SO2", "请核对单位"),
        (("2026-03-01 08:00", "城东", "12,5", "1"), "SO2", "数值"),
    ],
)
def test_a_bad_cell_is_an_error_with_its_row_and_column(row: tuple[str | None, ...], column: str, words: str) -> None:
    good = ("2026-03-01 07:00", "城东", "5", "500")
    parsed = apply(WIDE, table(good, row))
    (error,) = parsed.errors
    assert (error.row, error.column) == (3, column)
    assert words in error.expected
    assert parsed.rows.filter(pl.col("row") == 2).height == 2
    assert "SO2" not in parsed.rows.filter(pl.col("row") == 3)["item"].to_list()


@pytest.mark.parametrize("cell", ["", "--", "-99", "-9999", "NA", "*", None, " "])
def test_missing_markers_are_neither_rows_nor_errors(cell: str | None) -> None:
    parsed = apply(WIDE, table(("2026-03-01 08:00", "城东", cell, "500")))
    assert parsed.rows["item"].to_list() == ["CO"]
    assert (parsed.errors, parsed.empty) == ([], 1)


@pytest.mark.parametrize(
    ("cell", "value", "qualifier", "decimals"),
    [
        ("<0.01", 0.01, "<", 2),
        ("0.01L", 0.01, "<", 2),
        ("＞ 5", 5.0, ">", 0),
        ("1.5e2", 150.0, "", -1),
        ("+3.0", 3.0, "", 1),
    ],
)
def test_qualifiers_and_printed_decimals(cell: str, value: float, qualifier: str, decimals: int) -> None:
    parsed = apply(WIDE, table(("2026-03-01 08:00", "城东", cell, None)))
    assert parsed.rows.select("value", "qualifier", "decimals").rows() == [(value, qualifier, decimals)]


def test_a_doubled_row_is_kept_once_and_reported() -> None:
    row = ("2026-03-01 08:00", "城东", "1", "500")
    parsed = apply(WIDE, table(row, row, ("2026-03-01 08:00", "城西", "2", "500")))
    assert parsed.rows["row"].to_list() == [2, 2, 4, 4]
    (error,) = parsed.errors
    assert error.row == 3
    assert "第2行" in error.expected


def test_flags_and_words_of_the_source() -> None:
    profile = replace(
        WIDE,
        columns=(ColumnMap("SO2", "wind_direction", "deg", words={"NE": 45.0}),),
        flag=FlagMap("CO", {"维护": "M"}, other="D"),
    )
    parsed = apply(profile, table(("2026-03-01 08:00", "A", "NE", "维护"), ("2026-03-01 09:00", "A", "NE", "?")))
    assert parsed.rows.select("value", "flag").rows() == [(45.0, "M"), (45.0, "D")]


def test_float32_values_do_not_gain_digits() -> None:
    frame = table(("2026-03-01 08:00", "A", "1", "1")).with_columns(
        SO2=pl.Series([0.3], dtype=pl.Float32), CO=pl.Series([1900.0], dtype=pl.Float32)
    )
    assert apply(WIDE, frame).rows["value"].to_list() == [0.3, 1.9]


LONG_ROWS = [
    ("2026-03-01 08:00", "断面一", "氨氮", "0.5", "mg/L"),
    ("2026-03-01 08:00", "断面一", "总磷", "120", "µg/L"),
    ("2026-03-01 08:00", "断面一", "总磷", "0.3", None),
    ("2026-03-01 08:00", "断面一", "味道", "1", "mg/L"),
    ("2026-03-01 08:00", "断面二", "氨氮", "1", "斤"),
]


def test_a_long_table_with_units_row_by_row() -> None:
    frame = pl.DataFrame(LONG_ROWS, schema=["时间", "站点", "项目", "值", "单位"], orient="row")
    parsed = apply(LONG, frame)
    assert parsed.rows.select("row", "item", "value").rows() == [(2, "NH3N", 0.5), (3, "TP", 0.12)]
    assert [(error.row, error.column) for error in parsed.errors] == [(4, "项目"), (5, "项目"), (6, "单位")]


def test_bad_rows_come_back_and_can_be_mended() -> None:
    frame = table(
        ("2026-03-01 08:00", "城东", "十二", "500"),
        ("2026-03-01 09:00", "城东", "5", "500"),
        (None, "城东", "1", "1"),
    )
    parsed = apply(WIDE, frame)
    bad = errors_as_table(parsed, frame)
    assert bad["原行号"].to_list() == [2, 4]
    assert "十二" in bad["未导入原因"][0]
    mended = bad.with_columns(SO2=pl.lit("12"), 时间=pl.Series(["2026-03-01 08:00", "2026-03-01 10:00"]))
    again = apply(WIDE, mended)
    assert again.errors == []
    assert again.rows.filter(pl.col("item") == "SO2")["value"].to_list() == [12.0, 12.0]


def test_a_long_file_may_be_applied_slice_by_slice() -> None:
    frame = table(*((f"2026-03-01 {hour:02d}:00", "城东", str(hour), "x") for hour in range(24)))
    whole = apply(WIDE, frame)
    parts = [apply(WIDE, frame[start : start + 7], first_row=start + 2) for start in range(0, 24, 7)]
    assert pl.concat([part.rows for part in parts]).equals(whole.rows)
    assert [error for part in parts for error in part.errors] == whole.errors


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"grain": "week"}, "grain"),
        ({"stamps": "instant"}, "瞬时"),
        ({"fixed_point": "A"}, "二者之一"),
        ({"point_columns": ()}, "--point"),
        ({"columns": ()}, "数值列"),
        ({"layout": "long"}, "长表"),
        ({"columns": (ColumnMap("SO2", "SO9", "ug/m3"),)}, "SO9"),
        ({"columns": (ColumnMap("SO2", "SO2", "mg/L"),)}, "换算"),
        ({"columns": (ColumnMap("NO2", "NO2", "ug/m3"),)}, "至少一个"),
        ({"point_columns": ("点位",)}, "点位"),
    ],
)
def test_a_profile_that_cannot_be_right_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ProfileError, match=words):
        apply(replace(WIDE, **change), table(("2026-03-01 08:00", "A", "1", "1")))  # type: ignore[arg-type]


@pytest.mark.parametrize("profile", [WIDE, LONG, replace(WIDE, flag=FlagMap("CO", {"维护": "M"}))])
def test_profile_to_json_and_back(profile: Profile) -> None:
    assert Profile.from_json(profile.to_json()) == profile


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 9}', '{"version": 1, "x": 2}', '{"version": 1}'])
def test_what_is_no_profile_is_refused(text: str) -> None:
    with pytest.raises(ProfileError):
        Profile.from_json(text)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("AB"), st.text(max_size=4)), max_size=20))
def test_every_cell_is_a_row_an_error_or_missing(rows: list[tuple[int, str, str]]) -> None:
    """Whatever stands in the cells: nothing is dropped in silence, nothing raises."""
    cells = [(f"2026-03-01 {hour:02d}:00", point, cell, "500") for hour, point, cell in rows]
    frame = table(*cells)
    parsed = apply(WIDE, frame)
    taken = set(parsed.rows["row"].to_list())
    wrong = {error.row for error in parsed.errors}
    assert taken | wrong == set(range(2, len(rows) + 2))
    assert len(parsed.rows) + parsed.empty + sum(error.column == "SO2" for error in parsed.errors) == 2 * len(
        set(taken) | {row for row in wrong if row in taken}
    )


def test_columns_of_both_air_states_become_two_series() -> None:
    both = replace(WIDE, columns=(ColumnMap("SO2", "SO2", "ug/m3"), ColumnMap("CO", "SO2", "ug/m3", state="standard")))
    parsed = apply(both, table(("2026-03-01 08:00", "城东", "12", "11")))
    assert parsed.rows.select("statistic", "value").rows() == [("Avg", 12.0), ("Avg@standard", 11.0)]
    key = SeriesKey("城东", "SO2", "Avg", "hour")
    assert (key.air_state, key.in_state("standard").statistic) == ("actual", "Avg@standard")
    assert key.in_state("standard").in_state("actual") == key
    assert key.in_state("standard").air_state == "standard"
    assert Profile.from_json(both.to_json()) == both
    with pytest.raises(ProfileError, match="actual"):
        replace(both, columns=(ColumnMap("SO2", "SO2", "ug/m3", state="dry"),)).check()
    with pytest.raises(ReadingsError, match="standard"):
        key.in_state("dry")
