"""Files as the public kept them (../shared/cases) through the import: the right values at the right times, or words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bureau.office import Office
from needs import shared
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.monitoring.actions.import_jobs import run_next_job, start_import
from qingyuan.bureau.monitoring.models import ImportJob

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Case:
    """readings new, bad rows, and one value: (point, item, start in UTC) and what it must be."""

    file: str
    new: int
    bad: int
    key: tuple[str, str, str]
    value: float
    unused: tuple[str, ...] = ()


CASES = [
    Case("03-quotsoft/china_sites_20230101.csv", 45, 0, ("1002A", "PM2_5", "2022-12-31T15:00"), 13, ("type=PM2.5_24h",)),
    Case("03-quotsoft/melted_long.csv", 5, 0, ("1001A", "CO", "2022-12-31T16:00"), 0.6),
    Case("03-quotsoft/wide_date_hour.csv", 18, 0, ("1001A", "O3", "2023-01-01T14:00"), 10),
    Case("04-cnemc-water/a_full_year.csv", 32, 0, ("江苏省/某断面", "water_class", "2023-04-30T16:00"), 3),
    Case("04-cnemc-water/c_html_spans.csv", 10, 0, ("江苏省/某断面", "water_temperature", "2023-04-30T16:00"), 21.5),
    Case("06-uk-aurn/a_importAURN.csv", 24, 0, ("BRS8", "NOx", "2020-01-01T00:00"), 0.029),
    Case("06-uk-aurn/b_ukair_flat.csv", 7, 0, ("Bristol St Paul's", "PM10", "2020-01-01T23:00"), 22.2, ("status",)),
    Case("08-pm25in/pm25in.csv", 26, 1, ("1089A", "SO2", "2015-02-05T05:00"), 213, ("pm2_5_24h", "quality")),
    Case("08-pm25in/pm25in.json", 3, 0, ("1484A", "PM2_5", "2014-03-08T17:00"), 23, ("pm2_5_24h",)),
    Case("09-openaq/openaq_v2.csv", 2, 0, ("8767", "PM2_5", "2023-05-01T00:00"), 36, ("country",)),
    Case("12-import-forms/a_cn_date_time.csv", 18, 0, ("甲站", "PM2_5", "2025-05-01T15:00"), 17),
    Case("12-import-forms/b_cn_date_hour_shi.csv", 4, 0, ("甲站", "CO", "2025-04-30T17:00"), 0.6),
    Case("12-import-forms/d_cn_date_hour_2digit.csv", 4, 0, ("甲站", "PM2_5", "2025-04-30T16:00"), 16),
    Case("12-import-forms/f_time_slash.csv", 18, 0, ("甲站", "PM2_5", "2025-05-01T05:00"), 15),
    Case("12-import-forms/g_wide_units_row.csv", 10, 0, ("甲站", "O3_8h", "2025-04-30T17:00"), 31),
    Case("12-import-forms/i_title_row.csv", 6, 0, ("甲站", "SO2", "2025-04-30T16:00"), 3),
    Case("12-import-forms/j_time_point.csv", 6, 0, ("甲站", "CO", "2025-04-30T16:00"), 0.6),
    Case("12-import-forms/k_type_value.csv", 3, 0, ("1001A", "CO", "2025-04-30T16:00"), 0.6),
    *(
        Case(f"12-import-forms/{name}", 2, 0, ("甲站", "PM2_5", "2025-04-30T16:00"), 16)
        for name in ("o_bom.csv", "p_semicolon.csv", "q_tab.txt", "r_utf16.csv", "t1.csv", "t2.csv", "t4.csv", "t6.csv",
                     "u3.csv", "u7.csv", "u5.csv")
    ),
    Case("12-import-forms/t8.csv", 2, 0, ("甲站", "PM2_5", "2025-05-01T15:00"), 16),
    Case("12-import-forms/u1.csv", 2, 0, ("甲站", "PM2_5", "2025-05-01T00:00"), 16),
    Case("12-import-forms/x1_title_merged.xlsx", 4, 0, ("甲站", "CO", "2025-04-30T17:00"), 0.6),
    Case("12-import-forms/x3_units_row.xlsx", 4, 0, ("甲站", "PM2_5", "2025-04-30T16:00"), 16),
    Case("12-import-forms/x4_clean.xlsx", 4, 0, ("甲站", "PM2_5", "2025-04-30T16:00"), 16),
    Case("12-import-forms/x6_footer.xlsx", 4, 2, ("甲站", "PM2_5", "2025-04-30T16:00"), 16),
    Case("12-import-forms/x8_excel_time_cell.xlsx", 4, 0, ("甲站", "PM2_5", "2025-04-30T17:00"), 15),
    Case("14-no-point/openaq_two_locations.csv", 4, 0, ("2", "PM2_5", "2025-07-01T00:00"), 86),
]  # fmt: skip


def imported(office: Office, path: Path, **words: Any) -> ImportJob:
    job = start_import(office["chief"], path, **{"new_points": True, **words})
    while run_next_job():
        pass
    job.refresh_from_db()
    return job


def value_of(point: str, item: str, start: str) -> float | None:
    second = int(datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp())
    numbers = [s.id for s in readings().series_of_points([point]) if s.key.item == item]
    found = readings().window(numbers, second, second + 1)
    assert len(found) == 1, (point, item, start, found)
    return found[0].value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_a_public_file(office: Office, case: Case) -> None:
    """Refused, read at the wrong time, or put on a point named after the profile: now each comes in whole."""
    job = imported(office, shared("cases", *case.file.split("/")))
    assert (job.state, job.readings_new, job.rows_bad) == ("done", case.new, case.bad), (job.message, job.errors)
    assert value_of(*case.key) == case.value
    assert set(case.unused) <= set(job.told["unused"]) or not case.unused
    for name in job.told["unused"]:
        assert name in job.message or len(job.told["unused"]) > 12


@pytest.mark.parametrize("name", ["14-no-point/town_a.csv", "14-no-point/town_b.csv", "12-import-forms/s_nopoint.csv"])
def test_a_file_that_names_no_point_is_asked_about(office: Office, name: str) -> None:
    """Two towns' files went to one point; the second replaced the first as a revision."""
    job = imported(office, shared("cases", *name.split("/")))
    assert job.state == "failed"
    assert "--point" in job.message
    assert readings().series() == []


def test_two_towns_stay_two_places(office: Office) -> None:
    for town, code in (("a", "T1"), ("b", "T2")):
        job = imported(office, shared("cases", "14-no-point", f"town_{town}.csv"), given={"point": code})
        assert (job.state, job.readings_new) == ("done", 4)
    assert value_of("T1", "PM2_5", "2025-05-31T16:00") == 16
    assert value_of("T2", "PM2_5", "2025-05-31T16:00") == 86


@pytest.mark.parametrize("name", ["places.geojson", "points.kml"])
def test_a_map_is_no_table_of_readings(office: Office, name: str) -> None:
    """GeoJSON was read as CSV: 重复的列名 31.40]."""
    job = imported(office, shared("cases", "15-gis", name))
    assert job.state == "failed"
    assert "地图数据" in job.message
    assert "places import" in job.message


def test_what_a_map_s_outfalls_say_is_checked(office: Office) -> None:
    """Swapped, 0/0 and metres were taken; degrees with minutes and seconds refused."""
    from qingyuan.bureau.accounts.models import Area
    from qingyuan.bureau.line.actions.devices_file import import_devices
    from qingyuan.bureau.registers.models import Point

    Area.objects.update(geometry=None)
    report = import_devices(office["chief"], shared("cases", "15-gis", "outfalls_dms.csv"))
    assert [error["row"] for error in report.errors] == [4, 5, 8]
    swapped, nothing, metres = (error["expected"] for error in report.errors)
    assert "写反" in swapped
    assert "没有填" in nothing
    assert "投影" in metres
    place = Point.objects.get(code="FIELDGIS0001")
    assert (round(place.lon or 0, 4), round(place.lat or 0, 4)) == (119.8122, 31.4567)
    assert Point.objects.get(code="FIELDGIS0002").lat == 31.4567
