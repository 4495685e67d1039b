"""Local packs lay their rows over the shipped ones by key and period, and never silently."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from qingyuan.rules import DataFolder, RuleDataError, load, rule_book
from qingyuan.rules.packs import pack_folders, read_pack, with_packs
from qingyuan.rules.table import DIGEST_LENGTH
from qingyuan.science.water import classify

SHIPPED = DataFolder.shipped()
HEADER = SHIPPED.texts["water_limits.csv"].splitlines()[0]
Make = Callable[..., Path]


def lake_phosphorus(third: str, since: str = "2026-01-01", until: str = "", body: str = "lake") -> str:
    return f"DB-1,1,TP,总磷,{body},at_most,mg/L,0.01,0.02,{third},0.1,0.2,yes,no,{since},{until},setting,our county"


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def write(name: str, *rows: str, file: str = "water_limits.csv", header: str = HEADER) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / file).write_text("\n".join([header, *rows]) + "\n", "utf-8")
        return folder

    return write


def book_with(*folders: Path):  # type: ignore[no-untyped-def]
    return load(with_packs(SHIPPED, map(read_pack, folders)))


@pytest.mark.parametrize(
    ("day", "third"),
    [("2025-12-31", "0.05"), ("2026-01-01", "0.04"), ("2026-06-30", "0.04"), ("2026-07-01", "0.05")],
)
def test_a_pack_overrides_its_key_on_its_days(make: Make, day: str, third: str) -> None:
    book = book_with(make("jiangsu", lake_phosphorus("0.04", until="2026-06-30")))
    row = book.water_limit("TP", "lake", date.fromisoformat(day))
    assert row.limit("III") == Decimal(third)
    assert row.origin.pack == ("jiangsu" if third == "0.04" else "")
    assert book.water_limit("TP", "river", date.fromisoformat(day)).limit("III") == Decimal("0.2")


def test_a_pack_adds_a_key(make: Make) -> None:
    header = SHIPPED.texts["validity.csv"].splitlines()[0]
    folder = make("city", "DB-1,,water.town.days,5,day,2026-01-01,,setting,ours", file="validity.csv", header=header)
    assert book_with(folder).validity("water.town.days", date(2026, 2, 1)) == 5


def test_a_table_without_dates_changes_by_row(make: Make) -> None:
    header = SHIPPED.texts["items.csv"].splitlines()[0]
    folder = make("city", "DO,water,溶解氧,DO,mg/L,2,w01009,0,30,setting,ours", file="items.csv", header=header)
    book = book_with(folder)
    assert book.item("DO").plausible_high == 30
    assert book.items.keys() == load(SHIPPED).items.keys()


def test_the_city_lies_over_the_province(make: Make) -> None:
    province, city = make("province", lake_phosphorus("0.04")), make("city", lake_phosphorus("0.03", "2027-01-01"))
    book = book_with(province, city)
    assert [book.water_limit("TP", "lake", date(year, 5, 1)).limit("III") for year in (2025, 2026, 2027)] == [
        Decimal("0.05"), Decimal("0.04"), Decimal("0.03"),
    ]  # fmt: skip


def test_results_name_pack_and_digest(make: Make) -> None:
    folder = make("jiangsu", lake_phosphorus("0.04"))
    book, pack = book_with(folder), read_pack(folder)
    assert book.digest.endswith(f"+jiangsu@{pack.digest[:8]}")
    assert len(book.digest) <= DIGEST_LENGTH
    many = [make(f"a-rather-long-pack-name-{n}", lake_phosphorus("0.04")) for n in range(4)]
    assert len(book_with(*many).digest) <= DIGEST_LENGTH
    assert "4packs@" in book_with(*many).digest
    changed = make("jiangsu", lake_phosphorus("0.045"))
    assert book_with(changed).digest != book.digest


@pytest.mark.parametrize(
    ("rows", "file", "header", "words"),
    [
        pytest.param(
            [lake_phosphorus("0.04"), lake_phosphorus("0.03", "2026-03-01")], "water_limits.csv", HEADER,
            r"jiangsu/water_limits.csv, row 3.*overlap", id="two-rows-of-the-pack-overlap",
        ),
        pytest.param([lake_phosphorus("many")], "water_limits.csv", HEADER, "row 2.*III 'many'", id="a-bad-cell"),
        pytest.param([lake_phosphorus("0.04")], "water_limts.csv", HEADER, "no such table", id="an-unknown-table"),
        pytest.param(["1,2"], "water_limits.csv", "item,III", "columns item, III", id="other-columns"),
        pytest.param([lake_phosphorus("0.04", "2026-05-01", "2026-04-01")], "water_limits.csv", HEADER,
                     "date not before", id="ends-before-it-begins"),
    ],
)  # fmt: skip
def test_a_wrong_pack_is_refused_and_says_where(
    make: Make, rows: list[str], file: str, header: str, words: str
) -> None:
    folder = make("jiangsu", *rows, file=file, header=header)
    with pytest.raises(RuleDataError, match=words):
        book_with(folder)


def test_a_hole_between_rows_of_a_pack_is_refused(make: Make) -> None:
    header = SHIPPED.texts["validity.csv"].splitlines()[0]
    rows = ["DB,,own.key,5,day,2026-01-01,2026-01-31,setting,ours", "DB,,own.key,6,day,2026-03-01,,setting,ours"]
    with pytest.raises(RuleDataError, match="missing day"):
        book_with(make("city", *rows, file="validity.csv", header=header))


def test_an_empty_folder_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(RuleDataError, match="no CSV file"):
        read_pack(tmp_path)


def test_packs_are_found_by_environment_or_data_folder(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make("first", lake_phosphorus("0.04")), make("second", lake_phosphorus("0.03"))
    monkeypatch.setenv("QINGYUAN_RULE_PACKS", f"{first}:{second}")
    assert pack_folders() == (first, second)
    monkeypatch.delenv("QINGYUAN_RULE_PACKS")
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(tmp_path / "data"))
    assert pack_folders() == ()
    inner = tmp_path / "data" / "rules" / "suzhou"
    inner.mkdir(parents=True)
    (inner / "water_limits.csv").write_text((first / "water_limits.csv").read_text("utf-8"), "utf-8")
    assert pack_folders() == (inner,)


def test_evaluation_uses_the_pack(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.DataFrame({"section": ["S"], "time": ["2026-05-01"], "body": ["lake"], "TP": [0.045]})
    assert classify(frame)["class"].to_list() == ["III"]
    monkeypatch.setenv("QINGYUAN_RULE_PACKS", str(make("jiangsu", lake_phosphorus("0.04"))))
    assert classify(frame)["class"].to_list() == ["IV"]
    assert "+jiangsu@" in rule_book().digest


def test_a_pack_takes_the_place_of_a_row_that_is_read_whole(make: Make) -> None:
    header = SHIPPED.texts["water_tli_items.csv"].splitlines()[0]
    row = "DB,,chla,叶绿素a,mg/m3,2.6,1.1,1,2026-01-01,,setting,ours"
    tables = book_with(make("city", row, file="water_tli_items.csv", header=header)).water_tables
    for day, constant in ((None, "2.6"), (date(2026, 1, 1), "2.6"), (date(2025, 12, 31), "2.5")):
        items = tables.on(day).tli_items
        assert [item.constant for item in items if item.item == "chla"] == [Decimal(constant)]
        assert len(items) == 5
