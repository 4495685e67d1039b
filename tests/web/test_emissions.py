"""The pages of emitted mass: a period, its days, their hours; the same as a file; only what one may see."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from django.test import Client

from qingyuan.bureau.base.store import readings
from qingyuan.intake.files import read_table
from qingyuan.readings import NewReading, SeriesKey
from web.factories import County
from web.test_access import client_of

BEGIN = datetime(2026, 9, 30, 16, tzinfo=UTC)


@pytest.fixture
def flowing(county: County) -> County:
    """Flow of outlet D01 since October; its concentrations are those of the last three days."""
    rows = []
    for n in range(51 * 24):
        start = int((BEGIN + timedelta(hours=n)).timestamp())
        for item, value, unit in (("flue_flow", 10.0, "m3/s"), ("NOx", 50.0, "mg/m3")):
            rows.append(
                NewReading(
                    SeriesKey("D01", item, "Avg", "hour"), start, start + 3600, value, 1, unit, "N", origin=n + 1
                )
            )
    readings().append(rows)
    return county


def test_a_month_its_days_and_their_hours(chief: Client, flowing: County) -> None:
    page = chief.get("/books/emissions/?month=2026-10").content.decode()
    assert "1339.20" in page
    assert "/monitoring/D01/emissions/?by=month&amp;month=2026-10" in page
    page = chief.get("/monitoring/D01/emissions/?by=month&month=2026-10").content.decode()
    assert page.count("43.20") >= 31
    assert "item=NOx&amp;day=2026-10-05" in page
    page = chief.get("/monitoring/D01/emissions/hours/?item=NOx&day=2026-10-05").content.decode()
    assert page.count("1.8000<span") == 24
    assert "实测" in page


def test_a_quarter_is_shown_by_months(chief: Client, flowing: County) -> None:
    page = chief.get("/monitoring/D01/emissions/?by=quarter&month=2026-11").content.decode()
    assert "?by=month&amp;month=2026-10" in page
    assert "逐月" in page


def test_the_file_says_what_the_page_says(chief: Client, flowing: County, tmp_path: Path) -> None:
    answer = chief.get("/books/emissions/export.csv?by=month&month=2026-10&step=day")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    nox = [r for r in rows if r["项目"] == "NOx"]
    assert len(nox) == 31
    assert sum(float(r["排放量kg"]) for r in nox) == pytest.approx(31 * 24 * 1.8)
    path = tmp_path / "e.xlsx"
    path.write_bytes(chief.get("/books/emissions/export.xlsx?by=month&month=2026-10").content)
    sheet = read_table(path)
    assert sheet.filter(pl.col("项目") == "NOx")["排放量kg"].to_list() == [pytest.approx(31 * 24 * 1.8)]
    assert chief.get("/books/emissions/export.csv?step=week").status_code == 302


def test_each_sees_its_own(flowing: County) -> None:
    town = client_of(flowing.users["far_town"])
    assert "D01" not in town.get("/books/emissions/?month=2026-10").content.decode()
    assert "D01" not in town.get("/books/emissions/export.csv?month=2026-10").content.decode("utf-8-sig")
    own = client_of(flowing.users["enterprise"]).get("/books/emissions/export.csv?month=2026-10")
    assert "D01" in own.content.decode("utf-8-sig")
