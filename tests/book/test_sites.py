"""A legal body is not a site is not a permit: firms from a bureau's list, known again, asked where doubtful, never merged."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.test import Client

from bureau.office import Office
from qingyuan.bureau.accounts.models import Area, AreaParent, Organisation
from qingyuan.bureau.base.errors import Invalid, NotAllowed
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.models import RowVersion
from qingyuan.bureau.book.policies import visible
from qingyuan.bureau.book.queries import count
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.book.versions import unproved
from qingyuan.bureau.exchange.imports import Choice, Report, import_file
from qingyuan.bureau.registers.actions.enterprises import put_enterprise
from qingyuan.bureau.registers.models import Enterprise
from qingyuan.bureau.registers.policies import visible_enterprises
from qingyuan.bureau.registers.queries.sites import FirmWords, sites_meant

CREDIT, OTHER = "91350100M000100Y43", "91320000MA0000001X"
HEAD = "序号,企事业单位名称,统一社会信用代码,所在行政区域,名录类别,排污许可证编号\n"


@pytest.fixture
def take(office: Office, tmp_path: Path) -> Any:
    """Imports a list as the chief."""

    def run(text: str, who: str = "chief", **choice: Any) -> Report:
        path = tmp_path / "list.csv"
        path.write_text(text, encoding="utf-8")
        return import_file(office[who], book_of("enterprises"), path, Choice(**choice))

    return run


def added(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, len(report.bad)


def test_one_code_with_two_permits_is_two_sites_of_one_body(take: Any) -> None:
    text = HEAD + f"1,甲水泥,{CREDIT},城南镇,大气环境,P1\n2,甲水泥,{CREDIT},城北镇,水环境,P2\n"
    assert added(take(text)) == (2, 0, 0, 0)
    assert added(take(text)) == (0, 0, 2, 0)
    sites = Enterprise.objects.filter(credit_code=CREDIT)
    assert sorted(sites.values_list("code", "permit")) == [(CREDIT, "P1"), (f"{CREDIT}-2", "P2")]
    (body,) = {site.organisation for site in sites}
    assert (body.code, body.name, body.kind, body.revision) == (CREDIT, "甲水泥", "enterprise", 1)
    assert unproved(book_of("enterprises")) == unproved(book_of("organisations")) == []


def test_known_again_by_permit_then_code_and_name_then_name(take: Any) -> None:
    take(HEAD + f"1,甲,{CREDIT},城南镇,,P1\n2,乙,,城南镇,,\n")
    report = take(HEAD + f"1,甲改名,,,,P1\n2,甲改名,{CREDIT},,水环境,\n")
    assert [words for _, _, words in report.bad] == [f"“{CREDIT}”：文件里第 2 行已有"]
    assert added(take(HEAD + f"1,乙,{CREDIT},,大气环境,P9\n")) == (0, 1, 0, 0)
    assert Enterprise.objects.get(name="甲改名").key_unit == ""
    assert Enterprise.objects.get(name="乙").permit == "P9"
    assert Organisation.objects.get(code=CREDIT).name == "甲改名"


def test_several_that_fit_are_asked(take: Any) -> None:
    take(HEAD + "1,丙,,城南镇,,P1\n2,丙,,城北镇,,P2\n")
    report = take(HEAD + "1,丙,,,水环境,\n")
    assert added(report) == (0, 0, 0, 1)
    assert "单位名称相同的有 2 行（丙、丙-2）；请填写编号" in report.bad[0][2]


@pytest.mark.parametrize("code", ["", "91350100M000100Y44", "无", "不详"])
def test_a_missing_or_wrong_credit_code_is_left_out_with_a_note(take: Any, code: str) -> None:
    report = take(HEAD + f"1,丁,{code},城南镇,,\n")
    assert added(report) == (1, 0, 0, 0)
    assert (len(report.notes) == 1) == bool(code)
    site = Enterprise.objects.get(name="丁")
    assert (site.code, site.credit_code, site.organisation.code) == ("丁", "", "丁")


def test_a_code_is_read_as_people_type_it(take: Any) -> None:
    take(HEAD + "1,甲,９１350100m000100y43,城南镇,,\n")
    assert added(take(HEAD + "1,甲, 91350100 M000100Y43 ,城南镇,,\n")) == (0, 0, 1, 0)
    assert Enterprise.objects.get(name="甲").code == CREDIT


def test_of_two_columns_for_the_area_the_finer_one_holds(take: Any) -> None:
    """A published list names the county and then the town: the firm lay in the county, and no town saw it."""
    report = take("企业名称,所在行政区域,所在镇街\n甲,云沚县,城南镇\n")
    assert (added(report), report.unused) == ((1, 0, 0, 0), ("所在行政区域",))
    site = Enterprise.objects.get(name="甲")
    assert site.area is not None
    assert site.area.name == "城南镇"


def test_a_list_makes_no_firm_of_the_bureau(take: Any, office: Office) -> None:
    """The site of a name that the bureau's code bears gets a body of its own, never the bureau's rights."""
    take(HEAD + "1,EEB,,城南镇,,\n")
    site = Enterprise.objects.get(name="EEB")
    assert (site.organisation.code, site.organisation.kind) == ("EEB（企业）", "enterprise")


def test_new_places_are_made_far_ones_told_and_abroad_refused(take: Any, office: Office) -> None:
    shape = {"type": "Polygon", "coordinates": [[[119, 33], [119.5, 33], [119.5, 33.5], [119, 33.5], [119, 33]]]}
    Area.objects.filter(pk=office.county.pk).update(geometry=shape)
    text = "单位名称,所在镇街,负责镇街,经度,纬度\n甲,城东镇,云沚经济开发区,119.2,33.2\n乙,城东镇,,125,40\n丙,城东镇,,2.3,48.9\n"
    assert added(take(text)) == (0, 0, 0, 3)
    report = take(text, new_places=True)
    assert added(report) == (2, 0, 0, 1)
    assert [n for n, _, _ in report.bad] == [4]
    assert any("第 3 行" in note and "本县以外" in note for note in report.notes)
    site = Enterprise.objects.get(name="甲")
    assert (site.area and site.area.kind, site.answers and site.answers.kind) == ("town", "zone")
    assert AreaParent.objects.get(area=site.area).parent == office.county
    assert RowVersion.objects.get(book="areas", key="城东镇").actor == office["chief"]
    with pytest.raises(NotAllowed):
        take("单位名称,所在镇街,负责镇街\n丁,城西镇,城南镇\n", who="south", new_places=True)


def test_a_town_sees_and_keeps_what_it_answers_for(take: Any, office: Office) -> None:
    """The firm that lies in the south and that the north answers for was shown to the south alone."""
    take("单位名称,所在镇街,负责镇街\n边界厂,城南镇,城北镇\n南厂,城南镇,\n")
    book, site = book_of("enterprises"), Enterprise.objects.get(name="边界厂")
    for rows in (visible, lambda user, _book: visible_enterprises(user)):
        assert site in rows(office["north"], book)
        assert site not in rows(office["south"], book)
        assert Enterprise.objects.get(name="南厂") in rows(office["south"], book)
    assert count(book, office["north"]).total == 2
    assert save(office["north"], book, {"address": "边界路 1 号"}, site).revision == 2
    with pytest.raises(NotAllowed):
        save(office["south"], book, {"address": "南边路"}, site)
    report = take("单位名称,地址\n边界厂,南边路\n", who="south")
    assert (len(report.bad), "权限" in report.bad[0][2]) == (1, True)


def test_the_pages_of_the_firm_and_of_the_book_stand_beside_each_other(take: Any, office: Office) -> None:
    take(HEAD + f"1,甲水泥,{CREDIT},城南镇,,P1\n")
    client = Client()
    client.force_login(office["chief"], backend="django.contrib.auth.backends.ModelBackend")
    for page in ("", "enterprises/", "enterprises/new/", "enterprises/import/", "enterprises/columns/",
                 f"enterprises/{CREDIT}/", f"enterprises/row/{CREDIT}/", f"enterprises/edit/{CREDIT}/"):  # fmt: skip
        assert client.get(f"/books/{page}").status_code == 200, page
    given = {"name": "乙厂", "credit_code": "91350100M000100Y44", "area": "城南镇"}
    assert "校验位应为 3" in client.post("/books/enterprises/new/", given).content.decode()
    assert client.post("/books/enterprises/new/", given | {"credit_code": ""}).status_code == 302
    site = Enterprise.objects.get(name="乙厂")
    assert (site.code, site.organisation.code) == ("乙厂", "乙厂")
    assert client.post("/books/enterprises/edit/乙厂/", given | {"code": "乙厂", "name": "乙厂新名",
                       "credit_code": CREDIT[:-1] + "3", "revision": "1"}).status_code == 302  # fmt: skip
    site.refresh_from_db()
    assert site.organisation.code == "乙厂"  # the body of that code is there: doubtful, never merged


def test_the_ways_of_before_write_versions(office: Office) -> None:
    firm, outcome = put_enterprise("", "戊", office["chief"], area=office.south)
    assert (outcome, put_enterprise("", "戊", office["chief"])[1]) == ("new", "same")
    put_enterprise(CREDIT, "戊", office["chief"], industry="水泥")
    firm.refresh_from_db()
    assert (firm.code, firm.credit_code, firm.organisation.code) == (CREDIT, CREDIT, CREDIT)
    assert list(RowVersion.objects.filter(book="enterprises").values_list("revision", "actor")) == [
        (1, office["chief"].pk), (2, office["chief"].pk),
    ]  # fmt: skip
    second = save(None, book_of("enterprises"), {"name": "戊二厂", "credit_code": CREDIT, "permit": "P2"})
    assert (second.code, second.organisation) == (f"{CREDIT}-2", firm.organisation)
    assert sites_meant(FirmWords("戊二厂", CREDIT)) == [second]
    with pytest.raises(Invalid, match="已登记给"):
        put_enterprise("EEB", "己")


def test_many_firms_twice(office: Office, tmp_path: Path) -> None:
    """5,000 of them here; benchmarks/books.py asks 50,000 of it, each within 60 s."""
    path = tmp_path / "many.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["单位名称", "排污许可证编号", "所在镇街", "负责镇街", "行业"])
        for n in range(5000):
            towns = ("城南镇", "城北镇")
            sheet.write_row(n + 1, 0, [f"第{n}厂", f"P{n}", towns[n % 2], towns[n // 2 % 2], "铸造"])
    at = time.perf_counter()
    assert added(import_file(None, book_of("enterprises"), path)) == (5000, 0, 0, 0)
    assert added(import_file(None, book_of("enterprises"), path)) == (0, 0, 5000, 0)
    assert time.perf_counter() - at < 60
    assert Organisation.objects.filter(kind="enterprise").count() == 5002
