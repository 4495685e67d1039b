"""Exports on the pages: asked for by the form, watched, taken away."""

from __future__ import annotations

from qingyuan.bureau.monitoring.actions.exports import run_next_export
from qingyuan.bureau.monitoring.models import ExportJob
from web.factories import County
from web.test_access import client_of

ASKED = {
    "points": ["D01"], "items": ["NOx"], "start": "2026-11-20T00:00", "end": "2026-11-21T00:00", "grain": "hour",
    "form": "csv",
}  # fmt: skip


def test_ask_watch_take(county: County) -> None:
    client = client_of(county.users["town"])
    page = client.post("/monitoring/exports/", ASKED)["Location"]
    waiting = client.get(page + "progress/")
    assert waiting.status_code == 200
    assert client.get(page + "progress/", headers={"If-None-Match": waiting["ETag"]}).status_code == 304
    assert client.get(page + "file/").status_code == 404
    run_next_export()
    assert client.get(page + "progress/").status_code == 286
    assert "下载" in client.get(page).content.decode()
    answer = client.get(page + "file/")
    assert b"D01/NOx/Avg/hour" in b"".join(answer.streaming_content)
    assert client_of(county.users["chief"]).get(page).status_code == 404


def test_a_point_of_another_district_cannot_be_chosen(county: County) -> None:
    client = client_of(county.users["town"])
    answer = client.post("/monitoring/exports/", ASKED | {"points": ["D02"]})
    assert answer.status_code == 200
    assert ExportJob.objects.count() == 0
    assert county.far_outlet.name not in answer.content.decode()
