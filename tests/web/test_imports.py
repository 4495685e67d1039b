"""Imports on the screen: a file, its columns mapped, dry run, import, bad rows back as a file."""

from __future__ import annotations

import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from qingyuan.bureau.monitoring.actions.import_jobs import run_next_job
from qingyuan.bureau.monitoring.models import ImportJob, ImportProfile
from web.factories import County

CSV = """时间,站点编码,站点名称,氨氮(mg/L),总磷,奇怪的列
2026-11-01 00:00,S9,九号断面,0.31,0.08,x
2026-11-01 04:00,S9,九号断面,坏,0.09,y
"""
BLIND = "什么时候,哪里,多少\n2026-11-01 00:00,P1,12\n2026-11-01 01:00,P1,13\n"


def upload(client: Client, text: str, **fields: str) -> str:
    file = SimpleUploadedFile("数据.csv", text.encode())
    return str(client.post("/imports/", {"file": file, "profile": "", **fields})["Location"])


def form_of(client: Client, address: str) -> dict[str, str]:
    """The mapping form as the browser would send it untouched."""
    page = client.get(address)
    found = {f"role-{r.number}": r.role for r in page.context["rows"]}
    found |= {f"unit-{r.number}": r.unit for r in page.context["rows"]}
    chosen = page.context["chosen"]
    return found | {k: chosen.get(k, "") for k in ("kind", "stamps", "grain", "time_format", "fixed_point")}


def test_a_csv_is_mapped_tried_imported_and_its_bad_rows_come_back(chief: Client, county: County) -> None:
    address = upload(chief, CSV)
    form = form_of(chief, address)
    assert form["role-0"] == "time"
    assert form["role-3"] == "is:NH3N"
    assert form["role-5"] == ""
    job_page = chief.post(address, form | {"run": "dry", "save_as": "县站报表"})["Location"]
    assert ImportProfile.objects.get().name == "县站报表"
    assert "等待后台处理" in chief.get(job_page).content.decode()
    assert run_next_job()
    dry = ImportJob.objects.get()
    assert (dry.state, dry.readings_new, dry.rows_bad) == ("done", 0, 1)
    text = chief.get(job_page).content.decode()
    assert "坏" in text
    assert "正式导入" in text
    assert "新建这 1 个点位" in text
    real_page = chief.post(f"{job_page}run/", {"new_points": "on"})["Location"]
    assert run_next_job()
    real = ImportJob.objects.latest("pk")
    assert (real.file_name, real.state, real.readings_new, real.rows_bad) == ("数据.csv", "done", 3, 1)
    bad = b"".join(chief.get(f"{real_page}bad-rows/").streaming_content).decode("utf-8-sig")
    assert "坏" in bad
    assert "2026-11-01 00:00" not in bad
    again = chief.post(f"{job_page}run/")["Location"]
    assert run_next_job()
    assert "共 3 条" in chief.get("/imports/").content.decode()
    assert ImportJob.objects.latest("pk").readings_unchanged == 3
    assert again != real_page


def test_columns_that_nobody_can_guess_are_mapped_by_hand(chief: Client, county: County) -> None:
    address = upload(chief, BLIND)
    text = chief.get(address).content.decode()
    assert "什么时候" in text
    form = {
        "role-0": "time", "role-1": "point", "role-2": "is:PM2_5", "unit-2": "ug/m3", "kind": "air", "stamps": "opens",
        "grain": "hour", "time_format": "", "fixed_point": "", "run": "real", "new_points": "on",
    }  # fmt: skip
    assert chief.post(address, form)["Location"].startswith("/imports/")
    assert run_next_job()
    job = ImportJob.objects.get()
    assert (job.state, job.readings_new) == ("done", 2), job.message


def test_a_mapping_without_a_time_is_refused_and_what_was_chosen_is_kept(chief: Client, county: County) -> None:
    address = upload(chief, BLIND)
    answer = chief.post(
        address, {"role-2": "is:PM2_5", "unit-2": "ug/m3", "kind": "air", "stamps": "opens", "grain": "hour"}
    )
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "notice bad" in text
    assert re.search(r'value="is:PM2_5" selected', text)
    assert ImportJob.objects.count() == 0


def test_a_file_that_is_no_table_is_refused_in_words(chief: Client, county: County) -> None:
    file = SimpleUploadedFile("x.xlsx", b"PK\x03\x04 not really")
    answer = chief.post("/imports/", {"file": file, "profile": ""}, follow=True)
    assert answer.status_code == 200
    assert "notice" in answer.content.decode()


def test_progress_is_polled_until_it_ends(chief: Client, county: County) -> None:
    address = upload(chief, CSV)
    page = chief.post(address, form_of(chief, address) | {"run": "dry"})["Location"]
    waiting = chief.get(f"{page}progress/")
    assert waiting.status_code == 200
    assert "hx-get" in waiting.content.decode()
    assert chief.get(f"{page}progress/", headers={"If-None-Match": waiting["ETag"]}).status_code == 304
    run_next_job()
    done = chief.get(f"{page}progress/")
    assert done.status_code == 286
    assert "hx-get" not in done.content.decode()


def test_a_device_list_with_one_bad_cell(county: County) -> None:
    client = Client()
    client.force_login(county.users["monitor"], backend="django.contrib.auth.backends.ModelBackend")
    text = "MN,ST,点位编号,点位名称,镇街,因子编码,上限,依据\n" + "9" * 24 + ",32,D77,新总排口,城南镇,w01018,50,许可证\n"
    text += "9" * 24 + ",32,D77,新总排口,城南镇,w21003,五,许可证\n"
    file = SimpleUploadedFile("设备.csv", text.encode())
    page = client.post("/imports/devices/", {"file": file, "dry_run": ""}).content.decode()
    assert "五" in page
    assert client.get("/monitoring/D77/").status_code == 200
