"""Limits of permits against the rows of standards: looser, between classes, of another unit or state, missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.rules import rule_book
from qingyuan.science.sources import Check, PermitLimit, check_limit, missing_items, rows_for

DAY = date(2026, 11, 1)


def limit(upper: str, item: str = "SO2", **more: Any) -> PermitLimit:
    given: dict[str, Any] = {"unit": "mg/m3", "averaging": "hour", "is_converted": True} | more
    return PermitLimit(item, given.pop("unit"), given.pop("averaging"), Decimal(upper), **given)


def outcome(one: PermitLimit, industry: str = "power", medium: str = "flue_gas", day: date = DAY) -> list[Check]:
    return [c.check for c in check_limit(one, medium, industry, day)]


@pytest.mark.parametrize(
    ("upper", "text", "expected"),
    [
        ("50", "GB 13223-2011 特别排放 燃煤锅炉", Check.WITHIN),
        ("50.1", "GB 13223-2011 特别排放 燃煤锅炉", Check.LOOSER),
        ("35", "火电超低排放限值", Check.WITHIN),
        ("150", "GB 13223-2011 燃煤锅炉", Check.CANNOT_TELL),
        ("150", "GB13223-2011 燃煤锅炉 新建", Check.LOOSER),
        ("201", "gb 13223-2011", Check.LOOSER),
    ],
    ids=["special-equal", "special-above", "ultra-low-equal", "new-or-existing", "new", "above-every-class"],
)
def test_gb13223_sulfur_dioxide_of_coal(upper: str, text: str, expected: Check) -> None:
    assert outcome(limit(upper, text=text)) == [expected]


def test_gb4915_a_class_that_is_told_leaves_the_general_row_out() -> None:
    assert outcome(limit("350", "NOx", text="GB 4915-2013 特别排放"), "cement") == [Check.LOOSER]
    assert outcome(limit("350", "NOx", text="GB 4915-2013"), "cement") == [Check.CANNOT_TELL]
    assert outcome(limit("320", "NOx", text="GB 4915-2013 特别排放"), "cement") == [Check.WITHIN]


def test_gb18485_day_and_hour_are_two_rows() -> None:
    assert outcome(limit("250", "NOx", averaging="day", text="GB 18485-2014"), "") == [Check.WITHIN]
    assert outcome(limit("300", "NOx", averaging="day", text="GB 18485-2014"), "") == [Check.LOOSER]
    assert outcome(limit("300", "NOx", text="GB 18485-2014"), "") == [Check.WITHIN]


def test_gb18918_cold_water_is_a_condition_of_its_own() -> None:
    water = {"unit": "mg/L", "averaging": "day", "text": "GB 18918-2002 一级A"}
    assert outcome(limit("8", "NH3N", **water), "sewage", "waste_water") == [Check.LOOSER]
    cold = limit("8", "NH3N", condition="水温不高于12℃", **water)
    assert outcome(cold, "sewage", "waste_water") == [Check.WITHIN]
    other = limit("8", "NH3N", condition="检修", **water)
    assert outcome(other, "sewage", "waste_water") == [Check.UNKNOWN]


def test_units_are_converted_or_refused() -> None:
    assert outcome(limit("50000", unit="ug/m3", text="GB 13223-2011 特别排放 燃煤锅炉")) == [Check.WITHIN]
    assert outcome(limit("50", unit="mg/L", text="GB 13223-2011")) == [Check.WRONG_UNIT]
    assert outcome(limit("50", unit="furlong", text="")) == [Check.WRONG_UNIT]


def test_reference_oxygen_and_converted_values() -> None:
    text = "GB 13223-2011 特别排放 燃煤锅炉"
    assert outcome(limit("50", text=text, reference_o2=6.0)) == [Check.WITHIN]
    assert outcome(limit("50", text=text, reference_o2=9.0)) == [Check.WITHIN, Check.WRONG_STATE]
    assert outcome(limit("50", text=text, is_converted=False)) == [Check.WITHIN, Check.WRONG_STATE]


def test_a_standard_of_a_place_counts_elsewhere_only_when_named() -> None:
    of_jiangsu = limit("10", "dust", text="")
    assert all(not row.place for row in rows_for(of_jiangsu, "flue_gas", "boiler", DAY, book=rule_book("440000")))
    home = rows_for(of_jiangsu, "flue_gas", "boiler", DAY, book=rule_book("321282"))
    assert any(row.place == "320000" for row in home)
    named = limit("10", "dust", text="DB32/4385-2022")
    assert {r.origin.standard for r in rows_for(named, "flue_gas", "", DAY, book=rule_book("440000"))} == {
        "DB32/4385-2022"
    }


def test_before_the_standard_nothing_is_known() -> None:
    assert outcome(limit("10", text="GB 13223-2011"), day=date(2011, 1, 1)) == [Check.UNKNOWN]
    assert outcome(limit("10", text="自拟"), industry="unheard-of") == [Check.UNKNOWN]


def test_missing_items_of_the_named_standard() -> None:
    held = [limit("10", "dust", text="火电超低排放 燃煤锅炉"), limit("35", text="火电超低排放 燃煤锅炉")]
    (one,) = missing_items(held, "flue_gas", "power", DAY)
    assert (one.check, one.item) == (Check.MISSING, "NOx")
    assert "50 mg/m3" in one.expected
    assert missing_items([*held, limit("50", "NOx")], "flue_gas", "power", DAY) == []


def test_a_manual_test_and_a_general_standard_ask_for_no_limit() -> None:
    burner = [limit("1", i, text="GB 18485-2014") for i in ("dust", "SO2", "NOx", "HCl", "CO")]
    assert missing_items(burner, "flue_gas", "waste_incineration", DAY) == []
    assert missing_items([limit("60", "NMHC", text="DB32/4041-2021")], "flue_gas", "coating", DAY) == []


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.decimals("0.1", "400", places=1), st.decimals("0", "100", places=1))
def test_a_stricter_limit_is_never_looser(upper: Decimal, less: Decimal) -> None:
    rank = {Check.WITHIN: 0, Check.CANNOT_TELL: 1, Check.LOOSER: 2}
    if less >= upper:
        return
    text = "GB 13223-2011 燃煤锅炉"
    loose, strict = (outcome(limit(str(u), text=text))[0] for u in (upper, upper - less))
    assert rank[strict] <= rank[loose]


def test_every_shipped_row_is_of_a_known_item_and_unit() -> None:
    book = rule_book()
    for row in book.emission_limits(DAY):
        assert row.unit in book.units, row
        assert row.item in book.items or row.item in book.factors, row
    doubtful = [row for row in book.emission_limits(DAY) if row.origin.certainty == "setting"]
    assert all("memory" in row.origin.source or "page" in row.origin.source for row in doubtful)
