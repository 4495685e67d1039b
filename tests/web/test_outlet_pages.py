"""The outlet's page, one hour opened up, and the list of exceedances with its files."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.judging.models import Evaluation, Finding
from qingyuan.bureau.registers.models import Meter, Point
from web.factories import NOW, County, put_beside
from web.test_access import client_of

HOUR = timedelta(hours=1)


class TestOutlet:
    def test_the_chart_s_data(self, county: County, chief: Client) -> None:
        put_beside(county)
        told = chief.get("/outlets/D01/hours.json", {"span": "day"}).json()
        assert len(told["hours"]) == 24
        assert (told["hours"][-1], told["until"]) == ("2026-11-21 08:00", "2026-11-21 09:00")
        panels = {p["key"]: p for p in told["panels"]}
        assert list(panels) == ["NOx", "SO2", "dust", "O2", "flue_flow", "mass:NOx", "mass:SO2", "mass:dust", "power"]
        assert {t["kind"] for t in panels["NOx"]["traces"]} == {"measured", "converted"}
        assert {t["kind"] for t in panels["mass:NOx"]["traces"]} == {"given", "computed"}
        assert {t["kind"] for t in panels["power"]["traces"]} == {"production", "treatment"}
        measured = panels["NOx"]["traces"][0]
        assert measured["values"][-2] == 77.1
        assert (measured["texts"][-2], 22 in measured["over"]) == ("77.1", True)
        assert all(len(t["values"]) == 24 for p in told["panels"] for t in p["traces"])

    def test_the_table_says_the_same(self, county: County, chief: Client) -> None:
        put_beside(county)
        text = chief.get("/outlets/D01/", {"view": "table", "span": "day"}).content.decode()
        assert "77.1 <small>超限值</small>" in " ".join(text.split())
        assert "/outlets/D01/hour/?at=2026-11-21T07:00" in text

    def test_own_span(self, county: County, chief: Client) -> None:
        told = chief.get("/outlets/D01/hours.json", {"since": "2026-11-19", "to": "2026-11-20"}).json()
        assert (told["hours"][0], told["until"]) == ("2026-11-19 00:00", "2026-11-21 00:00")

    @pytest.mark.parametrize(
        "given",
        [{"since": "2026-11-20"}, {"since": "x", "to": "y"}, {"since": "2026-11-20", "to": "2026-11-01"},
         {"since": "2026-01-01", "to": "2026-11-01"}, {"as_of": "soon"}],
        ids=["half", "no-dates", "turned-round", "too-long", "no-moment"],
    )  # fmt: skip
    def test_a_span_that_makes_no_sense_is_told_and_the_week_shown(
        self, county: County, chief: Client, given: dict[str, str]
    ) -> None:
        assert chief.get("/outlets/D01/hours.json", given).status_code == 422
        answer = chief.get("/outlets/D01/", given)
        assert answer.status_code == 200
        assert "notice warn" in answer.content.decode()

    def test_as_of_an_earlier_moment(self, county: County, chief: Client) -> None:
        told = chief.get("/outlets/D01/hours.json", {"span": "day", "as_of": "2026-11-20T20:00"}).json()
        values = told["panels"][0]["traces"][0]["values"]
        last = max(n for n, v in enumerate(values) if v is not None)
        assert told["hours"][last] == "2026-11-20 18:00", "the hour of 19:00 came at 20:01"

    def test_no_data_says_so(self, county: County, chief: Client) -> None:
        text = chief.get("/outlets/D02/").content.decode()
        assert "这段时间没有收到小时数据" in text
        assert "data-aligned" not in text

    def test_a_point_that_is_no_outlet_is_not_found(self, county: County, chief: Client) -> None:
        assert chief.get("/outlets/A01/").status_code == 404

    def test_queries_do_not_grow_with_the_span(self, county: County, chief: Client) -> None:
        put_beside(county)
        counts = []
        for span in ("day", "month"):
            with CaptureQueriesContext(connection) as seen:
                chief.get("/outlets/D01/hours.json", {"span": span})
            counts.append(len(seen))
        assert counts[0] == counts[1] <= 20

    def test_meters_are_kept_by_who_keeps_points(self, county: County) -> None:
        meter = Point.objects.create(
            code="PM9", name="风机电表", kind="meter", area=county.south, owner=county.outlet.owner
        )
        client, page = client_of(county.users["monitor"]), "/outlets/D01/meters/"
        client.post(page, {"meter": "PM9", "unit": "treatment"})
        assert Meter.objects.get().point == meter
        assert "风机电表" in client.get("/outlets/D01/").content.decode()
        client.post(page, {"remove": "PM9"})
        assert not Meter.objects.exists()
        assert client_of(county.users["officer"]).post(page, {"meter": "PM9", "unit": "treatment"}).status_code == 403


class TestHour:
    def test_trace_and_readings(self, county: County, chief: Client) -> None:
        put_beside(county)
        page = chief.get("/outlets/D01/hour/", {"item": "NOx", "at": "2026-11-21T07:00"}).content.decode()
        text = " ".join(page.split())
        for words in ("限值比较：77.1 → 超标", "报送过的小时值", "实测均值", "折算均值", "累计值", "治理设施"):
            assert words in text, words

    def test_an_hour_without_data(self, county: County, chief: Client) -> None:
        text = chief.get("/outlets/D01/hour/", {"item": "NOx", "at": "2026-11-19T16:00"}).content.decode()
        assert "没有收到这一小时的读数" in text
        assert "这一小时没有判定" in text

    def test_a_time_that_is_none(self, county: County, chief: Client) -> None:
        assert "时间得到“noon”" in chief.get("/outlets/D01/hour/", {"at": "noon"}).content.decode()


class TestFindings:
    @pytest.fixture
    def waiting(self, county: County) -> County:
        start = NOW.replace(minute=0) - 2 * HOUR
        limit = county.outlet.outlet.limits.get(item="NOx")
        Evaluation.objects.create(
            point=county.outlet, kind="outlet_hour", item="NOx", start=start, end=start + HOUR, verdict="fail",
            value=75.4, rule_set="x", rule_digest="0" * 64, limit_ref=f"limit:{limit.pk}", watermark=1, computed_at=NOW,
        )  # fmt: skip
        return county

    def test_the_alert_says_until_when_it_may_be_tagged(self, county: County, chief: Client) -> None:
        for page in ("/alerts/", f"/alerts/{county.alert.pk}/"):
            text = " ".join(chief.get(page).content.decode().split())
            assert '标记截止 <time datetime="2026-11-22T04:00:00' in text or "2026-11-22T12:00:00+08:00" in text, page

    def test_the_enterprise_s_first_page_says_until_when_to_tag(self, waiting: County) -> None:
        text = client_of(waiting.users["enterprise"]).get("/").content.decode()
        assert "?item=NOx&amp;start=2026-11-21T06:00&amp;end=2026-11-21T07:00" in text
        assert "剩 1 天 3 小时" in text

    def test_what_waits_stands_beside_what_was_found(self, waiting: County, chief: Client) -> None:
        text = chief.get("/findings/").content.decode()
        assert "已判定 1" in text
        assert "待判定 1" in text
        text = chief.get("/findings/", {"stage": "pending"}).content.decode()
        assert "标记截止前" in text
        assert "剩 1 天 3 小时" in text
        assert "/outlets/D01/hour/?item=NOx&amp;at=2026-11-21T06:00" in text

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ({"firm": "91320000TEST0001"}, 1), ({"outlet": "D01"}, 1), ({"item": "NOx"}, 1), ({"verdict": "exempt"}, 0),
            ({"since": "2026-11-20", "to": "2026-11-20"}, 1), ({"since": "2026-11-21"}, 0), ({"to": "2026-11-19"}, 0),
            ({"averaging": "day"}, 0), ({"area": "QY01"}, 0),
        ],
    )  # fmt: skip
    def test_narrowed(self, county: County, chief: Client, query: dict[str, str], count: int) -> None:
        text = chief.get("/findings/", query).content.decode()
        assert f"已判定 {count}" in text
        assert "filter-chip" in text

    def test_a_day_that_is_none_is_passed_over_and_told(self, county: County, chief: Client) -> None:
        assert "不认识的筛选条件“yesterday”" in chief.get("/findings/", {"since": "yesterday"}).content.decode()

    def test_csv(self, county: County, chief: Client) -> None:
        Finding.objects.update(trace=[{"name": "限值比较", "got": "61.3", "rule": "≤50", "outcome": "超标"}])
        Point.objects.filter(code="D01").update(name="=cmd()")
        answer = chief.get("/findings/", {"form": "csv", "item": "NOx"})
        assert answer["Content-Disposition"].startswith("attachment")
        (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert (row["数值"], row["限值"], row["起"], row["结论"]) == ("61.3", "50.0", "2026-11-20 10:00:00", "超标")
        assert row["判定过程"] == "限值比较 61.3 ≤50 超标"
        assert row["排放口"] == "'=cmd()", "a spreadsheet must not run it"
        assert AuditEntry.objects.filter(verb="finding.export").count() == 1

    def test_excel(self, county: County, chief: Client) -> None:
        answer = chief.get("/findings/", {"form": "xlsx"})
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        assert (len(rows), rows[1][8], rows[1][2]) == (2, 61.3, "D01")

    def test_a_form_that_is_none(self, county: County, chief: Client) -> None:
        assert "得到格式“pdf”" in chief.get("/findings/", {"form": "pdf"}, follow=True).content.decode()

    def test_the_file_holds_no_other_district(self, county: County) -> None:
        answer = client_of(county.users["far_town"]).get("/findings/", {"form": "csv"})
        assert "锦川" not in answer.content.decode("utf-8-sig")

    def test_a_finding_opens_its_hours(self, county: County, chief: Client) -> None:
        text = chief.get(f"/findings/{county.finding.pk}/").content.decode()
        assert "判定所用的小时值" in text
        link = text.split("/outlets/D01/hour/")[1].split('"')[0].replace("&amp;", "&")
        assert chief.get("/outlets/D01/hour/" + link).status_code == 200
