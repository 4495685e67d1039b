"""Which rule set holds on a day at a place: packs say for which place they are made."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ops.test_water_commands import run
from qingyuan.ops import setup
from qingyuan.ops.errors import OpsError
from qingyuan.rules import BadPlaceError, DataFolder, RuleDataError, load, rule_book
from qingyuan.rules.book import of_place
from qingyuan.rules.packs import common_place, pack_folders, read_pack
from qingyuan.rules.places import place_code

HEADER = DataFolder.shipped().texts["water_limits.csv"].splitlines()[0]
DAY = date(2026, 6, 1)


def pack(
    home: Path, name: str, third: str, place: str | None = None, since: str = "2026-01-01", until: str = ""
) -> Path:
    """A folder with its own limits of phosphorus in lakes."""
    folder = home / name
    folder.mkdir(parents=True, exist_ok=True)
    row = f"DB-1,1,TP,总磷,lake,at_most,mg/L,0.01,0.02,{third},0.1,0.2,yes,no,{since},{until},setting,ours"
    (folder / "water_limits.csv").write_text(f"{HEADER}\n{row}\n", "utf-8")
    if place is not None:
        (folder / "pack.toml").write_text(f'place = "{place}"\nname = "{name}"\n', "utf-8")
    return folder


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Jiangsu, Taizhou in it, Zhejiang, and one that declares no place."""
    home = tmp_path / "packs"
    folders = [
        pack(home, "everywhere", "0.048"), pack(home, "jiangsu", "0.04", "320000"),
        pack(home, "taizhou", "0.03", "321200", since="2026-05-01"), pack(home, "zhejiang", "0.045", "33"),
    ]  # fmt: skip
    monkeypatch.setenv("QINGYUAN_RULE_PACKS", ":".join(map(str, folders)))
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(tmp_path / "data"))
    return home


@pytest.mark.parametrize(
    ("place", "day", "third"),
    [
        pytest.param("", DAY, "0.048", id="nation-and-what-declares-no-place"),
        pytest.param("000000", DAY, "0.048", id="nation-by-its-code"),
        pytest.param("320000", DAY, "0.04", id="province"),
        pytest.param("32", DAY, "0.04", id="short-code"),
        pytest.param("320500", DAY, "0.04", id="another-city-of-the-province"),
        pytest.param("321200", DAY, "0.03", id="city"),
        pytest.param("321282", DAY, "0.03", id="county-in-the-city"),
        pytest.param("321282", date(2026, 4, 30), "0.04", id="before-the-city-had-its-own"),
        pytest.param("321282", date(2025, 12, 31), "0.05", id="before-any-local-rule"),
        pytest.param("330100", DAY, "0.045", id="another-province"),
    ],
)
@pytest.mark.usefixtures("packs")
def test_the_rules_of_a_place_on_a_day(place: str, day: date, third: str) -> None:
    book = rule_book(place)
    assert book.water_limit("TP", "lake", day).limit("III") == Decimal(third)
    assert book.place == place_code(place)


@pytest.mark.usefixtures("packs")
def test_two_places_ask_for_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadPlaceError, match=r"33.*one place"):
        rule_book()
    monkeypatch.setenv("QINGYUAN_BUREAU_PLACE", "321282")
    assert rule_book().place == "321282"
    assert rule_book().water_limit("TP", "lake", DAY).limit("III") == Decimal("0.03")


def test_the_packs_of_an_installation_tell_its_place(tmp_path: Path) -> None:
    found = [read_pack(pack(tmp_path, name, "0.04", place)) for name, place in (("a", "320000"), ("b", "3212"))]
    assert common_place(found) == "3212"
    data, code = of_place(DataFolder.shipped(), found, None)
    assert code == "3212"
    assert [mark.split("@")[0] for mark in data.packs] == ["a", "b"]
    assert common_place([]) == ""


def test_a_province_lies_under_its_cities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name the city would come first, and the province would undo it."""
    monkeypatch.delenv("QINGYUAN_RULE_PACKS", raising=False)
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(tmp_path))
    pack(tmp_path / "rules", "a-city", "0.03", "321200")
    pack(tmp_path / "rules", "b-province", "0.04", "320000")
    assert [folder.name for folder in pack_folders()] == ["a-city", "b-province"][::-1]
    assert rule_book().water_limit("TP", "lake", DAY).limit("III") == Decimal("0.03")


@pytest.mark.parametrize("code", ["江苏", "3", "321", "3212822", "32128a"])
def test_what_is_no_code_is_refused(tmp_path: Path, code: str) -> None:
    with pytest.raises(BadPlaceError):
        place_code(code)
    with pytest.raises(RuleDataError, match=r"x/pack.toml.*place"):
        read_pack(pack(tmp_path, "x", "0.04", code))


def test_an_unknown_key_of_the_declaration_is_refused(tmp_path: Path) -> None:
    folder = pack(tmp_path, "x", "0.04")
    (folder / "pack.toml").write_text('plaec = "32"\n', "utf-8")
    with pytest.raises(RuleDataError, match="unknown keys plaec"):
        read_pack(folder)


def test_another_place_is_another_digest(tmp_path: Path) -> None:
    first = read_pack(pack(tmp_path, "x", "0.04", "32")).digest
    assert read_pack(pack(tmp_path, "x", "0.04", "33")).digest != first


@pytest.mark.parametrize(
    "table", ["air_compensation.csv", "air_spearman.csv", "water_tli_items.csv", "air_composite_schemes.csv"]
)
def test_tables_that_are_used_whole_are_checked_at_load(table: str) -> None:
    """Not only tables looked up by key: a key twice on one day anywhere is refused when the program starts."""
    texts = dict(DataFolder.shipped().texts)
    lines = texts[table].rstrip().splitlines()
    texts[table] = "\n".join([*lines, lines[-1]]) + "\n"
    with pytest.raises(RuleDataError):
        load(DataFolder(texts))


def test_a_hole_in_a_table_that_is_used_whole_is_an_error() -> None:
    texts = dict(DataFolder.shipped().texts)
    head, *rows = texts["water_tli_items.csv"].rstrip().splitlines()
    early = rows[0].replace("2002-06-01,,", "2002-06-01,2020-12-31,")
    late = rows[0].replace("2002-06-01,,", "2021-02-01,,")
    texts["water_tli_items.csv"] = "\n".join([head, early, late, *rows[1:]]) + "\n"
    with pytest.raises(RuleDataError, match="missing day"):
        load(DataFolder(texts))


def test_a_wrong_pack_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pack(tmp_path, "x", "many")
    monkeypatch.setenv("QINGYUAN_RULE_PACKS", str(folder))
    with pytest.raises(OpsError, match=r"规则库有错.*x/water_limits.csv, row 2"):
        setup._check_rules()


def test_commands_take_a_place(packs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("section,time,body,TP\nS,2026-06-01,lake,0.042\n", "utf-8")
    for place, expected in (("320000", "IV"), ("330000", "III"), ("000000", "III")):
        assert run(capsys, "water", "classify", source, out, "--place", place)[0] == 0
        assert out.read_text("utf-8").splitlines()[1].split(",")[4] == expected
    assert run(capsys, "water", "classify", source, out)[0] == 2
    assert run(capsys, "water", "classify", source, out, "--place", "江苏")[0] == 2


def test_rules_on_a_day_at_a_place(packs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, words = run(capsys, "rules", "on", "2026-06-01", "--place", "321282", "--json")
    told = json.loads(words)
    assert code == 0
    assert (told["aqi"], told["air_limits"], told["water_limits"]) == ("HJ633-2026", "GB3095-2026", "GB3838-2002、DB-1")
    assert [mark.split("@")[0] for mark in told["packs"]] == ["everywhere", "jiangsu", "taizhou"]
    _, words = run(capsys, "rules", "on", "1999-06-01", "--place", "32")
    assert words.count("该日没有规则") == 4
    _, words = run(capsys, "rules", "check", "--place", "32", "--json")
    assert json.loads(words)["packs_of_other_places"] == ["taizhou（3212）", "zhejiang（33）"]
    _, words = run(capsys, "rules", "list", "water_limits", "--place", "33", "--on", "2026-06-01")
    assert "地方包 zhejiang" in words
    assert "地方包 taizhou" not in words


def test_check_looks_at_the_packs_of_every_place(
    packs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Good for one place, wrong for the other: both are looked at."""
    bad = pack(tmp_path, "anhui", "many", "34")
    assert run(capsys, "rules", "check", bad, "--place", "32")[0] == 1
