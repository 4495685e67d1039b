"""Codes of HJ 212-2017 annex B, of 2005, of processes and devices; unknown ones are listed."""

from __future__ import annotations

import pytest

from qingyuan.hj212 import Frame, decode, meaning_of, unknown_codes


@pytest.mark.parametrize(
    ("code", "meant", "name", "unit", "kind"),
    [
        ("w01018", "w01018", "化学需氧量", "mg/L", "water"),
        ("011", "w01018", "化学需氧量", "mg/L", "water"),
        ("a21026", "a21026", "二氧化硫", "mg/m3", "air"),
        ("e10103", "e10103", "进水口流量", "L/s", "process"),
        ("g12002", "g12002", "入口氮氧化物", "mg/m3", "process"),
        ("i33315", "i33315", "炉膛内上部焚烧温度", "degC", "information"),
        ("i13008", "i13008", "斜率", "", "information"),
        ("SB12", "SB12", "治理设施 12", "", "facility"),
    ],
)
def test_a_code_has_a_name_and_a_unit(code: str, meant: str, name: str, unit: str, kind: str):
    found = meaning_of(code)
    assert found is not None
    assert (found.code, found.unit, found.kind) == (meant, unit, kind)
    assert found.name_zh.startswith(name)


def test_unknown_codes_are_kept_raw_and_listed():
    body = b"ST=32;CN=2011;MN=A;CP=&&DataTime=20240601085857;w99999-Rtd=1,w99999-Flag=N;w01018-Rtd=3;ele01-Rtd=2&&"
    message = decode(Frame(b"", body, 0))
    assert unknown_codes(message) == ("w99999", "ele01")
    assert message.items["w99999"] == {"Rtd": "1", "Flag": "N"}
