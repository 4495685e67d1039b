"""The class of a section: examples from GB 3838, the shared vectors, properties."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.rules import rule_book
from qingyuan.science.errors import BadArgumentError, MissingColumnError
from qingyuan.science.water import ITEMS, classify, item_classes, worse_than
from science.shared_vectors import cases

ROMAN = {"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "Ⅴ": "V", "劣Ⅴ": ">V"}


def one(
    body: str | None = "river",
    profile: str = "realtime",
    day: str | None = "2020-05-08",
    **items: float | None,
) -> dict[str, object]:
    frame = pl.DataFrame(
        {"section": ["S"], "time": [day], "body": [body], **{name: [value] for name, value in items.items()}}
    )
    return classify(frame, profile, partial=True).row(0, named=True)  # one item at a time, pH too


@pytest.mark.parametrize(
    ("body", "items", "expected"),
    [
        pytest.param("river", {"COD": 15.0}, "I", id="table1-COD-equal-limits-give-the-best"),
        pytest.param("river", {"COD": 15.1}, "III", id="table1-COD-15.1"),
        pytest.param("river", {"TP": 0.06}, "II", id="table1-TP-river"),
        pytest.param("lake", {"TP": 0.06}, "IV", id="table1-TP-lake"),
        pytest.param("river", {"DO": 7.5}, "I", id="table1-DO-at-least"),
        pytest.param("river", {"DO": 7.49}, "II", id="table1-DO-below"),
        pytest.param("river", {"DO": 1.9}, ">V", id="table1-DO-beyond-V"),
        pytest.param("river", {"pH": 9.0}, "I", id="table1-pH-on-the-edge"),
        pytest.param("river", {"pH": 9.01}, ">V", id="table1-pH-outside"),
        pytest.param("river", {"Hg": 0.00005}, "I", id="table1-Hg-smallest-limit"),
        pytest.param("river", {"Hg": 0.00006}, "III", id="table1-Hg-equal-limits"),
        pytest.param("lake", {"TN": 9.0, "DO": 8.0}, "I", id="TN-never-enters-the-class"),
        pytest.param("river", {"DO": 8.0, "NH3N": 2.1}, ">V", id="worst-item-decides"),
    ],
)
def test_class_by_the_table(body: str, items: dict[str, float], expected: str) -> None:
    assert one(body, **items)["class"] == expected


def test_ph_alone_makes_no_class() -> None:
    """A black river (DO 1.1, ammonia 9.15) whose other items were not read was called class I, excellent."""
    frame = pl.DataFrame({"section": ["S"], "time": ["2025-05-01"], "body": ["river"], "pH": [8.1], "NH3N": ["--"]})
    row = classify(frame).row(0, named=True)
    assert (row["class"], row["deciding"], row["main_pollutants"]) == (None, "", "")
    assert row["reason"] == "缺NH3N；只有pH可评，不定类"
    assert classify(frame, partial=True)["class"][0] == "I"


def test_a_non_detect_is_below_its_limit_however_it_is_written() -> None:
    """未检出, ND, full-width Ｌ and 4E-05L were counted as missing."""
    cells = ["0.05L", "<0.05", "0.05Ｌ", "L0.05", "5E-2L", "＜ 0.05", "0.05(L)", "未检出", "ND", "n.d."]
    frame = pl.DataFrame({"time": ["2025-05-01"] * 10, "body": ["river"] * 10, "NH3N": cells})
    result = classify(frame)
    assert result["class"].to_list() == ["I"] * 10
    assert result["reason"].to_list() == [""] * 7 + ["NH3N未检出而未给检出限，按0参加"] * 3


@pytest.mark.parametrize(
    ("items", "realtime", "evaluation"),
    [
        ({"pH": 9.4999}, ">V", "I"),
        ({"NH3N": 1.005}, "IV", "III"),
        ({"CODMn": 6.05}, "IV", "III"),
        ({"DO": 4.95}, "IV", "III"),
        ({"TP": 0.2004}, "IV", "III"),
    ],
)
def test_the_two_profiles_differ_by_rounding(items: dict[str, float], realtime: str, evaluation: str) -> None:
    assert one(**items)["class"] == realtime
    assert one(profile="evaluation", **items)["class"] == evaluation


@pytest.mark.parametrize("row", cases("water_vectors_cnemc_realtime.csv", "vector_id"))
def test_realtime_vector(row: dict[str, str]) -> None:
    body = "lake" if row["tp_limit_set_that_fits"] == "lake" else "river"
    items = {
        name: float(row[f"{name}_raw"]) if row[f"{name}_raw"] not in ("", "*") else None
        for name in ("pH", "DO", "CODMn", "NH3N", "TP")
    }
    result = one(body, "realtime", row["archive_date"], **items)
    assert result["class"] == ROMAN[row["class_official"]]
    assert result["deciding"] == row["derived_deciding_items"].replace(";", ",")
    if row["derived_class_if_evaluation_rounding"]:
        rounded = one(body, "evaluation", row["archive_date"], **items)
        assert rounded["class"] == ROMAN[row["derived_class_if_evaluation_rounding"]]


@pytest.mark.parametrize("row", cases("water_vectors_section_class.csv", "vector_id"))
def test_section_vector(row: dict[str, str]) -> None:
    """Printed bulletins. S24 gives TN of a lake alone: it has a class of its own and never enters the water's."""
    names = {name: name for name in ("pH", "DO", "CODMn", "COD", "BOD5", "NH3N", "TP", "volatile_phenol")}
    names["oil"] = "petroleum"
    items = {name: float(row[column]) for column, name in names.items() if row[column]}
    if not items:
        assert row["TN"]
        assert one("lake", "evaluation", TN=float(row["TN"]))["class"] is None
        lake = pl.DataFrame({"time": ["2020-08-01"], "body": [row["water"]], "TN": [float(row["TN"])]})
        assert item_classes(lake, "TN").to_list() == [ROMAN[row["class_official"]]]
        return
    result = one(row["water"], "evaluation", **items)
    assert result["class"] == ROMAN[row["class_official"].split(" ")[0]]
    official = row["main_pollutants_official"]
    if official and "TP is named" not in official:
        assert str(result["main_pollutants"]).startswith(official.split("(")[0])


def test_main_pollutants_three_worst_with_multiples() -> None:
    row = one(CODMn=16.0, COD=44.0, BOD5=7.0, NH3N=1.6, TP=0.25, DO=2.5)
    assert row["class"] == ">V"
    assert row["main_pollutants"] == "高锰酸盐指数(1.7),化学需氧量(1.2),五日生化需氧量(0.8)"
    assert row["deciding"] == "CODMn,COD"


def test_heavy_metals_that_exceed_come_first() -> None:
    row = one(CODMn=16.0, Pb=0.06)
    assert row["main_pollutants"] == "铅(0.2),高锰酸盐指数(1.7)"


def test_items_without_a_multiple_follow_those_with_one() -> None:
    row = one(pH=9.8, NH3N=2.5, DO=1.0)
    assert row["main_pollutants"] == "氨氮(1.5),pH值,溶解氧"


def test_a_multiple_that_would_be_zero_keeps_one_digit() -> None:
    assert one(CODMn=6.3)["main_pollutants"] == "高锰酸盐指数(0.05)"
    assert one(CODMn=6.0)["main_pollutants"] == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"DO": 8.0, "NH3N": None}, "缺NH3N"),
        ({"DO": 8.0, "NH3N": -0.1}, "NH3N为负值，按缺测"),
        ({"DO": 8.0, "NH3N": "很多"}, "NH3N不是数值，按缺测"),
        ({"body": None, "DO": 8.0, "TP": 0.1}, "水体类型不明，TP未评价"),
    ],
)
def test_what_was_left_out_is_said(arguments: dict[str, float | str | None], words: str) -> None:
    row = one(**arguments)  # type: ignore[arg-type]
    assert row["class"] == "I"
    assert row["reason"] == words


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ({"NH3N": 101.0}, "NH3N远超Ⅴ类限值，疑为单位错误，请核对"),
        ({"NH3N": 100.0}, ""),
        ({"TP": 25.0}, "TP远超Ⅴ类限值，疑为单位错误，请核对"),
    ],
)
def test_a_value_that_may_be_of_another_unit_is_judged_and_named(items: dict[str, float], words: str) -> None:
    row = one(**items)
    assert row["reason"] == words
    assert row["class"] == ">V"


@pytest.mark.parametrize(("item", "value"), [("NH3N", 2001.0), ("DO", 51.0), ("pH", 15.2)])
def test_an_impossible_value_counts_as_missing_and_is_named(item: str, value: float) -> None:
    row = one(**{"CODMn": 3.0, item: value})
    assert row["reason"] == f"{item}超出合理范围，按缺测，请核对单位"
    assert (row["class"], row["deciding"], row[item]) == ("II", "CODMn", value)


def test_items_beside_the_class_have_classes_of_their_own() -> None:
    frame = pl.DataFrame({"time": ["2024-01-01"] * 3, "body": ["lake", "river", None], "TN": [2.004, 2.0, 1.0],
                          "faecal_coliform": [200, 50_000, None]})  # fmt: skip
    assert item_classes(frame, "TN").to_list() == ["V", None, None]
    assert item_classes(frame, "faecal_coliform").to_list() == ["I", ">V", None]


@pytest.mark.parametrize(("day", "words"), [(None, "时间缺失"), ("1999-01-01", "早于"), ("昨天", "时间缺失")])
def test_no_date_no_class(day: str | None, words: str) -> None:
    row = one(day=day, DO=8.0)
    assert row["class"] is None
    assert row["standard"] is None
    assert words in str(row["reason"])


def test_nothing_measured_is_cannot_tell() -> None:
    row = one(DO=None)
    assert row["class"] is None
    assert "无可评价项目" in str(row["reason"])


@pytest.mark.parametrize(
    ("actual", "target", "expected"),
    [("III", "III", False), ("IV", "III", True), (">V", "V", True), ("Ⅱ", "Ⅲ", False), (None, "III", None)],
)
def test_worse_than_has_three_answers(actual: str | None, target: str, expected: bool | None) -> None:
    assert worse_than(actual, target) is expected


def test_wrong_use_is_refused() -> None:
    with pytest.raises(MissingColumnError, match="body"):
        classify(pl.DataFrame({"time": ["2020-01-01"], "DO": [1.0]}))
    with pytest.raises(BadArgumentError, match="monthly"):
        one(profile="monthly", DO=8.0)
    with pytest.raises(BadArgumentError, match="VII"):
        worse_than("VII", "III")


VALUE = st.one_of(st.none(), st.integers(0, 500000).map(lambda n: n / 10000))
ROWS = st.lists(st.tuples(*[VALUE] * 5), min_size=1, max_size=8)


def frame_of(rows: list[tuple[float | None, ...]]) -> pl.DataFrame:
    names = ["DO", "CODMn", "NH3N", "TP", "Pb"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Float64), orient="row")
    return frame.with_columns(time=pl.lit("2024-01-01"), body=pl.lit("river"))


@given(ROWS, st.sampled_from(["realtime", "evaluation"]))
def test_order_and_chunking_do_not_matter(rows: list[tuple[float | None, ...]], profile: str) -> None:
    frame = frame_of(rows)
    whole = classify(frame, profile)
    assert classify(frame.reverse(), profile).reverse().equals(whole)
    assert pl.concat([classify(frame[:1], profile), classify(frame[1:], profile)]).equals(whole)


@given(
    st.sampled_from([item for item in ITEMS if item not in ("pH", "DO")]),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)
def test_more_pollution_never_betters_the_class(item: str, low: int, more: int) -> None:
    most = float(rule_book().item(item).plausible_high)
    better, worse = (one(**{item: min(value / 10**5, most)})["class"] for value in (low, low + more))
    assert worse_than(str(better), str(worse)) is False


@given(st.integers(1, 10**6))
def test_scaling_units_does_not_change_a_class(micrograms: int) -> None:
    """A value converted from µg/L must fall into the class of the value written in mg/L."""
    written = float(f"{micrograms // 1000}.{micrograms % 1000:03d}")
    converted = rule_book().convert(float(micrograms), "ug/L", "mg/L")
    assert one(NH3N=written)["class"] == one(NH3N=converted)["class"]
