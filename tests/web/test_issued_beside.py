"""Issued beside computed on the page of a station: which was taken, and what ours was."""

from __future__ import annotations

from datetime import timedelta

from qingyuan.bureau.base.store import readings
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.monitoring.models import IssuedValue
from qingyuan.bureau.monitoring.queries.values import reported_beside
from qingyuan.readings import NewReading, SeriesKey, Status
from web.factories import MIDNIGHT, NOW, County
from web.test_access import client_of

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def test_an_issued_day_stands_beside_ours(county: County) -> None:
    start = MIDNIGHT - DAY
    IssuedValue.objects.create(
        point=county.air, indicator="AQI.day", period_start=start, period_end=MIDNIGHT, value_text="81",
        issuer="市生态环境局", received_at=NOW,
    )  # fmt: skip
    text = client_of(county.users["chief"]).get(f"/monitoring/{county.air.code}/").content.decode()
    row = text[text.index("上级发布与本系统") :]
    assert row.index("<strong>81</strong>") < row.index(">72<") < row.index("市生态环境局")
    Evaluation.objects.filter(point=county.air, kind="air_day").delete()
    text = client_of(county.users["chief"]).get(f"/monitoring/{county.air.code}/").content.decode()
    assert "本系统没有同一时段的结果" in text


def test_an_issued_hour_is_taken_and_ours_is_told(county: County) -> None:
    key = SeriesKey(county.air.code, "PM2_5", "Avg", "hour")
    start = int((MIDNIGHT + HOUR).timestamp())
    (ours,) = readings().window([readings().series_of([key])[key].id], start, start + 1)
    readings().append(
        [
            NewReading(
                key, start, start + 3600, 5.5, 1, "ug/m3", "N", status=Status.ISSUED, origin=9000, received_at=start
            )
        ]
    )
    assert reported_beside(county.air, "PM2_5", "hour", MIDNIGHT, NOW) == {MIDNIGHT + HOUR: ours.value}
    page = f"/monitoring/{county.air.code}/"
    text = client_of(county.users["chief"]).get(page, {"item": "PM2_5", "view": "table"}).content.decode()
    assert text.count("上级发布值") == 1


def test_without_issued_values_nothing_is_asked_or_shown(county: County) -> None:
    assert reported_beside(county.air, "PM2_5", "hour", MIDNIGHT, NOW) == {}
    text = client_of(county.users["chief"]).get(f"/monitoring/{county.air.code}/").content.decode()
    assert "上级发布与本系统" not in text
