"""What is paid and received, to the last figure: the mutation run (tests/mutation) found these unguarded."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from qingyuan.rules import rule_book
from qingyuan.rules.air_compensation import CompensationScheme, CompensationStep
from qingyuan.science import water
from qingyuan.science.air import compensate


def step(
    kind: str, a: str = "", b: str = "", coefficient: str = "1", count: int = 0, words: str = ""
) -> CompensationStep:
    return CompensationStep(kind, a, b, Decimal(coefficient), count, words)


def scheme(*steps: CompensationStep) -> CompensationScheme:
    return CompensationScheme("ours", "试", steps, rule_book().air_compensation["anhui_2018"].origin)


def settled(frame: dict[str, list[Any]], *steps: CompensationStep, **options: Any) -> pl.DataFrame:
    return compensate(pl.DataFrame(frame), scheme(*steps), **options)


class TestTowns:
    """Air: steps over all towns, ties counted in, money rounded once."""

    def test_what_was_paid_is_shared_by_those_marked(self) -> None:
        found = settled(
            {"town": ["甲", "乙", "丙", "丁"], "x": [1.0, 2.0, 3.0, 4.0]},
            step("add", "x"),
            step("pay_last", "score", "asc", "90", 1, "末位"),
            step("take_first", "x", "asc", "0", 1, "首位"),
            step("mark_first", "x", "asc", "1", 3, "受补"),
            step("share_pool", words="分享"),
        )
        assert found["amount"].to_list() == [30, 30, 30, -90]
        assert found["steps"][0].endswith("受补；分享：90/3 = 30 万元")
        assert found["steps"][3].split("；")[1] == "末位 90 万元"
        assert set(found["reason"]) == {""}, "nobody tied"

    def test_a_share_is_told_with_four_figures(self) -> None:
        found = settled(
            {"town": ["甲", "乙", "丙", "丁"], "x": [1.0, 2.0, 3.0, 4.0]},
            step("pay_last", "x", "asc", "10.12345", 1, "末位"),
            step("mark_first", "x", "asc", "1", 3, "受补"),
            step("share_pool", words="分享"),
        )
        assert found["steps"][0].split("；")[-1] == "分享：10.1234/3 = 3.3745 万元"

    def test_ties_at_the_edge_all_count_and_say_so(self) -> None:
        frame = {"town": ["甲", "乙", "丙"], "x": [1.0, 2.0, 2.0]}
        one = settled(frame, step("pay_last", "x", "asc", "60", 1, "末位"))
        assert (one["amount"].to_list(), one["reason"].to_list()) == (
            [0, -60, -60],
            ["", "名次并列，并列者都计入", "名次并列，并列者都计入"],
        )
        two = settled(frame, step("pay_last", "x", "asc", "60", 2, "末位"))
        assert (two["amount"].to_list(), set(two["reason"])) == ([0, -60, -60], {""})

    def test_more_places_than_towns(self) -> None:
        assert settled({"town": ["甲"], "x": [1.0]}, step("pay_last", "x", "asc", "6", 3))["amount"].to_list() == [-6]

    @pytest.mark.parametrize("count", [0, 1])
    def test_no_places_take_nothing(self, count: int) -> None:
        found = settled({"town": ["甲"], "x": [1.0]}, step("take_first", "x", "asc", "6", count))
        assert found["amount"].to_list() == [6 * count]

    def test_nobody_who_takes_part(self) -> None:
        found = settled({"town": ["甲"], "x": [None]}, step("take_first", "x", "asc", "6", 1))
        assert (found["amount"].to_list(), found["reason"].to_list()) == ([None], ["缺x，不参加结算"])

    def test_a_ratio_to_zero_is_no_ratio(self) -> None:
        found = settled(
            {"town": ["甲", "乙"], "x": [1.0, 1.0], "y": [0.0, 2.0]}, step("add_ratio", "x", "y"), step("settle")
        )
        assert found["amount"].to_list() == [None, 0.5]
        assert found["reason"][0] == "缺y（为零，不能作除数），不参加结算"

    def test_a_term_of_one_counts_as_one(self) -> None:
        assert settled({"town": ["甲"], "x": [1.0]}, step("add_ratio", "x", "1"), step("settle"))[
            "amount"
        ].to_list() == [1]
        assert settled({"town": ["甲"], "x": [7.0]}, step("add_above", "x"), step("settle"))["amount"].to_list() == [7]

    def test_two_rows_of_a_town_are_both_settled_and_named(self) -> None:
        found = settled({"town": ["甲", "甲", "乙"], "x": [1.0, 2.0, 3.0]}, step("add", "x"), step("settle"))
        assert (found["amount"].to_list(), found["reason"].to_list()) == (
            [1, 2, 3],
            ["同一对象有多行", "同一对象有多行", ""],
        )

    def test_text_is_named_in_the_column_that_a_step_reads(self) -> None:
        found = settled({"town": ["甲"], "PM2_5": ["三十"], "y": ["x"]}, step("add", "PM2_5|5"), step("settle"))
        assert found["amount"].to_list() == [5]
        assert "PM2_5" in found["reason"][0]
        assert "y" not in found["reason"][0]

    def test_score_and_money_keep_the_decimals_of_their_day(self) -> None:
        newest = rule_book().decimal_rows.turning_days[-1]
        money = rule_book().decimals("air_money", "*", newest)
        found = settled({"town": ["甲"], "x": ["0.123456789"]}, step("add", "x"), step("settle"))
        assert found["amount"][0] == round(0.123456789, money)


def charge(scheme: str, **cells: Any) -> dict[str, Any]:
    frame = pl.DataFrame({name: [value] for name, value in {"section": "S", "item": "NH3N", **cells}.items()})
    return water.compensate(frame, scheme).row(0, named=True)


class TestSections:
    """Water: by load or by the step that holds the multiple."""

    def test_the_multiple_is_told_and_chooses_the_step(self) -> None:
        found = charge("jiangsu_2021", value=3.5, target=2.0)
        assert (found["multiple"], found["amount"]) == (0.75, 750_000)
        assert found["steps"] == "超标倍数(3.5-2)/2=0.750，在(0.5,1.0]档：750000元"
        assert charge("jiangsu_2021", value=6.5, target=2.0)["steps"].endswith("在(1,∞]档：1250000元")

    @pytest.mark.parametrize(
        ("value", "amount"), [(3.0, 500_000), (3.0001, 750_000), (4.0, 750_000), (4.0001, 1_250_000)]
    )
    def test_a_step_is_open_below_and_closed_above(self, value: float, amount: float) -> None:
        assert charge("jiangsu_2021", value=value, target=2.0)["amount"] == amount

    def test_at_the_target_nothing_is_due(self) -> None:
        found = charge("jiangsu_2021", value=2.0, target=2.0)
        assert (found["multiple"], found["amount"], found["steps"]) == (0.0, 0.0, "2≤2，不补偿")
        assert charge("jiangsu_2021", value=1.0, target=2.0)["multiple"] == -0.5

    def test_a_hair_above_is_charged(self) -> None:
        assert charge("jiangsu_2021", value=2.000001, target=2.0)["amount"] == 500_000

    @pytest.mark.parametrize(
        ("value", "target"), [(None, 2.0), (2.5, None), (2.5, 0.0), (-1.0, 2.0), (None, None)], ids=str
    )
    def test_what_lacks_has_no_amount_and_says_so(self, value: float | None, target: float | None) -> None:
        found = charge("jiangsu_2021", value=value, target=target)
        assert (found["amount"], found["multiple"], found["steps"]) == (None, None, "")
        assert "缺浓度或目标" in found["reason"]

    def test_a_value_of_nought_is_a_value(self) -> None:
        assert charge("jiangsu_2021", value=0.0, target=2.0)["amount"] == 0.0

    def test_an_implausible_value_is_no_value(self) -> None:
        highest = float(rule_book().items["NH3N"].plausible_high)
        assert charge("jiangsu_2021", value=highest, target=2.0)["amount"] == 1_250_000
        found = charge("jiangsu_2021", value=math.nextafter(highest, math.inf), target=2.0)
        assert (found["amount"], found["multiple"]) == (None, None)
        assert found["reason"] == "value超出合理范围，按缺测，请核对单位"

    def test_by_load_to_the_cent(self) -> None:
        found = charge("taihu_pilot", item="TP", value=0.2345, target=0.2, flow_m3=123_456.0)
        tonnes = 0.0345 * 123_456 / 1e6
        assert found["amount"] == round(tonnes * 100_000, 2) == 425.92
        assert found["multiple"] == pytest.approx(0.1725)

    def test_a_scheme_before_its_time(self) -> None:
        found = charge("jiangsu_2021", value=9.0, target=2.0, time="2020-01-01")
        assert (found["amount"], "没有施行" in found["reason"]) == (None, True)
