"""The pages of limits: a preview first, kept by a second click, taken back by a third; checks and doubts in words."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

import qingyuan.rules
from qingyuan.bureau.base.display import in_language
from qingyuan.bureau.values.models import Limit, LimitImport
from qingyuan.bureau.values.queries import limit_doubts as doubts
from qingyuan.bureau.values.queries.doubt_words import standard_in_words
from web.factories import County
from web.test_access import client_of

HEAD = "排放口编号,监测项目,限值,单位,执行标准,类别,工艺,基准氧含量,执行日期\n"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
GOOD = "D01,a21026,60,mg/m3,GB 13223-2011,特别排放,燃煤锅炉,6,2026-12-01\n"
BAD = "D01,a21026,60,mg/L,GB 13223-2011,,,6,2026-12-01\n"


def upload(client: Client, text: str) -> str:
    file = SimpleUploadedFile("限值.csv", (HEAD + text).encode())
    answer = client.post("/imports/limits/", {"file": file})
    assert answer.status_code == 200
    return str(answer.content.decode())


def english(client: Client) -> None:
    client.post("/language/", {"language": "en", "next": "/"})


def test_preview_then_keep_then_take_back(chief: Client, county: County) -> None:
    before = Limit.objects.count()
    page = upload(chief, GOOD + BAD)
    assert Limit.objects.count() == before
    for part in ("保存 1 行", "退回", "宽于标准" if "宽于标准" in page else "50 mg/m3", "核对许可证", "还没有写入"):
        assert part in page
    token = re.search(r'name="token" value="([0-9a-f]{32})"', page)
    assert token is not None
    kept = chief.post("/imports/limits/", {"token": token[1]}, follow=True)
    assert "已保存：1 行，退回 1 行" in kept.content.decode()
    assert Limit.objects.count() == before + 1
    page = chief.get("/monitoring/D01/limits/").content.decode()
    assert "宽于标准" in page
    assert "2026-12-01" in page
    batch = LimitImport.objects.get()
    back = chief.post(f"/books/limits/imports/{batch.pk}/undo/", follow=True)
    assert "已撤回" in back.content.decode()
    assert "2026-12-01" not in chief.get("/monitoring/D01/limits/").content.decode().split("</thead>")[1]


def test_a_gone_token_is_said(chief: Client, county: County) -> None:
    answer = chief.post("/imports/limits/", {"token": "0" * 32})
    assert "请重新选择文件" in answer.content.decode()


def test_a_file_that_is_no_table_is_said(chief: Client, county: County) -> None:
    answer = chief.post("/imports/limits/", {"file": SimpleUploadedFile("x.csv", b"\x00\x01\x02")})
    assert answer.status_code == 200
    assert "x.csv" in answer.content.decode()


def test_the_page_shows_doubtful_numbers_with_their_doubt(chief: Client, county: County) -> None:
    page = chief.get("/monitoring/D01/limits/").content.decode()
    assert "设定（未核实）" in page
    assert "各处说法不一：20 小时" in page
    assert "sources conflict" not in page
    english(chief)
    page = chief.get("/monitoring/D01/limits/").content.decode()
    assert "sources conflict: 20 h" in page
    assert "各处说法不一" not in page


def test_advice_in_english(chief: Client, county: County) -> None:
    english(chief)
    page = upload(chief, GOOD + BAD)
    assert "Check the permit; its limit should not be looser than the standard" in page
    assert "Correct the unit; a limit that cannot be converted cannot be judged by" in page
    assert "核对许可证" not in page
    cells = re.findall(r'<td class="wrap soft">([^<]*)</td>', page)
    assert len(cells) >= 2
    assert not re.search(r"[\u4e00-\u9fff]", "".join(cells))


def test_every_note_that_the_page_may_show_is_in_the_language_of_the_page() -> None:
    data = Path(qingyuan.rules.__file__).parent / "data"
    shown = {key for numbers in doubts._NUMBERS.values() for key in numbers}
    seen = 0
    for file in ("validity.csv", "source_averaging.csv", "tags.csv"):
        with (data / file).open(encoding="utf-8") as handle:
            for row in csv.DictReader(handle):
                if row.get("key", "") and row["key"] not in shown:
                    continue
                seen += 1
                note, standard = in_language(row["source"]), standard_in_words(row["standard"])
                assert CHINESE.search(note), (file, note)
                assert CHINESE.search(standard) or any(c.isdigit() for c in standard), (file, standard)
    assert seen > 20
    with translation.override("en"):
        assert in_language("凭记忆 | from memory") == "from memory"


@pytest.mark.parametrize("role", ["director", "officer", "town", "enterprise"])
def test_who_may_not_import_sees_no_way_to(county: County, role: str) -> None:
    client = client_of(county.users[role])
    assert client.get("/imports/limits/").status_code == 403
    page = client.get("/books/limits/").content.decode()
    assert "导入限值" not in page
    assert "导入记录" not in page
    assert client.get("/monitoring/D01/limits/").status_code == 200
