"""Files on the screen: which sheet and row, which point, new ones by a tick, taken back; points and boundaries."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from needs import shared
from qingyuan.bureau.accounts.models import Area
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.monitoring.actions.import_jobs import run_next_job
from qingyuan.bureau.monitoring.models import ImportJob
from qingyuan.bureau.registers.models import Point, RosterEntry
from web.factories import County
from web.test_access import client_of
from web.test_imports import form_of


def sent(client: Client, content: bytes, name: str, **fields: str) -> str:
    file = SimpleUploadedFile(name, content)
    return str(client.post("/imports/", {"file": file, "profile": "", **fields})["Location"])


def case(*parts: str) -> bytes:
    return shared("cases", *parts).read_bytes()


def worked() -> ImportJob:
    while run_next_job():
        pass
    return ImportJob.objects.latest("pk")


def values(point: str) -> list[float | None]:
    numbers = [s.id for s in readings().series_of_points([point])]
    return [r.value for r in readings().window(numbers, 0, 2**40)]


def test_a_file_without_a_point_asks_for_it(chief: Client, county: County) -> None:
    """The mapping page had the profile's name filled in as the fixed point: two towns' files fell together."""
    address = sent(chief, case("14-no-point", "town_a.csv"), "town_a.csv")
    page = chief.get(address)
    assert "没有认得出的点位列" in page.content.decode()
    form = form_of(chief, address)
    assert form["fixed_point"] == ""
    answer = chief.post(address, form | {"run": "real", "new_points": "on"})
    assert answer.status_code == 400
    assert "固定点位代码" in answer.content.decode()
    assert not ImportJob.objects.exists()
    chief.post(address, form | {"run": "real", "new_points": "on", "fixed_point": "甲镇"})
    job = worked()
    assert (job.state, job.readings_new, values("甲镇")) == ("done", 4, [16.0, 0.6, 15.0, 0.6]) or sorted(
        v for v in values("甲镇") if v
    ) == [0.6, 0.6, 15.0, 16.0]


def test_a_saved_reading_without_a_point_asks_for_each_file(chief: Client, county: County) -> None:
    """A saved profile with a fixed point put the next town's file over the first."""
    address = sent(chief, case("14-no-point", "town_a.csv"), "town_a.csv")
    form = form_of(chief, address) | {"run": "real", "new_points": "on", "fixed_point": "甲镇", "save_as": "镇站"}
    chief.post(address, form)
    assert worked().state == "done"
    asked = sent(chief, case("14-no-point", "town_b.csv"), "town_b.csv", profile="镇站")
    assert "/mapping/" in asked
    form = form_of(chief, asked)
    assert form["fixed_point"] == ""
    chief.post(asked, form | {"run": "real", "new_points": "on", "fixed_point": "乙镇"})
    assert worked().state == "done"
    assert sorted(v for v in values("甲镇") if v) == [0.6, 0.6, 15.0, 16.0]
    assert sorted(v for v in values("乙镇") if v) == [1.6, 1.6, 85.0, 86.0]


def book() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        for name, value in (("一月", 11), ("二月", 22)):
            sheet = made.add_worksheet(name)
            for n, row in enumerate([["本表第一行是标题"], ["站点", "时间", "SO2"], ["甲", "2025-05-01 01:00", value]]):
                sheet.write_row(n, 0, row)
    return out.getvalue()


def test_the_sheet_and_the_header_row_are_picked(chief: Client, county: County) -> None:
    address = sent(chief, book(), "两表.xlsx")
    page = chief.get(address)
    assert (page.context["preview"]["sheet"], page.context["preview"]["header_row"]) == ("一月", 2)
    text = page.content.decode()
    assert "二月" in text
    assert "本表第一行是标题" in text
    picked = f"{address}?sheet=二月&header_row=2"
    assert chief.get(picked).context["preview"]["sheet"] == "二月"
    form = form_of(chief, picked) | {"sheet": "二月", "header_row": "2", "run": "real", "new_points": "on"}
    chief.post(address, form)
    assert (worked().state, values("甲")) == ("done", [22.0])


@pytest.mark.parametrize("odd", ["?header_row=99", "?sheet=没有", "?header_row=-1", "?header_row=abc", "?header_row=1"])
def test_an_odd_choice_is_answered_in_words(chief: Client, county: County, odd: str) -> None:
    address = sent(chief, book(), "两表.xlsx")
    assert chief.get(address + odd, follow=True).status_code == 200


@pytest.mark.parametrize(
    ("folder", "name", "new"),
    [
        ("03-quotsoft", "china_sites_20230101.csv", 45), ("04-cnemc-water", "a_full_year.csv", 32),
        ("06-uk-aurn", "b_ukair_flat.csv", 7),
        ("08-pm25in", "pm25in.json", 3), ("09-openaq", "openaq_v2.csv", 2), ("12-import-forms", "x1_title_merged.xlsx", 4),
        ("14-no-point", "openaq_two_locations.csv", 4),
    ],
)  # fmt: skip
def test_a_known_form_goes_through_the_mapping_screen_untouched(
    chief: Client, county: County, folder: str, name: str, new: int
) -> None:
    address = sent(chief, case(folder, name), name)
    page = chief.get(address)
    assert page.context["problem"] == ""
    assert page.context["guess_problem"] == "", page.context["guess_problem"]
    form = form_of(chief, address)
    chosen = page.context["chosen"]
    form |= {"zone": chosen["zone"], "date_order": chosen["date_order"], "run": "real", "new_points": "on"}
    assert chief.post(address, form)["Location"].startswith("/imports/")
    job = worked()
    assert (job.state, job.readings_new) == ("done", new), (job.message, job.errors[:3])


@pytest.mark.parametrize("name", ["places.geojson", "points.kml"])
def test_a_map_is_named_and_not_read(chief: Client, county: County, name: str) -> None:
    file = SimpleUploadedFile(name, case("15-gis", name))
    text = chief.post("/imports/", {"file": file, "profile": ""}, follow=True).content.decode()
    assert "地图数据" in text


def test_an_import_is_taken_back_on_its_page(chief: Client, county: County) -> None:
    text = "time,station_code,PM2.5\n2026-11-01 01:00,Z1,35\n2026-11-01 02:00,Z1,36\n"
    file = SimpleUploadedFile("错.csv", text.encode())
    page = chief.post("/imports/", {"file": file, "profile": "air-hourly", "new_points": "on"})["Location"]
    job = worked()
    assert job.state == "done", job.message
    shown = chief.get(page).content.decode()
    for words in ("撤回这次导入", "接下来", "不在名册", "新建了 1 个点位"):
        assert words in shown
    refused = chief.post(f"{page}undo/", {"reason": ""}, follow=True).content.decode()
    assert "请写明撤回的原因" in refused
    officer = client_of(county.users["officer"])
    assert officer.post(f"{page}undo/", {"reason": "x"}).status_code == 403
    chief.post(f"{page}undo/", {"reason": "弄错了"})
    assert worked().state == "undone"
    assert values("Z1") == [None, None]
    assert "弄错了" in chief.get(page).content.decode()


def test_points_are_checked_shown_and_kept(chief: Client, county: County) -> None:
    Area.objects.update(geometry=None)
    text = "站点编码,站点名称,经度,纬度\nN1,新站一,119°48′44″,31°27′24″\nN2,新站二,31.45,119.81\n"
    first = chief.post(
        "/imports/points/",
        {"file": SimpleUploadedFile("站.csv", text.encode()), "roster": "county_air", "since": "2026-01-01"},
    )
    shown = first.content.decode()
    assert "写反" in shown
    assert not Point.objects.filter(code="N1").exists()
    form = {"token": first.context["token"], "roster": "county_air", "since": "2026-01-01"}
    assert "新增 1" in chief.post("/imports/points/", form, follow=True).content.decode()
    assert RosterEntry.objects.get(point__code="N1").roster == "county_air"
    assert not Point.objects.filter(code="N2").exists()
    bad = chief.post("/imports/points/", {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")}).content.decode()
    assert "缺少列" in bad
    assert client_of(county.users["officer"]).get("/imports/points/").status_code == 403


def test_the_boundary_is_shown_and_kept(chief: Client, county: County) -> None:
    ring = [[119.8, 31.4], [119.9, 31.4], [119.9, 31.5], [119.8, 31.4]]
    feature: dict[str, Any] = {"type": "Feature", "properties": {"名称": "新镇", "备注": "x"}}
    feature["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    first = chief.post("/imports/boundary/", {"file": SimpleUploadedFile("县.geojson", content)})
    shown = first.content.decode()
    assert "新镇" in shown
    assert "备注" in shown
    assert not Area.objects.filter(name="新镇").exists()
    chief.post("/imports/boundary/", {"token": first.context["token"]})
    assert Area.objects.get(name="新镇").kind == "town"
    wrong = chief.post("/imports/boundary/", {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")}).content.decode()
    assert "地图数据" in wrong


@pytest.mark.parametrize(
    "address",
    [
        "/imports/",
        "/imports/points/",
        "/imports/enterprises/",
        "/imports/boundary/",
        "/imports/devices/",
        "/imports/limits/",
    ],
)
@pytest.mark.parametrize("name", ["far.xlsx", "wide.csv", "line.csv", "deep.json"])
def test_a_harmful_file_is_one_clear_line(
    chief: Client, county: County, tmp_path_factory: pytest.TempPathFactory, address: str, name: str
) -> None:
    from intake.files.test_people_forms import odd_file

    path = odd_file(name, tmp_path_factory.mktemp("odd"))
    with path.open("rb") as handle:
        file = SimpleUploadedFile(name, handle.read())
    answer = chief.post(address, {"file": file, "profile": ""}, follow=True)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "notice" in text or "error" in text
    assert "Traceback" not in text
