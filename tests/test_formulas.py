"""What goes out: no cell that a spreadsheet would run, no header that a file's name could break."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

import qingyuan
from qingyuan.bureau.base.downloads import disposition
from qingyuan.formulas import guarded, guarded_frame

SOURCE = Path(qingyuan.__file__).parent
WRITES = re.compile(r"\.write_csv\(|csv\.writer\(|DictWriter\(|\.write_excel\(|\.write_row\(|\.write_string\(")
EVIL = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")', "＝1+1", "-甲"]
PLAIN = ["-3.5", "+2", "-1e-3", "--", "-", "—", "甲站", "<0.01", "3-4", "-5%", ""]
CONSTANT_HEADS_ONLY = {"ops/commands/data.py"}


@pytest.mark.parametrize("cell", EVIL)
def test_a_cell_that_would_run_is_text(cell: str) -> None:
    assert guarded(cell) == "'" + cell
    assert guarded_frame(pl.DataFrame({"a": [cell]}))["a"][0] == "'" + cell
    assert guarded_frame(pl.DataFrame({cell: ["x"]})).columns == ["'" + cell]


@pytest.mark.parametrize("cell", PLAIN)
def test_numbers_and_dashes_stay(cell: str) -> None:
    assert guarded(cell) == cell
    assert guarded_frame(pl.DataFrame({"a": [cell]}))["a"][0] == cell


def test_every_writer_of_a_table_comes_through_the_guard() -> None:
    """The readings export, the files of bad rows and the errors of the commands wrote =cmd as it came.

    Each place of the source that writes a table is looked at: it names a function of `formulas`.
    """
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if WRITES.search(text):
            found[path.relative_to(SOURCE).as_posix()] = text
    assert len(found) >= 6, "no writer found: has the way of writing changed?"
    for name, text in found.items():
        assert "qingyuan.formulas" in text, f"{name} writes a table past the formula guard"
        lines = [
            line
            for line in text.splitlines()
            if re.search(r"write_csv\(|write_excel\(|writerows?\(|write_string\(", line)
        ]
        loose = [
            line.strip() for line in lines if "guarded" not in line and "def " not in line and "COLUMNS" not in line
        ]
        assert all("write_csv(a.errors" in line or "_csv(" in line for line in loose), f"{name}: {loose}"


def test_what_was_guarded_is_read_as_it_was(tmp_path: Path) -> None:
    """A file of bad rows is mended and imported again: its names must not have changed on the way."""
    from qingyuan.intake.files import read_table

    path = tmp_path / "a.csv"
    guarded_frame(pl.DataFrame({"站点": ["-甲", "'乙"], "SO2": ["-1", "2"]})).write_csv(path)
    assert read_table(path).rows() == [("-甲", "-1"), ("'乙", "2")]


def test_only_one_place_names_files_for_a_browser() -> None:
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name != "downloads.py":
            assert '"Content-Disposition"]' not in text, path
            assert "as_attachment" not in text, path


@pytest.mark.parametrize(
    "name",
    [
        'a"b.csv',
        "a\r\nX: y.csv",
        "排放量；甲.xlsx",
        "../../etc/passwd",
        "a;b=c.csv",
        "",
        "x" * 400 + ".docx",
        "\x00.csv",
    ],
)
def test_a_file_name_breaks_no_header(name: str) -> None:
    told = disposition(name)
    told.encode("ascii")
    assert told.startswith('attachment; filename="')
    inner = re.match(r'attachment; filename="([^"]*)"(; filename\*=UTF-8\'\'[A-Za-z0-9%._~-]+)?$', told)
    assert inner, told
    assert not set("\r\n\\/;") & set(inner[1])
    assert len(told) < 1600
