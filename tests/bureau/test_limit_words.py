"""What the checks of limits say, in English: every sentence has one, and nothing but names of classes stays Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.utils.translation import override

from bureau.test_limits_odd import GAS, PH, WATER
from qingyuan.bureau.base.display import in_language
from qingyuan.bureau.base.told import SENTENCES, told
from qingyuan.bureau.values.actions.limit_cells import BadCell, bounds_of, day_of, unit_of
from qingyuan.rules import rule_book
from qingyuan.science.sources import Checked, PermitLimit, check_limit, missing_items

CHINESE = re.compile(r"[\u4e00-\u9fff。；：，、（）]")
DAY = date(2026, 11, 20)
KINDS = [
    ("thermal_power", "flue_gas"),
    ("waste_incineration", "flue_gas"),
    ("cement", "flue_gas"),
    ("dyeing", "waste_water"),
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_has_its_english(sentence: str) -> None:
    whole = re.sub(r"%\(\w+\)s", "7", sentence).replace("%%", "%")
    assert told(whole) == whole
    with override("en"):
        assert not CHINESE.search(told(whole)), told(whole)


def outcomes() -> Iterator[Checked]:
    for industry, medium in KINDS:
        for item, unit in (("SO2", "mg/m3"), ("COD", "mg/L"), ("NOx", "degC"), ("pH", "1"), ("dust", "mg/m3")):
            for upper, o2, converted in ((1, 6.0, True), (45, None, False), (90, 18.0, True), (10**4, None, True)):
                for condition in ("", "启炉"):
                    limit = PermitLimit(item, unit, "hour", Decimal(upper), None, condition, o2, converted, "许可证")
                    yield from check_limit(limit, medium, industry, DAY)
                    yield from missing_items([limit], medium, industry, DAY)


def names() -> set[str]:
    """Classes, processes, conditions and standards by their own names."""
    rows = rule_book().emission_limits(DAY)
    found = {
        word for row in rows for word in (row.source_class, row.process, row.condition, row.origin.standard) if word
    }
    return found | {"许可证"}


def test_what_the_checks_say() -> None:
    proper = sorted(names(), key=len, reverse=True)
    met = set()
    with override("en"):
        for found in outcomes():
            met.add(found.check)
            for text in (found.got, found.expected, found.advice):
                said = told(text)
                for name in proper:
                    said = said.replace(name, "")
                assert not re.search(r"[\u4e00-\u9fff]", said), (text, said)
    assert len(met) >= 6, "the checks that can be met"


@pytest.mark.parametrize(
    "row",
    [GAS | {"限值": "5（8）"}, GAS | {"限值": "90%"}, GAS | {"限值": "30-50"}, GAS | {"限值": ""}, PH | {"下限": "5"}],
    ids=["bracket", "percent", "range", "nothing", "both"],
)
def test_what_a_refusal_says(row: dict[str, str]) -> None:
    cells = {"upper": row["限值"], "lower": row.get("下限", "")}
    with override("en"), pytest.raises(BadCell) as caught:
        bounds_of(cells, "1" if row["监测项目"] == "pH" else "mg/m3", 5)
    with override("en"):
        assert not CHINESE.search(told(caught.value.expected) + told(caught.value.advice))
        with pytest.raises(BadCell) as unit:
            unit_of("furlong", WATER["监测项目"])
        with pytest.raises(BadCell) as day:
            day_of("valid_from", "明年")
        said = [told(word) for bad in (unit, day) for word in (bad.value.expected, bad.value.advice)]
    assert not CHINESE.search("".join(said))


def test_sources_of_what_outlets_are_judged_by_are_in_both_languages() -> None:
    book = rule_book()
    rows = [
        row for key, row in book.validity_rows.all_on(DAY).items() if key.startswith(("flue_gas", "waste_water", "tag"))
    ]
    sources = [row.origin.source for row in (*rows, *book.tag_rows.all_on(DAY).values())]
    assert len(sources) > 20
    for source in sources:
        assert re.search(r"[\u4e00-\u9fff]", in_language(source))
        with override("en"):
            assert not CHINESE.search(in_language(source))
    with override("en"):
        assert in_language("凭记忆") == "凭记忆", "a pack may speak one language only"
