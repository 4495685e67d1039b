"""Tables as people and Excel write them: dates, titles, units, two lines of header, merged cells, what is no table."""

from __future__ import annotations

import gzip
import io
import json
import time
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from qingyuan.intake.files import (
    FileError,
    NotATableError,
    apply,
    open_table,
    propose,
    read_rows,
    recognise,
    settled,
    unmapped_columns,
)
from qingyuan.science.civil import civil_time

AT = datetime(2025, 5, 1, 1)  # noqa: DTZ001 -- civil time has no zone


def civil(year: int, month: int, day: int) -> datetime:
    return datetime.combine(date(year, month, day), datetime.min.time())


def parsed(path: Path, **words: Any) -> Any:
    table = open_table(path, **words)
    profile = settled(recognise(table.frame, table.above) or propose(table.frame), table.frame)
    return apply(profile, table.frame, first_row=table.first_row)


def book(
    path: Path, *sheets: tuple[str, list[list[Any]]], merged: tuple[tuple[int, int, int, int, str], ...] = ()
) -> Path:
    with xlsxwriter.Workbook(path) as made:
        day, stamp, clock = (made.add_format({"num_format": f}) for f in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm", "[h]:mm"))
        for name, rows in sheets:
            sheet = made.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(r, c, cell, stamp)
                    elif isinstance(cell, date):
                        sheet.write_datetime(r, c, datetime.combine(cell, datetime.min.time()), day)
                    elif isinstance(cell, timedelta):
                        sheet.write_number(r, c, cell.total_seconds() / 86400, clock)
                    elif cell is not None:
                        sheet.write(r, c, cell)
            for top, left, bottom, right, text in merged:
                sheet.merge_range(top, left, bottom, right, text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "2025-5-1 1:00", "2025/05/01 01:00:00", "2025.5.1 1:00", "2025年5月1日1时", "2025年05月01日 01时00分", "20250501010000",
        "202505010100", "2025050101", "45778.0416667", "2025-05-01 1时", "2025-05-01 01", "2025/5/1 1:00:00 AM",
        "2025-04-30T17:00:00Z", "2025-05-01T01:00+08:00", "2025-05-01T01:00:00.000",
        "２０２５－０５－０１　０１：００", "2025年5月1日 凌晨1点",
        "2025/5/1 上午1:00", "2025年5月1号1点整", "2025-05-01 0.0416666667", "2025-05-01 1.0", "20250501 1", "20250501 01:00",
    ],
)  # fmt: skip
def test_a_moment_however_it_is_written(text: str) -> None:
    assert civil_time(pl.Series([text]))[0] == AT


@pytest.mark.parametrize(
    "text",
    [
        "01/02/2020",
        "5月1日",
        "2025-13-01",
        "2025-02-30",
        "2025-05-01 25:00",
        "2025-05-01 24:30",
        "1.5",
        "昨天",
        "99999",
        "2025",
        "",
    ],
)
def test_what_cannot_be_told_is_not_guessed(text: str) -> None:
    assert civil_time(pl.Series([text]))[0] is None


def test_day_or_month_first_is_told_by_the_column_or_by_a_person() -> None:
    assert civil_time(pl.Series(["01/02/2020 24:00", "13/02/2020 01:00"]))[0] == civil(2020, 2, 2)
    assert civil_time(pl.Series(["01/02/2020", "02/13/2020"]))[0] == civil(2020, 1, 2)
    assert civil_time(pl.Series(["13/02/2020", "02/13/2020"])).to_list() == [None, None]
    assert civil_time(pl.Series(["01/02/2020"]), "dmy")[0] == civil(2020, 2, 1)
    assert civil_time(pl.Series(["01/02/2020"]), "mdy")[0] == civil(2020, 1, 2)


@pytest.mark.parametrize(
    "hours", [("0", "1", "23"), ("1", "2", "24"), ("01时", "02时", "24时"), ("1:00", "2:00", "24:00")]
)
def test_a_date_beside_its_hour(tmp_path: Path, hours: tuple[str, ...]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("站点,日期,小时,SO2\n" + "".join(f"甲,2025-05-01,{hour},{n}\n" for n, hour in enumerate(hours)))
    found = parsed(path)
    assert (len(found.rows), found.errors) == (3, [])
    ends = found.rows["end"].dt.convert_time_zone("Asia/Shanghai").dt.hour().to_list()
    assert ends == [int(hour.split(":")[0].rstrip("时")) % 24 for hour in hours]


@pytest.mark.parametrize(
    "rows",
    [
        [["城东站小时数据"], ["制表：监测站", None, "2025年5月"], ["站点", "监测时间", "PM2.5", "CO"]],
        [["站点", "监测时间", "PM2.5", "CO"], [None, None, "μg/m³", "mg/m³"]],
        [["站点", "监测时间", "PM2.5", "CO"], ["", "", "(μg/m3)", "（mg/m3）"]],
        [["站点", "监测时间", "颗粒物和气体", None], [None, None, "PM2.5", "CO"]],
        [["站点", "监测时间", "PM2.5", "CO"], [None, None, "浓度", "浓度"]],
        [["监测站", "监测时间", "细颗粒物(PM2.5)", "一氧化碳"], [None, None, "浓度(μg/m³)", "浓度(mg/m³)"]],
        [[], ["站点", "监测时间", "PM2.5", "CO"]],
    ],
    ids=["titles", "units", "units in brackets", "group heading", "value line", "value line with units", "blank row"],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_titles_units_and_two_lines_of_header(tmp_path: Path, rows: list[list[Any]], kind: str) -> None:
    data = [["甲", "2025-05-01 01:00", 16, 0.6], ["甲", "2025-05-01 02:00", 17, 0.7]]
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        path.write_text(
            "\n".join(",".join("" if c is None else str(c) for c in row) for row in rows + data), encoding="utf-8"
        )
    else:
        book(path, ("Sheet1", rows + data))
    found = parsed(path)
    assert found.errors == []
    assert found.rows.select("item", "value", "row").rows() == [
        ("PM2_5", 16.0, len(rows) + 1), ("CO", 0.6, len(rows) + 1), ("PM2_5", 17.0, len(rows) + 2), ("CO", 0.7, len(rows) + 2),
    ]  # fmt: skip


def test_merged_cells_stand_for_all_they_cover(tmp_path: Path) -> None:
    """The station was merged over its rows: all but the first were lost."""
    rows: list[list[Any]] = [["站点", "时间", "SO2"], [None, AT, 3], [None, AT + timedelta(hours=1), 4]]
    path = book(tmp_path / "m.xlsx", ("Sheet1", rows), merged=((1, 0, 2, 0, "甲站"),))
    assert parsed(path).rows["point"].to_list() == ["甲站", "甲站"]


def test_times_of_a_sheet(tmp_path: Path) -> None:
    """Date cells beside time cells, 24:00 as a length of time, stamps filled down that drifted by milliseconds."""
    drift = [AT + timedelta(hours=n, milliseconds=-3 * n) for n in range(4)]
    filled = book(tmp_path / "d.xlsx", ("S", [["站点", "时间", "SO2"], *([["甲", at, 5] for at in drift])]))
    assert (len(parsed(filled).rows), parsed(filled).errors) == (4, [])
    day = date(2025, 5, 1)
    clocks = [timedelta(hours=1), timedelta(hours=2), timedelta(hours=24)]
    split = book(tmp_path / "s.xlsx", ("S", [["站点", "日期", "时间", "SO2"], *([["甲", day, c, 5] for c in clocks])]))
    found = parsed(split)
    assert found.errors == []
    assert found.rows["end"].dt.convert_time_zone("Asia/Shanghai").dt.hour().to_list() == [1, 2, 0]
    whole = book(
        tmp_path / "h.xlsx", ("S", [["站点", "日期", "小时", "SO2"], *([["甲", day, n, 5] for n in (1, 2, 24)])])
    )
    assert (len(parsed(whole).rows), parsed(whole).errors) == (3, [])
    coded = book(
        tmp_path / "c.xlsx", ("S", [["站点编码", "时间", "SO2"], *([[1001, 2025050100 + n, 5] for n in (1, 2)])])
    )
    assert parsed(coded).rows["point"].to_list() == ["1001", "1001"]


def test_the_sheet_and_the_header_row_can_be_said(tmp_path: Path) -> None:
    path = book(
        tmp_path / "b.xlsx",
        ("说明", [["这是说明"], ["共两张表"]]),
        ("甲", [["站点", "时间", "SO2"], ["甲", AT, 1]]),
        ("乙", [["站点", "时间", "SO2"], ["乙", AT, 2], ["站点", "时间", "NO2"], ["乙", AT, 3]]),
    )
    table = open_table(path)
    assert (table.sheet, table.sheets) == ("甲", ("说明", "甲", "乙"))
    assert parsed(path, sheet="乙").rows["value"].to_list()[0] == 2
    assert parsed(path, sheet="乙", header_row=3).rows.select("item", "value").rows() == [("NO2", 3.0)]
    with pytest.raises(NotATableError, match="没有工作表"):
        open_table(path, sheet="丙")
    with pytest.raises(NotATableError, match="第 90 行"):
        open_table(path, header_row=90)


def test_footers_and_wide_rows_are_told(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(
        "站点,时间,SO2\n甲,2025-05-01 01:00,3,,\n甲,2025-05-01 02:00,4\n平均,,3.5\n注：自动站数据\n", encoding="utf-8"
    )
    found = parsed(path)
    assert found.rows["value"].to_list() == [3.0, 4.0]
    assert [error.row for error in found.errors] == [4, 5]
    assert [point.code for point in found.points] == ["甲"]
    path.write_text("站点,时间,SO2\n甲,2025-05-01 01:00,3,9\n", encoding="utf-8")
    with pytest.raises(NotATableError, match="第 2 行有 4 格"):
        open_table(path)


@pytest.mark.parametrize(
    "title",
    [
        "站点",
        "测点",
        "监测点",
        "location",
        "position_name",
        "location_id",
        "city",
        "site",
        "站点名称",
        "监测站点",
        "城市",
        "断面",
    ],
)
def test_names_of_the_column_of_points(tmp_path: Path, title: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f"{title},时间,PM2.5\n甲镇,2025-05-01 01:00,16\n乙镇,2025-05-01 01:00,86\n", encoding="utf-8")
    assert parsed(path).rows.select("point", "value").rows() == [("甲镇", 16.0), ("乙镇", 86.0)]


def test_numbers_as_laboratories_and_keyboards_write_them(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    cells = ["０．５", "＜0.01", "0.01Ｌ", "未检出", "ND", "1,234", "—", "－", ".5"]
    path.write_text(
        "断面,时间,氨氮\n" + "".join(f'甲,2025-05-{n + 1:02d},"{c}"\n' for n, c in enumerate(cells)), encoding="utf-8"
    )
    found = parsed(path)
    assert found.rows.select("value", "qualifier").rows() == [
        (0.5, ""), (0.01, "<"), (0.01, "<"), (0.0, "<"), (0.0, "<"), (0.5, ""),
    ]  # fmt: skip
    assert [error.got for error in found.errors] == ["“1,234”"]


def test_known_forms_are_recognised_with_other_items(tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    path.write_text("date,hour,type,2001A,2002A\n20240601,23,SO2,7,\n20240601,23,NO2_24h,9,9\n20240602,0,CO,0.5,0.6\n")
    table = open_table(path)
    profile = recognise(table.frame)
    assert profile is not None
    assert profile.name == "air-dump"
    found = apply(profile, table.frame)
    assert found.rows.select("point", "item", "value").rows() == [
        ("2001A", "SO2", 7.0),
        ("2001A", "CO", 0.5),
        ("2002A", "CO", 0.6),
    ]
    assert found.errors == []
    records = [
        {"location": "甲", "locationId": 5, "parameter": "no2", "value": 30, "unit": "µg/m³",
         "date": {"utc": "2023-05-01T00:00:00Z", "local": "2023-05-01T08:00:00+08:00"}},
        {"location": "甲", "locationId": 5, "parameter": "co", "value": 0.4, "unit": "ppm",
         "date": {"utc": "2023-05-01T00:00:00Z", "local": "2023-05-01T08:00:00+08:00"}},
    ]  # fmt: skip
    path = tmp_path / "openaq.json"
    path.write_text(json.dumps({"meta": {"found": 2}, "results": records}))
    found = parsed(path)
    assert found.rows.select("point", "item", "value").rows() == [("5", "NO2", 30.0)]
    assert [error.got for error in found.errors] == ["ppm"]


def test_columns_that_are_not_used_are_known(tmp_path: Path) -> None:
    path = tmp_path / "u.csv"
    path.write_text("站点,时间,SO2,备注,PM2.5_24h\n甲,2025-05-01 01:00,3,x,9\n", encoding="utf-8")
    table = open_table(path)
    assert unmapped_columns(propose(table.frame), table.frame) == ["备注", "PM2.5_24h"]


def far_cell(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["站点", "时间", "SO2"])
        sheet.write(1048575, 16383, 1)
    return path


def bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        with made.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(1100):
                part.write(b" " * 1024**2)
    return path


def odd_file(name: str, folder: Path) -> Path:
    path = folder / name
    if name == "far.xlsx":
        return far_cell(path)
    if name == "bomb.xlsx":
        return bomb(path)
    content = {
        "wide.csv": b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n1\n",
        "line.csv": b"a" * 12_000_000,
        "quoted.csv": b'a,b\n"' + b"x" * 6_000_000,
        "deep.json": b"[" * 200_000 + b"]" * 200_000,
        "nested.json": b'[{"a":' * 300 + b"1" + b"}]" * 300,
        "word.json": b'{"a": 1, "b": {"c": 2}}',
        "broken.json": b'[{"a": 1},',
        "page.html": b"<html><body>no</body></html>",
        "laughs.kml": b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><kml>&b;</kml>',
        "bomb.csv.gz": gzip.compress(b" " * 12_000_000, 1) * 100 if name == "bomb.csv.gz" else b"",
    }[name]
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("far.xlsx", "只有 4 格有内容"), ("bomb.xlsx", "解压后"), ("wide.csv", "一行|列"), ("line.csv", "没有换行"),
        ("quoted.csv", "没有换行"), ("deep.json", "套得太深"), ("nested.json", "套得太深|JSON"), ("word.json", "键 a、b"),
        ("broken.json", "损坏的 JSON"), ("page.html", "XML"), ("laughs.kml", "实体"), ("bomb.csv.gz", "解压后超过"),
    ],
)  # fmt: skip
def test_a_file_that_would_harm_its_reader_is_one_line_quickly(tmp_path: Path, name: str, words: str) -> None:
    """A sheet of 5 KB with one far cell took all memory; a zip that unpacks to a gigabyte and an endless line did too."""
    path = odd_file(name, tmp_path)
    began = time.monotonic()
    for read in (open_table, read_rows):
        with pytest.raises(FileError, match=words) as caught:
            read(path)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 300
    assert time.monotonic() - began < 20


def test_styled_far_cells_are_no_content(tmp_path: Path) -> None:
    path = tmp_path / "styled.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet, bold = made.add_worksheet(), made.add_format({"bold": True})
        sheet.write_row(0, 0, ["站点", "时间", "SO2"])
        sheet.write_row(1, 0, ["甲", "2025-05-01 01:00", 3])
        sheet.write_blank(1048575, 16383, None, bold)
    assert parsed(path).rows["value"].to_list() == [3.0]


def test_the_child_process_is_started_anew_and_limits_itself() -> None:
    """Parsing runs in a process that is executed, never forked: engines would not survive a fork."""
    from qingyuan.intake.apart import child, opening

    source = Path(opening.__file__).read_text(encoding="utf-8")
    assert "sys.executable" in source
    assert "fork" not in source.replace("never fork", "")
    assert "RLIMIT_AS" in Path(child.__file__).read_text(encoding="utf-8")


def test_memory_of_the_child_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from qingyuan.intake.apart import opening

    code = "import resource,sys\nresource.setrlimit(resource.RLIMIT_AS,(2**28,2**28))\nx=bytearray(2**30)\n"
    script = tmp_path / "hungry.py"
    script.write_text(code)
    real = opening.subprocess.run

    def run(command: list[str], **words: Any) -> Any:
        return real([command[0], str(script)], **words)

    monkeypatch.setattr(opening.subprocess, "run", run)
    with pytest.raises(NotATableError, match="内存或时间"):
        open_table(book(tmp_path / "x.xlsx", ("S", [["站点", "时间", "SO2"]])))


def test_bytes_of_a_workbook_are_never_read_as_text(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("a.txt", "站点,时间,SO2")
    path = tmp_path / "z.csv"
    path.write_bytes(made.getvalue())
    with pytest.raises(NotATableError):
        open_table(path)


def test_sub_indices_of_aqicn_are_no_concentrations(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    path.write_text(
        "# comment\nDate,Country,City,Specie,count,min,max,median,variance\n2020-01-01,CN,Beijing,pm25,24,1,99,50,9\n"
    )
    with pytest.raises(FileError, match="分指数"):
        recognise(open_table(path).frame)
    feed = {"status": "ok", "data": {"aqi": 55, "idx": 1451, "city": {"name": "Beijing"}, "iaqi": {"pm25": {"v": 55}}}}
    path = tmp_path / "f.json"
    path.write_text(json.dumps(feed))
    with pytest.raises(FileError, match="分指数"):
        recognise(open_table(path).frame)
