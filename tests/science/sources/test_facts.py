"""The rule book's rows of outlets held against the tables of collected facts, row by row; what is left out is named."""

from __future__ import annotations

import csv
import re
from datetime import date

import pytest

from qingyuan.rules import Certainty, rule_book
from science.shared_vectors import shared

DAY = date(2026, 11, 20)
AVERAGING = {"1 h": "hour", "24 h": "day", "day mean": "day", "test mean": "test"}
NAMES = {"超低排放(火电)": "火电超低排放", "超低排放(钢铁)": "环大气〔2019〕35号"}
VERIFIED = re.compile("^(verified|labels verified)")

# Fact: why no row stands for it.
LEFT_OUT = {
    "limits": {
        "GB18485-2014 二噁英 (ng TEQ/m3)": "no factor code",
        "GB18485-2014 锑砷铅铬钴铜锰镍合计": "a sum without a factor code",
        "GB37822-2019 非甲烷总烃": "limits inside the plant, at no outlet",
    },
    "validity": {
        "V07": "the same figure as V02",
        "V09": "no monthly means of concentration are made",
        "V11": "the flags of devices and the tags say it; overdue calibration and loss of control are not told by anything",
        "V12": "a duty of the firm",
        "V13": "a duty of the firm",
        "V14": "manual values are not taken in",
        "V16": "no figure: hours without flow, in the code",
        "V17": "analyser and logger are not read beside the platform",
        "V18": "results of standard checks are not kept yet",
        "V19": "no figure: the flags",
        "V20": "source_averaging.csv",
        "V22": "a duty of the firm",
        "V23": "results of standard checks are not kept yet",
        "V24": "comparisons by hand are not taken in",
        "V25": "the general 45 minutes hold for NMHC",
        "V26": "a formula",
    },
    "tags": {
        "T23": "furnace temperatures are not judged yet",
        "T28": "a rule of anomalies",
    },
    "substitution": {
        "S07": "no row: nothing is defined below 75 %",
        "S08": "manual values are not taken in",
        "S10": "pH has no mass",
    },
}
KEYS = {
    "V01": "flue_gas.minute.samples", "V02": "flue_gas.hour.minutes", "V03": "flue_gas.day.hours",
    "V04": "waste_water.ten_minutes.samples", "V05": "flue_gas.flag.normal_share", "V08": "flue_gas.day.hours",
    "V10": "flue_gas.quarter.capture", "V15": "tag.hour.minutes", "V21": "waste_water.day.share",
    "V28": "tag.deadline.hour",
}  # fmt: skip
TAGS = {  # name and industry of the facts' rows
    "T08": ("启炉", "waste_incineration"), "T09": ("停炉", "waste_incineration"), "T10": ("故障停炉", "waste_incineration"),
    "T11": ("烘炉", "waste_incineration"), "T12": ("启炉", "thermal_power"), "T13": ("停炉", "thermal_power"),
    "T14": ("冷态启动", "boiler"), "T15": ("热态启动", "boiler"), "T16": ("停炉", "boiler"), "T17": ("点火冷态", "cement"),
    "T18": ("点火热态", "cement"), "T19": ("停窑", "cement"), "T20": ("启动", "sinter"), "T21": ("启窑", "ceramics"),
    "T22": ("停窑", "ceramics"),
}  # fmt: skip
ITEMS = {
    "T12": {"NOx"},
    "T13": {"NOx"},
    "T14": {"NOx"},
    "T15": {"NOx"},
    "T16": {"NOx"},
    "T19": {"SO2", "NOx"},
    "T20": {"NOx"},
}


def facts(name: str) -> list[dict[str, str]]:
    path = shared() / "rules" / "tables" / f"{name}.csv"
    if not path.is_file():
        pytest.skip(f"shared facts absent: {name} (set QINGYUAN_SHARED)")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def figures(text: str) -> list[float]:
    """The figures of a limit as the facts write it; dates and words beside them are none."""
    bare = re.sub(r"\d{4}-\d{2}-\d{2}|\(one source.*?\)|: confirm", "", text)
    return [float(n) for n in re.findall(r"\d+(?:\.\d+)?", bare)]


def test_emission_limits() -> None:
    """Every figure, its averaging time and its reference oxygen; what is not verified there is no certainty here."""
    rows = rule_book().emission_limits(DAY)
    wrong = []
    for fact in facts("cems_emission_limits"):
        name = NAMES.get("".join(fact["standard"].split()), "".join(fact["standard"].split()))
        if f"{name} {fact['factor_zh']}" in LEFT_OUT["limits"]:
            continue
        oxygen = set(figures(fact["ref_o2_pct"]))
        for figure in figures(fact["limit"]):
            same = [
                row
                for row in rows
                if row.origin.standard == name
                and row.averaging == AVERAGING[fact["averaging"]]
                and figure in {float(b) for b in (row.upper, row.lower) if b is not None}
                and (not oxygen or (row.reference_o2 is not None and float(row.reference_o2) in oxygen))
            ]
            if not same:
                wrong.append((name, fact["factor_zh"], figure))
            doubtful = "unverified" in fact["status"] and "partly" not in fact["status"]
            if doubtful and any(row.origin.certainty is Certainty.OFFICIAL for row in same):
                wrong.append((name, fact["factor_zh"], "more certain than its source"))
    assert wrong == []


def test_validity() -> None:
    book = rule_book()
    for fact in facts("cems_validity_rules"):
        name = fact["rule_id"]
        if name in LEFT_OUT["validity"] or name in {"V06", "V27"}:  # see test_periods
            continue
        row = book.validity_rows.get(KEYS[name], DAY)
        assert row is not None, name
        assert float(row.value) == float(fact["value"].split(":")[0]), name
        if not VERIFIED.match(fact["status"]) and name != "V28":
            assert row.origin.certainty is Certainty.SETTING, name


def test_tags() -> None:
    book = rule_book()
    for fact in facts("cems_tag_rules"):
        name = fact["rule_id"]
        if name in LEFT_OUT["tags"] or fact["tag_group"] in {"judgement", "procedure"}:
            continue
        if fact["tag_group"] == "device":
            rule = book.tag_rule(fact["tag_zh"].split()[0], "*", DAY)
            assert rule is not None, name
            continue
        rule = book.tag_rule(*TAGS[name], DAY)
        assert rule is not None, name
        if fact["limit_value"]:
            assert rule.limit_hours == int(fact["limit_value"]), name
        assert set(rule.items) == ITEMS.get(name, {"*"}), name
        if "memory" in fact["status"]:
            assert rule.origin.certainty is Certainty.SETTING, name


def test_substitution() -> None:
    book = rule_book()
    for fact in facts("cems_substitution"):
        if fact["rule_id"] in LEFT_OUT["substitution"]:
            continue
        medium = "flue_gas" if fact["medium"] == "flue gas" else "waste_water"
        hours = int(fact["gap_hours_min"] or 1)
        capture = float(fact["capture_rate_min"] or 0.5)
        (row,) = [r for r in book.substitution_rows(DAY, medium) if r.covers(capture, hours)]
        assert {"max": "maximum", "mean": "mean"}[fact["statistic"]] == row.method, fact["rule_id"]
        if fact["gap_hours_max"]:
            assert row.gap_to == int(fact["gap_hours_max"]), fact["rule_id"]
        asked = fact["lookback_valid_hours"]
        assert row.lookback_hours == (0 if asked == "= gap length" else int(asked)), fact["rule_id"]
        if medium == "waste_water":
            assert row.origin.certainty is Certainty.SETTING


def test_the_furnace_in_start_up() -> None:
    """PM hourly mean of the stack at most 150 mg/m3 (T08, T09)."""
    rows = [r for r in rule_book().emission_limits(DAY) if r.condition in {"启炉", "停炉", "故障停炉"}]
    assert {(r.origin.standard, r.item, r.upper) for r in rows} == {("GB18485-2014", "dust", 150)}
    assert {r.condition for r in rows} == {"启炉", "停炉", "故障停炉"}
