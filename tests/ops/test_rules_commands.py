"""`qingyuan rules …`: every figure with its source and doubt; a wrong table is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import qingyuan
from qingyuan.rules import DataFolder

from .test_water_commands import run

HEADER = DataFolder.shipped().texts["water_limits.csv"].splitlines()[0]
ROW = "DB-1,1,TP,总磷,lake,at_most,mg/L,0.01,0.02,0.04,0.1,0.2,yes,no,{0},,setting,our county"


def pack(folder: Path, *days: str) -> Path:
    home = folder / "jiangsu"
    home.mkdir()
    (home / "water_limits.csv").write_text("\n".join([HEADER, *map(ROW.format, days)]) + "\n", "utf-8")
    return home


def test_list_gives_every_row_its_origin(capsys: pytest.CaptureFixture[str]) -> None:
    code, words = run(capsys, "rules", "list", "--json")
    rows = json.loads(words)["rows"]
    data = DataFolder.shipped()
    assert code == 0
    assert len(rows) == sum(1 for file in data.texts for _ in data.rows(file))
    dated = [row for row in rows if "effective_from" in row]
    assert all(row["standard"] and row["source"] and row["certainty"] for row in dated)
    assert all(row["doubt"] for row in rows if row.get("certainty") == "setting")


def test_list_by_table_date_and_certainty(capsys: pytest.CaptureFixture[str]) -> None:
    _, words = run(capsys, "rules", "list", "aqi_editions", "--on", "2026-02-28")
    assert words.count("\n") == 1
    assert "HJ633-2012" in words
    _, words = run(capsys, "rules", "list", "validity", "--certainty", "setting")
    assert all("设定，未核实：" in line for line in words.splitlines())


def test_show_prints_every_cell(capsys: pytest.CaptureFixture[str]) -> None:
    code, words = run(capsys, "rules", "show", "water_limits", "TP", "lake")
    assert code == 0
    for part in ("III: 0.05", "unit: mg/L", "clause: table 1", "effective_from: 2002-06-01", "〔官方文本〕"):
        assert part in words


@pytest.mark.parametrize(
    "words", [["list", "nothing"], ["show", "water_limits", "unobtainium"], ["list", "--on", "yesterday"]]
)
def test_wrong_use(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert run(capsys, "rules", *words)[0] == 2


def test_check_passes_on_what_is_shipped(capsys: pytest.CaptureFixture[str]) -> None:
    code, words = run(capsys, "rules", "check", "--json")
    assert code == 0
    assert words.count("\n") == 1
    assert json.loads(words)["ok"] is True
    assert json.loads(words)["packs"] == []


def test_check_names_pack_and_digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, words = run(capsys, "rules", "check", pack(tmp_path, "2026-01-01"), "--json")
    told = json.loads(words)
    assert told["packs"][0].startswith("jiangsu@")
    assert told["packs"][0] in told["digest"]


def test_check_says_where_periods_overlap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = pack(tmp_path, "2026-01-01", "2026-03-01")
    code, words = run(capsys, "rules", "check", folder)
    assert code == 1
    assert "jiangsu/water_limits.csv 第 3 行" in words
    assert run(capsys, "rules", "check", folder, "--json")[0] == 1


@pytest.mark.parametrize(("until", "words"), [("2023-06-30", "no missing day"), ("2024-06-30", "no overlap")])
def test_check_looks_at_tables_that_are_read_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], until: str, words: str
) -> None:
    """Two periods of one item of the trophic index, which the loader does not look up by date."""
    header = DataFolder.shipped().texts["water_tli_items.csv"].splitlines()[0]
    rows = (f"DB,,x,甲,m,1,1,1,2020-01-01,{until},setting,ours", "DB,,x,甲,m,1,1,1,2024-01-01,,setting,ours")
    home = tmp_path / "city"
    home.mkdir()
    (home / "water_tli_items.csv").write_text("\n".join([header, *rows]), "utf-8")
    code, told = run(capsys, "rules", "check", home, "--json")
    assert code == 1
    assert json.loads(told)["file"] == "city/water_tli_items.csv"
    assert json.loads(told)["expected"] == words


@pytest.mark.parametrize("words", [["rules", "check"], ["water", "classify", "in.csv", "out.csv"]])
def test_a_broken_pack_is_one_clear_line_in_a_fresh_process(tmp_path: Path, words: list[str]) -> None:
    """Nothing may read the rule book while modules are imported: the error would be a trace."""
    (tmp_path / "in.csv").write_text("section,time,body,DO\nS,2025-01-01,river,8\n", "utf-8")
    broken = {"QINGYUAN_RULE_PACKS": str(pack(tmp_path, "2026-01-01", "2026-03-01"))}
    source = str(Path(qingyuan.__file__).parents[1])
    environment = os.environ | broken | {"PYTHONPATH": source}
    done = subprocess.run(
        [sys.executable, "-m", "qingyuan", *words], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    told = done.stdout + done.stderr
    assert told.count("\n") == 1
    assert "jiangsu/water_limits.csv" in told


def test_list_shows_the_pack_of_a_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QINGYUAN_RULE_PACKS", str(pack(tmp_path, "2026-01-01")))
    _, words = run(capsys, "rules", "list", "water_limits", "--on", "2026-02-01")
    assert "地方包 jiangsu" in words
