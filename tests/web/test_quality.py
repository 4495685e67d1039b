"""Quality on the pages: flags beside values, a range set aside by the form and given back by the button."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qingyuan.bureau.base.store import readings
from qingyuan.readings import NewFlag, SeriesKey
from web.factories import MIDNIGHT, NOW, County
from web.test_access import client_of

HOUR = timedelta(hours=1)


def put_flag(point: str, item: str, hour: int, outcome: str, rule: str) -> int:
    series = readings().series_of([SeriesKey(point, item, "Avg", "hour")])[SeriesKey(point, item, "Avg", "hour")].id
    start = int((MIDNIGHT + hour * HOUR).timestamp())
    words = json.dumps({"tolerance": 12.5})
    new = NewFlag(series, start, start + 3600, outcome, rule, "3", words, "rules", int(NOW.timestamp()))
    return readings().flag([new])[0]


def test_the_table_and_the_chart_say_what_was_found(county: County) -> None:
    put_flag(county.outlet.code, "NOx", 2, "bad", "range")
    client = client_of(county.users["chief"])
    page = f"/monitoring/{county.outlet.code}/"
    table = client.get(page, {"item": "NOx", "view": "table"}).content.decode()
    assert "超出范围" in table
    assert "无效" in table
    rows = client.get(page + "series.json", {"item": "NOx"}).json()["rows"]
    (told,) = [r for r in rows if r["told"]]
    assert (told["told"], told["counts"], told["doubtful"]) == ("无效（超出范围）", False, True)


def test_a_range_is_set_aside_and_given_back(county: County) -> None:
    client = client_of(county.users["monitor"])
    page = f"/monitoring/{county.outlet.code}/operations/"
    given = {
        "series": "NOx/Avg/hour", "code": "invalid", "start": "2026-11-21T01:00", "end": "2026-11-21T03:00",
        "reason": "校准气未切换",
    }  # fmt: skip
    assert client.post(page, given)["Location"] == page
    text = client.get(page).content.decode()
    assert "校准气未切换" in text
    assert "沈监测" in text
    table = client.get(f"/monitoring/{county.outlet.code}/", {"item": "NOx", "view": "table"}).content.decode()
    assert table.count("人工操作") == 2
    number = text.split(f"{page}")[-1].split("/")[0]
    assert client.post(f"{page}{number}/undo/")["Location"] == page
    assert "已撤回" in client.get(page).content.decode()
    table = client.get(f"/monitoring/{county.outlet.code}/", {"item": "NOx", "view": "table"}).content.decode()
    assert "人工操作" not in table


@pytest.mark.parametrize("role", ["director", "officer", "town", "enterprise"])
def test_who_does_not_review_sees_the_history_and_no_form(county: County, role: str) -> None:
    client = client_of(county.users[role])
    page = f"/monitoring/{county.outlet.code}/operations/"
    text = client.get(page).content.decode()
    assert "标记历史" in text
    assert 'name="reason"' not in text
    assert client.post(page, {"reason": "x"}).status_code == 302
    assert client.post(f"{page}1/undo/").status_code == 403


def test_the_list_is_filtered_and_within_the_scope(county: County) -> None:
    put_flag(county.outlet.code, "NOx", 2, "bad", "range")
    put_flag(county.air.code, "PM2_5", 2, "suspect", "spike")
    chief, town = client_of(county.users["chief"]), client_of(county.users["town"])
    text = chief.get("/monitoring/quality/").content.decode()
    assert "2 条标记" in text
    assert "允差 12.5" in text
    assert "1 条标记" in chief.get("/monitoring/quality/", {"rule": "spike"}).content.decode()
    assert "1 条标记" in town.get("/monitoring/quality/").content.decode()
    assert county.air.name not in town.get("/monitoring/quality/").content.decode()


def test_flags_that_follow_each_other_are_one_row(county: County) -> None:
    for hour in (0, 1, 2, 3, 6):
        put_flag(county.outlet.code, "NOx", hour, "bad", "range")
    text = client_of(county.users["chief"]).get("/monitoring/quality/").content.decode()
    assert "2 条标记" in text
    assert "4 个读数" in text


def test_the_list_costs_the_same_with_many_flags(county: County) -> None:
    client = client_of(county.users["chief"])
    put_flag(county.outlet.code, "NOx", 0, "bad", "range")
    with CaptureQueriesContext(connection) as few:
        client.get("/monitoring/quality/")
    for hour in range(8):
        put_flag(county.outlet.code, "NOx", hour, "suspect", "spike")
    with CaptureQueriesContext(connection) as many:
        client.get("/monitoring/quality/")
    assert len(many) <= len(few)
