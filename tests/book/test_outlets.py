"""Outlets as a book: their points follow, an unknown firm waits as text, and work follows the area that answers."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from bureau.office import Office, make_user, put_hours
from moment import NOW
from qingyuan.bureau.accounts.policies.rights import may
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, NotAllowed
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.models import RowVersion
from qingyuan.bureau.book.policies import visible
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.book.versions import unproved
from qingyuan.bureau.cases.actions.leads import raise_lead
from qingyuan.bureau.cases.models import Lead
from qingyuan.bureau.cases.policies.visible import visible_leads
from qingyuan.bureau.exchange.bulk import lay_down
from qingyuan.bureau.exchange.exports import export
from qingyuan.bureau.exchange.imports import Choice, import_file
from qingyuan.bureau.line.actions.devices_file import import_devices
from qingyuan.bureau.registers.actions.meters import link_meter
from qingyuan.bureau.registers.actions.points_file import import_points
from qingyuan.bureau.registers.actions.put_points import put_outlet
from qingyuan.bureau.registers.models import Enterprise, Outlet, Point, PointName
from qingyuan.bureau.registers.policies import visible_points

pytestmark = pytest.mark.django_db
CREDIT = "91350100M000100Y43"
HEAD = "MN,ST,点位编号,点位名称,企业名称,统一社会信用代码,排污许可证编号,因子编码,上限\n"


def firm(name: str, **values: Any) -> Enterprise:
    made: Enterprise = save(None, book_of("enterprises"), {"name": name, **values})
    return made


def outlet(code: str, **values: Any) -> Outlet:
    return put_outlet(None, None, {"code": code, "name": f"{code} 号口", "medium": "gas", **values})


def listed(folder: Path, text: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


class TestPoint:
    """The point of an outlet bears its readings and says what outlet and firm say."""

    def test_follows_the_outlet_and_its_firm(self, office: Office) -> None:
        site = firm("甲", area=office.south.pk, answers=office.north.pk)
        made = outlet("D1", enterprise=site.pk, operator=office["operator"].organisation_id)
        point = Point.objects.get(code="D1")
        assert (made.point, point.kind, point.name) == (point, "outlet", "D1 号口")
        assert (point.area, point.answers, point.owner) == (office.south, office.north, site.organisation)
        assert point.operator == office["operator"].organisation
        put_outlet(office["chief"], made, {"name": "一号口", "answers": office.south.pk})
        point.refresh_from_db()
        assert (point.name, point.answering) == ("一号口", office.south)
        assert PointName.objects.get(point=point).name == "D1 号口"
        assert unproved(book_of("outlets")) == []

    def test_a_point_that_devices_made_becomes_the_outlet_s(self, office: Office) -> None:
        before = Point.objects.create(code="D1", name="未归属站点 D1", kind="unknown", lon=119.2, lat=33.1)
        made = outlet("D1")
        assert (made.point.pk, made.point.kind, made.lon) == (before.pk, "outlet", 119.2)

    def test_a_code_of_another_kind_of_point_is_refused(self, office: Office, tmp_path: Path) -> None:
        with pytest.raises(Invalid, match="已登记为空气站"):
            outlet("AIR")
        text = "排放口编号,排放口名称,介质\nAIR,口,废气\nD1,口,废气\n"
        report = import_file(None, book_of("outlets"), listed(tmp_path, text))
        assert (report.added, [bad[2] for bad in report.bad]) == (1, [report.bad[0][2]])
        assert "已登记为空气站" in report.bad[0][2]

    def test_a_waiting_point_of_the_same_name_becomes_an_outlet_too(self, office: Office) -> None:
        Point.objects.create(code="D1", name="D1 号口", kind="unknown")
        assert outlet("D1").point.kind == "outlet"

    def test_who_is_no_more_the_firm_of_it_sees_it_no_more(self, office: Office) -> None:
        site = firm("甲", area=office.south.pk)
        Enterprise.objects.filter(pk=site.pk).update(organisation=office.firm)
        made = outlet("D1", enterprise=site.pk)
        assert made.point in visible_points(office["firm"])
        put_outlet(office["chief"], made, {"enterprise": None})
        assert made.point not in visible_points(office["firm"])

    @pytest.mark.parametrize("values", [{"reference_o2": 6.0}, {"medium": "water"}, {"industry_key": "thermal_power"}])
    def test_what_verdicts_rest_on_is_judged_again(
        self, office: Office, data_dir: Path, django_capture_on_commit_callbacks: Any, values: dict[str, Any]
    ) -> None:
        """Another reference oxygen on the form left the verdicts of before beside those of after."""
        put_hours(office.gas, "NOx", NOW - timedelta(hours=3), [40.0, 41.0])
        readings().settle(readings().dirty_since(100))
        lay_down(book_of("outlets"))
        with django_capture_on_commit_callbacks(execute=True):
            put_outlet(office["chief"], office.gas_outlet, {"name": "改名"})
        assert readings().dirty_count() == 0, "a name changes no verdict"
        with django_capture_on_commit_callbacks(execute=True):
            put_outlet(office["chief"], office.gas_outlet, values)
        assert readings().dirty_count() == 2

    def test_its_code_names_readings_and_stays(self, office: Office) -> None:
        with pytest.raises(Invalid, match="不能改"):
            put_outlet(office["chief"], outlet("D1"), {"code": "D2"})

    def test_meters_go_with_their_outlet(self, office: Office) -> None:
        site = firm("甲", area=office.south.pk)
        made = outlet("D1", enterprise=site.pk)
        meter = Point.objects.create(code="M1", name="电表", kind="meter", area=office.south, owner=site.organisation)
        link_meter(None, meter, made, "production")
        save(None, book_of("enterprises"), {"answers": office.north.pk}, site)
        meter.refresh_from_db()
        assert meter.answering == office.north

    def test_a_list_of_points_writes_outlets_through_their_book(self, office: Office, tmp_path: Path) -> None:
        text = "点位编码,点位名称,点位类别,镇街,负责区域\nD1,一号口,废气排放口,城南镇,城北镇\nST1,站,空气站,城南镇,城北镇\n"
        assert import_points(office["chief"], listed(tmp_path, text)).new == 2
        made = Outlet.objects.get(code="D1")
        assert (made.medium, made.area, made.point.answering) == ("gas", office.south, office.north)
        assert Point.objects.get(code="ST1").answering == office.north
        renamed = listed(tmp_path, text.replace("一号口", "东口"), "again.csv")
        assert import_points(office["chief"], renamed).changed == 1
        assert RowVersion.objects.filter(book="outlets", key="D1").count() == 2


class TestFirmOfAList:
    """What a device list says of a firm is matched, never guessed, and costs no row."""

    def take(self, office: Office, folder: Path, *rows: str, **more: Any) -> Any:
        return import_devices(office["chief"], listed(folder, HEAD + "".join(f"{row}\n" for row in rows)), **more)

    def test_an_unknown_name_stays_as_text_until_the_firm_is_registered(self, office: Office, tmp_path: Path) -> None:
        report = self.take(office, tmp_path, "E1,31,D1,一号口,新厂,,,a21026,35", "E1,31,D1,一号口,新厂,,,a21002,50")
        made = Outlet.objects.get(code="D1")
        assert (report.good, made.enterprise, made.firm_name) == (2, None, "新厂")
        assert [note for note in report.notes if "新厂" in note] == report.notes
        assert len(report.notes) == 1
        site = firm("新厂", area=office.south.pk)
        made.refresh_from_db()
        assert (made.enterprise, made.firm_name, made.point.owner) == (site, "", site.organisation)
        assert made.point.area == office.south

    def test_a_wrong_credit_code_is_left_out_with_a_note(self, office: Office, tmp_path: Path) -> None:
        firm("甲")
        report = self.take(office, tmp_path, f"E1,31,D1,口,甲,{CREDIT[:-1]}4,,a21026,35")
        assert (report.good, Outlet.objects.get(code="D1").enterprise) == (1, Enterprise.objects.get(name="甲"))
        assert "校验位应为 3" in report.notes[0]

    def test_one_code_with_two_permits_is_two_sites(self, office: Office, tmp_path: Path) -> None:
        one, two = (firm("甲", credit_code=CREDIT, permit=permit) for permit in ("XK1", "XK2"))
        rows = [f"E{n},31,D{n},口,甲,{CREDIT},{permit},a21026,35" for n, permit in enumerate(("XK1", "XK2", "XK3", ""))]
        report = self.take(office, tmp_path, *rows)
        firms = dict(Outlet.objects.filter(code__in=["D0", "D1", "D2", "D3"]).values_list("code", "enterprise"))
        assert (report.good, firms) == (4, {"D0": one.pk, "D1": two.pk, "D2": None, "D3": None})
        assert any("有 2 处相符" in note for note in report.notes)
        three = firm("甲", credit_code=CREDIT, permit="XK3")
        firms = dict(Outlet.objects.filter(code__in=["D2", "D3"]).values_list("code", "enterprise"))
        assert firms == {"D2": three.pk, "D3": None}, "what may mean several waits for a person"

    def test_new_places_registers_the_firm(self, office: Office, tmp_path: Path) -> None:
        self.take(office, tmp_path, f"E1,31,D1,口,新厂,{CREDIT},XK1,a21026,35", new_places=True)
        site = Enterprise.objects.get(name="新厂")
        assert (site.credit_code, site.permit, Outlet.objects.get(code="D1").enterprise) == (CREDIT, "XK1", site)

    def test_a_list_of_outlets_is_taken_so_too(self, office: Office, tmp_path: Path) -> None:
        site = firm("甲", credit_code=CREDIT, permit="XK1")
        text = "排放口编号,排放口名称,企业名称,统一社会信用代码,排污许可证编号,介质,镇街\n"
        text += f"D1,口,甲,,,废气,\nD2,口,乙,,,废水,城北镇\nD3,口,甲,{CREDIT},XK9,废气,\n"
        path = listed(tmp_path, text)
        book = book_of("outlets")
        report = import_file(None, book, path)
        assert (report.added, report.bad) == (3, [])
        firms = dict(Outlet.objects.filter(code__startswith="D").values_list("code", "enterprise"))
        assert (firms["D1"], firms["D2"], firms["D3"]) == (site.pk, None, None)
        assert Outlet.objects.get(code="D3").firm_permit == "XK9"
        second = import_file(None, book, path)
        assert (second.added, second.changed, second.bad) == (0, 0, [])
        other = firm("乙")
        assert Outlet.objects.get(code="D2").enterprise == other
        made = import_file(None, book, listed(tmp_path, text + "D4,口,丙,,,废气,\n"), Choice(new_places=True))
        assert (made.added, Outlet.objects.get(code="D4").enterprise) == (1, Enterprise.objects.get(name="丙"))

    def test_an_unknown_name_never_unties_a_firm(self, office: Office, tmp_path: Path) -> None:
        site = firm("甲")
        outlet("D1", enterprise=site.pk)
        report = import_file(None, book_of("outlets"), listed(tmp_path, "排放口编号,企业名称\nD1,甲厂的旧名\n"))
        assert (report.unchanged, Outlet.objects.get(code="D1").enterprise) == (1, site)
        assert "保留原来的" in report.notes[0]


class TestWhoAnswers:
    """Rights, leads and cases of an outlet follow the area that answers for its firm."""

    def test_points_and_open_leads_follow_the_firm(self, office: Office) -> None:
        site = firm("甲", area=office.south.pk)
        made = outlet("D1", enterprise=site.pk)
        lead = raise_lead(None, title="冒烟", point=made.point)
        done = raise_lead(None, title="早先", point=made.point)
        Lead.objects.filter(pk=done.pk).update(state=Lead.State.DISMISSED)
        north = make_user("north9", "town", office.north)
        south = make_user("south9", "town", office.south)
        assert made.point in visible_points(south)
        assert made.point not in visible_points(north)
        save(office["chief"], book_of("enterprises"), {"answers": office.north.pk}, site)
        lead.refresh_from_db()
        done.refresh_from_db()
        assert (lead.area, done.area) == (office.north, office.south)
        assert (made.point in visible_points(north), made.point in visible_points(south)) == (True, False)
        assert (lead in visible_leads(north), lead in visible_leads(south)) == (True, False)
        assert AuditEntry.objects.filter(verb="lead.move").count() == 1
        assert list(visible(north, book_of("outlets")).filter(code="D1")) == [made]
        assert not visible(south, book_of("outlets")).filter(code="D1").exists()

    def test_a_lead_that_somebody_placed_elsewhere_stays(self, office: Office) -> None:
        site = firm("甲", area=office.south.pk)
        lead = raise_lead(None, title="冒烟", point=outlet("D1", enterprise=site.pk).point, area=office.county)
        save(None, book_of("enterprises"), {"answers": office.north.pk}, site)
        lead.refresh_from_db()
        assert lead.area == office.county

    def test_an_import_of_firms_moves_their_outlets(self, office: Office, tmp_path: Path) -> None:
        sites = [firm(f"厂{n}", area=office.south.pk) for n in range(3)]
        points = [outlet(f"D{n}", enterprise=site.pk).point for n, site in enumerate(sites)]
        import_file(None, book_of("enterprises"), listed(tmp_path, "单位名称,负责镇街\n厂0,城北镇\n厂1,城北镇\n"))
        assert [Point.objects.get(pk=p.pk).answering for p in points] == [office.north, office.north, office.south]

    @pytest.mark.parametrize("who", ["director", "officer", "south", "firm", "operator", "security", "audit"])
    def test_who_does_not_keep_the_registers_writes_none(self, office: Office, who: str) -> None:
        with pytest.raises(NotAllowed):
            put_outlet(office[who], None, {"code": "D1", "name": "口", "medium": "gas"})

    def test_who_keeps_one_town_writes_only_there(self, office: Office) -> None:
        keeper = make_user("keeper", "chief", office.south)
        south, north = firm("甲", area=office.south.pk), firm("乙", area=office.north.pk)
        assert may(keeper, "manage_points", office.south.pk)
        made = put_outlet(keeper, None, {"code": "D1", "name": "口", "medium": "gas", "enterprise": south.pk})
        for values in ({"enterprise": north.pk}, {"answers": office.north.pk}):
            with pytest.raises(NotAllowed):
                put_outlet(keeper, made, values)
        with pytest.raises(NotAllowed):
            put_outlet(keeper, None, {"code": "D2", "name": "口", "medium": "gas", "enterprise": north.pk})

    def test_who_keeps_one_town_brings_nothing_elsewhere_by_a_list(self, office: Office, tmp_path: Path) -> None:
        """A keeper of the south made stations, outlets and devices of the north by a list: only his right to lists was asked."""
        keeper = make_user("keeper", "chief", office.south)
        outlet("D0", area=office.north.pk)
        rows = [f"E{n},{st},{code},口,,,,{factor}," for n, (st, code, factor) in enumerate(
            (("31", "D0", "a21026"), ("22", "AIR", "a34004"), ("22", "GAS9", "a34004"))
        )]  # fmt: skip
        head, towns = HEAD.replace("上限", "镇街"), ("城北镇", "城北镇", "城南镇")
        text = head + "".join(f"{row}{town}\n" for row, town in zip(rows, towns, strict=True))
        report = import_devices(keeper, listed(tmp_path, text))
        assert (report.good, [error["row"] for error in report.errors]) == (1, [2, 3])
        assert Point.objects.get(code="GAS9").area == office.south
        text = "点位编码,点位名称,点位类别,镇街,负责区域\nA1,站,空气站,城北镇,\nA2,站,空气站,城南镇,城北镇\n"
        text += "A3,站,空气站,城南镇,\n"
        found = import_points(keeper, listed(tmp_path, text, "points.csv"))
        assert (found.new, [(e["row"], e["column"]) for e in found.errors]) == (1, [(2, "区域"), (3, "负责区域")])
        assert not Point.objects.filter(code__in=["A1", "A2"]).exists()

    def test_firm_and_operator_read_their_own(self, office: Office) -> None:
        site = firm("甲", area=office.south.pk)
        Enterprise.objects.filter(pk=site.pk).update(organisation=office.firm)
        outlet("D1", enterprise=site.pk)
        outlet("D2", operator=office["operator"].organisation_id)
        outlet("D3")
        seen = {
            who: set(visible(office[who], book_of("outlets")).values_list("code", flat=True))
            for who in ("firm", "operator", "chief")
        }
        assert "D1" in seen["firm"]
        assert not seen["firm"] & {"D2", "D3"}
        assert "D2" in seen["operator"]
        assert not seen["operator"] & {"D1", "D3"}
        assert seen["chief"] >= {"D1", "D2", "D3"}


def test_there_and_back(office: Office, tmp_path: Path) -> None:
    site = firm("甲", area=office.south.pk)
    outlet("D1", enterprise=site.pk, reference_o2=11, active_from="2026-01-01")
    outlet("D2", firm_name="没有登记的厂", area=office.north.pk)
    path = tmp_path / "out.xlsx"
    path.write_bytes(export(book_of("outlets"), None, ".xlsx"))
    report = import_file(None, book_of("outlets"), path)
    assert (report.added, report.changed, report.bad) == (0, 0, [])


def test_the_list_says_which_wait(office: Office, client: Client) -> None:
    outlet("D1", firm_name="没有登记的厂")
    outlet("D2")
    client.force_login(office["chief"])
    page = client.get("/books/outlets/?waiting=1").content.decode()
    assert ("/D1/" in page, "/D2/" in page) == (True, False)
    answer = json.loads(client.get("/api/v1/books/outlets/D1").content)
    assert answer["firm_name"] == "没有登记的厂"


def test_outlets_of_before_get_their_first_version(office: Office) -> None:
    made = outlet("D1")
    RowVersion.objects.filter(book="outlets").delete()
    Outlet.objects.filter(pk=made.pk).update(revision=0)
    assert lay_down(book_of("outlets")) >= 1
    assert RowVersion.objects.get(book="outlets", key="D1").revision == 1
