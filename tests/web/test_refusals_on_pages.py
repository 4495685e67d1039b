"""Refused on an English page, a person reads English; a program reads the Chinese that the interface promises."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from qingyuan.bureau.monitoring.actions.import_jobs import run_next_job
from qingyuan.bureau.monitoring.models import ImportJob
from qingyuan.bureau.registers.actions.points_cells import KINDS
from web.factories import County
from web.may_stay import stored, strangers
from web.said import said
from web.test_imports import BLIND, CSV, form_of, upload

BACKEND = "django.contrib.auth.backends.ModelBackend"
GIVEN = [
    "坏",
    "奇怪的列",
    "九号断面",
    "什么时候",
    "哪里",
    "多少",
    "数据.csv",
    "氨氮(mg/L)",
    "五",
    "新总排口",
    "上限",
    "城里",
]
"""What the files of these tests hold: it is shown as it was given."""
HEADINGS = ["因子编码", "甲", "乙", *sorted((k for k in KINDS if not k.isascii()), key=len, reverse=True)]
"""What a file has or must have, word for word."""


def english(county: County, who: str) -> Client:
    client = Client()
    client.force_login(county.users[who], backend=BACKEND)
    client.post("/language/", {"language": "en", "next": "/"})
    return client


def chinese_of(page: str) -> list[str]:
    """The words of an English page that are Chinese and were given by nobody."""
    kept = sorted([*stored(), *GIVEN], key=len, reverse=True)
    return [word for text in said(page) for word in strangers(text, kept, "en")]


def test_a_file_that_is_no_table(county: County) -> None:
    client = english(county, "chief")
    file = SimpleUploadedFile("x.xlsx", b"PK\x03\x04 not really")
    page = client.post("/imports/", {"file": file, "profile": ""}, follow=True).content.decode()
    assert "x.xlsx: read an Excel file that cannot be opened" in page
    assert chinese_of(page) == []


def test_an_import_tells_its_problems_and_what_it_did(county: County) -> None:
    """The line of a job and its table of problems are kept in Chinese: the job does not know who will read them."""
    client = english(county, "chief")
    address = upload(client, CSV)
    page = client.post(address, form_of(client, address) | {"run": "dry"})["Location"]
    assert run_next_job()
    text = client.get(page).content.decode()
    assert "试运行，没有写入" in ImportJob.objects.get().message
    assert "dry run, nothing written; 3 readings can be imported; 1 new points: S9 (九号断面)" in text
    assert chinese_of(text) == []


def test_a_mapping_that_cannot_be_right(county: County) -> None:
    client = english(county, "chief")
    address = upload(client, BLIND)
    form = {"role-2": "is:PM2_5", "unit-2": "ug/m3", "kind": "air", "stamps": "opens", "grain": "hour"}
    answer = client.post(address, form)
    assert answer.status_code == 400
    assert chinese_of(answer.content.decode()) == []


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (
            "/imports/devices/",
            "MN,ST,点位编号,点位名称,镇街,因子编码,上限,依据\n" + "9" * 24 + ",32,D77,新总排口,城里,w01018,五,x\n",
        ),
        ("/imports/devices/", "甲,乙\n1,2\n"),
        ("/imports/points/", "点位编码,点位名称,点位类别,经度,纬度\nA9,x,x,200,0\nA9,x,空气站,1,1\n,,,,\n"),
        ("/imports/enterprises/", "单位名称,信用代码,经度\nx,1,9\n"),
    ],
)
def test_a_list_with_bad_rows(county: County, page: str, text: str) -> None:
    client = english(county, "chief")
    if client.get(page).status_code != 200:
        client = english(county, "monitor")
    answer = client.post(page, {"file": SimpleUploadedFile("x.csv", text.encode()), "dry_run": "on"}, follow=True)
    shown = answer.content.decode()
    problems = " ".join(
        re.findall(r'<td class="(?:mono|wrap)">.*?</td>|<div class="notice.*?</div>|role="alert".*?<', shown, re.S)
    )
    assert problems
    found = re.sub("|".join(map(re.escape, HEADINGS)), " ", problems)
    assert chinese_of(found) == []


def test_an_account_that_cannot_be_made(county: County) -> None:
    client = english(county, "security")
    form = {"username": county.users["chief"].username, "display_name": "x", "role": "officer"}
    page = client.post("/users/new/", form, follow=True).content.decode()
    assert chinese_of(page) == []


def test_an_address_that_cannot_be(county: County) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(county.users["chief"], backend=BACKEND)
    in_chinese = client.get("/cases/?q=%00").content.decode()
    client.post("/language/", {"language": "en", "next": "/"})
    assert in_chinese == "地址或内容里有不能用的字符（NUL），或内容太长；请去掉或改短后重试"
    assert client.get("/cases/?q=%00").content.decode().startswith("The address or the content holds a character")


def test_the_interface_answers_in_chinese_whatever_the_page_speaks(county: County) -> None:
    client = Client()
    client.force_login(county.users["chief"], backend=BACKEND)
    asked = ("/api/v1/points?kind=%00", "/api/v1/points?page=x", "/api/v1/nothing", "/api/v1/readings?point=nowhere")
    before = [client.get(address).content for address in asked]
    client.post("/language/", {"language": "en", "next": "/"})
    assert [client.get(address).content for address in asked] == before
    assert re.search("[\u4e00-\u9fff]", before[0].decode("unicode_escape"))
