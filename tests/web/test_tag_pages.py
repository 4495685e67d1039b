"""Tags on the pages: an enterprise tags with material, the bureau checks; who does neither sees no form."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qingyuan.bureau.evidence.actions.files import Upload
from qingyuan.bureau.values.actions.tag_checks import check_tag
from qingyuan.bureau.values.actions.tags import tag
from qingyuan.bureau.values.models import Tag
from web.factories import NOW, County
from web.test_access import client_of

HOUR = timedelta(hours=1)
GIVEN = {"kind": "维护", "item": "NOx", "start": "2026-11-21T03:00", "end": "2026-11-21T06:00", "note": "更换喷枪"}


def of(county: County, role: str) -> Client:
    return client_of(county.users[role])


def make(county: County, n: int = 0) -> Tag:
    begin = (NOW - (6 + n) * HOUR).replace(minute=0)
    file = Upload("记录.txt", "更换喷枪".encode())
    return tag(county.users["enterprise"], county.outlet.outlet, "维护", begin, begin + 3 * HOUR, "NOx", "检修", [file])


def test_the_enterprise_tags_with_material(county: County) -> None:
    client = of(county, "enterprise")
    page = f"/monitoring/{county.outlet.code}/tags/"
    text = client.get(page, {"item": "NOx", "start": "2026-11-21T03:00"}).content.decode()
    assert 'value="2026-11-21T03:00"' in text
    assert "未核查的标记先按有效计" in text
    file = SimpleUploadedFile("检修记录.txt", "更换喷枪".encode())
    assert client.post(page, GIVEN | {"files": file})["Location"] == page
    row = Tag.objects.get()
    assert (row.kind, row.item, row.exhibits.get().file_name) == ("维护", "NOx", "检修记录.txt")
    text = client.get(f"/tags/{row.pk}/").content.decode()
    assert "更换喷枪" in text
    assert row.exhibits.get().evidence.sha256 in text
    assert "因这条标记未判超标的小时值 3 个" in text
    assert 'name="verdict"' not in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "停窑"}, "选择一个有效的选项"),
        ({"end": "2026-11-21T02:00"}, "结束时间应晚于开始时间"),
        ({"start": "2026-11-19T03:00", "end": "2026-11-19T04:00"}, "现已截止"),
    ],
    ids=["kind-of-another-industry", "turned-round", "too-late"],
)
def test_a_tag_that_cannot_be_made_says_why(county: County, change: dict[str, str], said: str) -> None:
    text = of(county, "enterprise").post(f"/monitoring/{county.outlet.code}/tags/", GIVEN | change).content.decode()
    assert said in text
    assert not Tag.objects.exists()


def test_a_tag_beyond_its_time_limit_is_kept_with_a_warning(county: County) -> None:
    county.enterprise.industry_key = "thermal_power"
    county.enterprise.save()
    given = GIVEN | {"kind": "启炉", "start": "2026-11-20T18:00", "end": "2026-11-21T02:00"}
    answer = of(county, "enterprise").post(f"/monitoring/{county.outlet.code}/tags/", given, follow=True)
    assert "时限是 4 小时，11-20 22:00 起的数据照常判定" in answer.content.decode()
    assert Tag.objects.count() == 1


def test_the_bureau_refuses_with_a_reason_and_the_enterprise_answers(county: County) -> None:
    row = make(county)
    monitor, firm, page = of(county, "monitor"), of(county, "enterprise"), f"/tags/{row.pk}/"
    text = monitor.post(f"{page}check/", {"verdict": "refused", "seen": 0, "reason": ""}).content.decode()
    assert "须写理由" in text
    assert monitor.post(f"{page}check/", {"verdict": "refused", "seen": 0, "reason": "功率未降"})["Location"] == page
    text = firm.get(page).content.decode()
    assert "不予认可：这条标记不再计" in text
    assert "功率未降" in text
    file = SimpleUploadedFile("DCS.txt", b"power 0")
    assert firm.post(f"{page}supply/", {"note": "附 DCS 截图", "files": file})["Location"] == page
    assert "有新材料" in monitor.get("/tags/").content.decode()
    stale = monitor.post(f"{page}check/", {"verdict": "accepted", "seen": 0}).content.decode()
    assert "新的进展" in stale
    seen = row.events.last().pk
    assert monitor.post(f"{page}check/", {"verdict": "accepted", "seen": seen})["Location"] == page
    assert Tag.objects.get().check_state == "accepted"


def test_the_first_pages_say_what_waits(county: County) -> None:
    row = make(county)
    assert "待核查标记<b>1</b>" in " ".join(of(county, "chief").get("/").content.decode().split())
    check_tag(county.users["chief"], row, "asked", "请附检修记录")
    assert '待核查标记<b class="zero">0</b>' in " ".join(of(county, "chief").get("/").content.decode().split())
    firm = of(county, "enterprise")
    assert "要求补充材料的标记" in firm.get("/").content.decode()
    firm.post(f"/tags/{row.pk}/supply/", {"note": "附后"})
    assert "要求补充材料的标记" not in firm.get("/").content.decode()


@pytest.mark.parametrize("role", ["director", "officer", "town", "enterprise", "system"])
def test_who_does_not_check_sees_no_form(county: County, role: str) -> None:
    row = make(county)
    client = of(county, role)
    text = client.get(f"/tags/{row.pk}/").content.decode()
    assert "检修" in text
    assert 'name="verdict"' not in text
    assert client.post(f"/tags/{row.pk}/check/", {"verdict": "accepted", "seen": 0}).status_code == 403


def test_the_list_shows_what_waits_first(county: County) -> None:
    first, second = make(county), make(county, 4)
    check_tag(county.users["chief"], second, "accepted")
    client = of(county, "chief")
    text = client.get("/tags/").content.decode()
    assert "待核查 1 条" in text
    assert text.index(f"/tags/{first.pk}/") < text.index(f"/tags/{second.pk}/")
    for state, shown in (("waiting", first), ("accepted", second)):
        text = client.get("/tags/", {"state": state}).content.decode()
        assert [f"/tags/{t.pk}/" in text for t in (first, second)] == [t == shown for t in (first, second)]
    assert "还没有标记" in client_of(county.users["far_town"]).get("/tags/").content.decode()


def test_the_list_costs_the_same_with_many_tags(county: County) -> None:
    client = of(county, "chief")
    make(county)
    client.get("/tags/")
    with CaptureQueriesContext(connection) as few:
        client.get("/tags/")
    for n in range(1, 6):
        make(county, n)
    client.get("/tags/")  # counts of the frame are kept until something is done
    with CaptureQueriesContext(connection) as many:
        client.get("/tags/")
    assert len(many) <= len(few)


def test_a_file_is_given_out_sandboxed_and_only_in_the_own_district(county: County) -> None:
    exhibit = make(county).exhibits.get()
    answer = of(county, "town").get(f"/tags/exhibits/{exhibit.pk}/")
    assert answer.content.decode() == "更换喷枪"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Content-Disposition"].startswith("attachment")
    assert of(county, "far_town").get(f"/tags/exhibits/{exhibit.pk}/").status_code == 404
