"""Alerts, leads and cases by hand: what is typed is kept when it is refused, and every refusal says why."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from canaries import ANSWER, MERGED, NAME, OTHER_FIRM, PHONE, TITLE, plant
from qingyuan.bureau.accounts.models import Area
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.search.actions.keeping import catch_up
from web.factories import NOW, County
from web.test_access import client_of

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 40


def test_an_alert_is_taken_with_a_note_and_made_a_lead(chief: Client, county: County) -> None:
    address = f"/alerts/{county.alert.pk}/"
    assert "wrong-text" in chief.post(address, {"note": ""}).content.decode()
    assert chief.post(address, {"note": "已电话联系"})["Location"] == address
    county.alert.refresh_from_db()
    assert county.alert.acknowledged_note == "已电话联系"
    answer = chief.post(f"{address}lead/")
    assert answer["Location"] == f"/leads/{Lead.objects.get(alert=county.alert).pk}/"
    assert "已有线索" in chief.post(f"{address}lead/", follow=True).content.decode()


def test_a_town_raises_a_lead_with_a_photo_and_a_place_on_the_map(county: County) -> None:
    client = client_of(county.users["town"])
    answer = client.post(
        "/leads/new/",
        {
            "title": "夜间有异味", "description": "近三日 22 时后", "place": "工业园南门", "area": county.south.pk,
            "lon": "119.31", "lat": "33.08", "occurred_at": "2026-11-20T22:10",
            "files": [SimpleUploadedFile("a.jpg", JPEG), SimpleUploadedFile("b.jpg", JPEG + b"1")],
        },
    )  # fmt: skip
    lead = Lead.objects.latest("pk")
    assert answer["Location"] == f"/leads/{lead.pk}/"
    assert (lead.lon, lead.lat, lead.area) == (119.31, 33.08, county.south)
    assert lead.occurred_at.isoformat() == "2026-11-20T14:10:00+00:00"
    exhibits = list(lead.exhibits.all())
    assert [x.kind for x in exhibits] == ["photo", "photo"]
    text = client.get(answer["Location"]).content.decode()
    assert exhibits[0].evidence.sha256 in text
    picture = client.get(f"/exhibits/{exhibits[0].pk}/")
    assert picture.content == JPEG
    assert picture["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"title": ""}, "wrong-text"),
        ({"place": "", "lon": "", "lat": ""}, "没有填写地点"),
        ({"lon": "200", "lat": "33"}, "应为成对的十进制度数"),
        ({"files": SimpleUploadedFile("a.exe", b"MZ\x90\x00" + b"\x00" * 9)}, "a.exe"),
    ],
    ids=["no-title", "no-place", "no-such-place", "not-a-picture"],
)
def test_a_lead_that_is_refused_keeps_what_was_typed(chief: Client, change: dict[str, object], says: str) -> None:
    before = Lead.objects.count()
    typed = {"title": "事项一", "description": "很长的说明", "place": "某处"} | change
    answer = chief.post("/leads/new/", typed)
    text = answer.content.decode()
    assert says in text
    assert "很长的说明" in text
    assert Lead.objects.count() == before


def test_triage_needs_a_reason_and_a_statutory_exceedance_cannot_be_dismissed(chief: Client, county: County) -> None:
    Lead.objects.filter(pk=county.fresh_lead.pk).update(must_handle=True)
    address = f"/leads/{county.fresh_lead.pk}"
    assert "wrong-text" in chief.post(f"{address}/dismiss/", {"reason": ""}).content.decode()
    text = chief.post(f"{address}/dismiss/", {"reason": "我认为不用"}).content.decode()
    assert "不得不予立案" in text
    assert "我认为不用" in text
    county.fresh_lead.refresh_from_db()
    assert county.fresh_lead.state == Lead.State.NEW


def test_a_lead_is_merged_with_links_both_ways(chief: Client, county: County) -> None:
    chief.post(f"/leads/{county.fresh_lead.pk}/merge/", {"into": county.lead.number, "reason": "同一件事"})
    assert county.lead.title.replace("NOₓ", "") is not None
    assert f"/leads/{county.lead.pk}/" in chief.get(f"/leads/{county.fresh_lead.pk}/").content.decode()
    assert county.fresh_lead.number in chief.get(f"/leads/{county.lead.pk}/").content.decode()


def test_a_case_from_above_carries_its_number_and_deadline(chief: Client, county: County) -> None:
    answer = chief.post(
        f"/leads/{county.fresh_lead.pk}/case/",
        {
            "kind": "area", "reason": "督办", "upper_system": "省平台", "upper_order_number": "〔2026〕7 号",
            "upper_deadline": "2026-11-23T18:00",
        },
    )  # fmt: skip
    case = Case.objects.latest("pk")
    assert answer["Location"] == f"/cases/{case.pk}/"
    text = chief.get(answer["Location"]).content.decode()
    assert "〔2026〕7 号" in text
    assert "办结前必须填写" in text
    child = chief.post(f"/leads/new/?case={case.number}", {"title": "下级一条", "place": "某厂"})
    assert child["Location"] == f"/cases/{case.pk}/"
    assert "下级一条" in chief.get(f"/cases/{case.pk}/").content.decode()


def test_two_people_on_one_case_the_second_sees_what_happened(county: County) -> None:
    officer = client_of(county.users["officer"])
    address = f"/cases/{county.case.pk}/act/report/"
    assert officer.post(address, {"revision": 1, "note": "第一"}).status_code == 302
    answer = officer.post(address, {"revision": 1, "note": "第二"})
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "已被他人更新" in text
    assert "第二" in text
    assert county.case.events.filter(note="第二").count() == 0


def test_an_action_that_is_not_ones_own_is_refused_in_words(county: County) -> None:
    town = client_of(county.users["town"])
    answer = town.post(f"/cases/{county.case.pk}/act/close/", {"revision": 1}, follow=True)
    assert "现在不能做这个操作" in answer.content.decode()
    county.case.refresh_from_db()
    assert county.case.state == "working"


def test_the_enterprise_tags_its_own_data_until_the_deadline(county: County) -> None:
    client = client_of(county.users["enterprise"])
    kind = client.get("/monitoring/D01/tags/").context["form"].fields["kind"].choices[0][0]
    form = {"kind": kind, "item": "NOx", "start": "2026-11-21T05:00", "end": "2026-11-21T06:00", "note": "检修"}
    assert client.post("/monitoring/D01/tags/", form)["Location"] == "/monitoring/D01/tags/"
    tag = county.outlet.outlet.tags.get()
    late = form | {"start": "2026-11-18T05:00", "end": "2026-11-18T06:00"}
    assert "已截止" in client.post("/monitoring/D01/tags/", late).content.decode()
    client.post(f"/tags/{tag.pk}/withdraw/")
    tag.refresh_from_db()
    assert tag.withdrawn_at is not None
    assert client.get("/monitoring/D02/tags/").status_code == 404


def test_alerts_of_the_list_are_those_of_the_headline(chief: Client) -> None:
    open_now = Alert.objects.filter(ended_at__isnull=True).count()
    assert f"共 {open_now} 条" in chief.get("/alerts/?state=open").content.decode()


def test_a_yearly_target_from_above_is_entered_and_moves_the_headline(chief: Client, county: County) -> None:
    form = {
        "indicator": "target.PM2_5.year", "value": "28.5", "area": county.county.pk, "first_day": "2026-01-01",
        "last_day": "2026-12-31", "issuer": "清淮市", "document": "清环发〔2026〕3 号",
    }  # fmt: skip
    assert chief.post("/evaluation/issued/", form)["Location"] == "/evaluation/issued/"
    assert "2026-01-01</time> – 2026-12-31" in chief.get("/evaluation/issued/").content.decode()
    assert "目标 28.5" in chief.get("/").content.decode()
    text = chief.post("/evaluation/issued/", form | {"value": "三十"}).content.decode()
    assert "应为数字" in text
    assert "三十" in text


def test_targets_and_rosters_are_dated_and_never_replaced(chief: Client, county: County) -> None:
    page = f"/monitoring/{county.section.code}/keep/"
    form = {"form": "target", "kind": "assessment", "water_class": "II", "valid_from": "2026-12-01", "basis": "新目标"}
    assert chief.post(page, form)["Location"] == page
    rows = list(county.section.section.targets.filter(kind="assessment").order_by("valid_from"))
    assert [str(r.valid_to) for r in rows] == ["2026-12-01", "None"]
    bad = {"form": "roster", "roster": "county_air", "valid_from": "2026-12-01", "valid_to": "2026-01-01"}
    assert "止日应晚于起日" in chief.post(page, bad).content.decode()


class TestFirmsPage:
    """A firm sees the order that is directed at it and answers it there, with files; nothing else of the work is offered."""

    def test_the_order_is_answered_with_a_file(self, county: County) -> None:
        matter = plant(county)
        client = client_of(matter.users["enterprise"])
        page = client.get(f"/cases/{matter.case.pk}/")
        text = page.content.decode()
        assert "登记整改完成" in text
        assert not [v for v in ("hand_over", "submit", "reply_upper", "report") if f"/act/{v}/" in text]
        assert len(page.context["rectifications"]) == 1
        form = {
            "revision": page.context["case"].revision, "rectification": page.context["rectifications"][0].pk,
            "note": ANSWER, "files": SimpleUploadedFile("布袋.txt", "已换".encode()),
        }  # fmt: skip
        assert client.post(f"/cases/{matter.case.pk}/act/complete_rectification/", form).status_code == 302
        after = client.get(f"/cases/{matter.case.pk}/").content.decode()
        assert ANSWER in after
        assert "布袋.txt" in after
        assert ANSWER not in client_of(matter.users["om"]).get(f"/cases/{matter.case.pk}/").content.decode()
        assert ANSWER in client_of(matter.users["officer"]).get(f"/cases/{matter.case.pk}/").content.decode()

    @pytest.mark.parametrize("verb", ["hand_over", "report", "submit", "reply_upper", "order_rectification", "close"])
    def test_the_work_of_the_bureau_is_refused(self, county: County, verb: str) -> None:
        matter = plant(county)
        for who in ("enterprise", "om"):
            answer = client_of(matter.users[who]).post(
                f"/cases/{matter.case.pk}/act/{verb}/", {"revision": 1, "note": "x"}
            )
            assert answer.status_code == 403
        assert client_of(matter.users["other_firm"]).post(f"/cases/{matter.case.pk}/act/{verb}/").status_code == 404

    def test_the_first_page_shows_the_case_and_not_its_title(self, county: County) -> None:
        matter = plant(county)
        text = client_of(matter.users["enterprise"]).get("/").content.decode()
        assert "锦川热电 1 号炉废气排口 排放口案件" in text
        assert TITLE not in text

    def test_a_word_of_the_complaint_finds_nothing(self, county: County) -> None:
        """Who may not read a title could still ask the search whether it holds a word."""
        matter = plant(county)
        client = client_of(matter.users["enterprise"])
        assert not client.get(f"/search/?q={TITLE}").context["kinds"]
        assert not client.get(f"/cases/?q={TITLE}").context["rows"]
        assert not client.get("/reports/?q=冒烟").context["rows"]
        assert client.get("/cases/?q=锦川").context["rows"]


@pytest.mark.parametrize("who", ["director", "chief", "officer", "monitor", "same_town", "receiver", "system"])
def test_no_search_tells_who_reported(county: County, who: str) -> None:
    """What is left out of every title can be asked of no search either."""
    client = client_of(plant(county).users[who])
    for word in (NAME, NAME[:2], PHONE, PHONE[-4:]):
        for address in ("/leads/", "/cases/", "/reports/"):
            answer = client.get(address, {"q": word})
            assert answer.status_code == 403 or not answer.context["listing"].rows, (address, word)
        for _ in ("as it stands", "indexed"):
            answer = client.get("/search/", {"q": word})
            assert answer.status_code == 403 or not answer.context["kinds"], word
            catch_up(60)


def test_a_merged_lead_is_found_by_its_title_only_where_that_is_shown(county: County) -> None:
    """The town read "merged into another lead", and could still ask the search whether that lead's title held a word."""
    matter = plant(county)
    found = {
        who: [lead.pk for lead in client_of(matter.users[who]).get("/leads/", {"q": MERGED}).context["listing"].rows]
        for who in ("chief", "same_town")
    }
    assert found == {"chief": [matter.merged.pk], "same_town": []}


def test_a_case_is_closed_against_the_readings_by_name_only(county: County) -> None:
    matter = plant(county)
    Case.objects.filter(pk=matter.case.pk).update(state="submitted")
    matter.case.rectifications.update(done_at=NOW)
    chief = client_of(matter.users["chief"])
    page = chief.get(f"/cases/{matter.case.pk}/")
    assert "整改以来的读数" in page.content.decode()
    form = {"revision": page.context["case"].revision, "outcome": "rectified", "outcome_note": "已核实"}
    refused = chief.post(f"/cases/{matter.case.pk}/act/close/", form)
    assert refused.status_code == 400
    assert "没有收到小时值" in refused.content.decode()
    assert chief.post(f"/cases/{matter.case.pk}/act/close/", form | {"override": "比对达标"}).status_code == 302
    text = chief.get(f"/cases/{matter.case.pk}/").content.decode()
    assert "比对达标" in text
    assert "决定人：程科长" in text


def test_the_choices_are_units_first_then_their_people(county: County) -> None:
    matter = plant(county)
    page = client_of(matter.users["officer"]).get(f"/cases/{matter.case.pk}/")
    (form,) = [f for f in page.context["forms"] if f.action.verb == "hand_over"]
    owners = [group for group, _ in form.fields["owner"].choices if group]
    assert owners == ["生态环境局", "科室、大队", "镇街"]
    people = [group for group, _ in form.fields["assignee"].choices if group]
    assert people == ["云沚生态环境局", "执法大队", "监测站", "城南镇政府", "城北镇政府"]
    assert OTHER_FIRM not in page.content.decode()


def test_the_filter_by_area_follows_who_answers(county: County, chief: Client) -> None:
    """A zone answers for an outlet that lies in a town: it is found under the zone, and no more under the town."""
    zone = Area.objects.create(code="QY90", name="云沚开发区", kind="zone", above=county.county)
    Point.objects.filter(code="D01").update(answers=zone)
    seen = {code: chief.get(f"/monitoring/?kind=outlet&area={code}").content.decode() for code in ("QY02", "QY90")}
    assert ("/D01/" in seen["QY90"], "/D01/" in seen["QY02"]) == (True, False)
    answer = chief.get("/api/v1/points", {"area": "QY90"}).json()
    assert [one["code"] for one in answer["items"]] == ["D01"]
