"""The registers by the API: the same filters, rights, versions and refusals as on the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from api.calling import Caller
from bureau.office import Office
from qingyuan.bureau.book.models import RowVersion

LITTER = "/books/litter"


def test_rows_are_narrowed_sorted_and_paged(api: Any, districts: Any) -> None:
    chief = api("chief")
    for n in range(5):
        made = chief.post(LITTER, {"values": {"key": f"N{n}", "area": "城北镇", "备注": ""}} | {})
        assert made.status_code == 422
        made = chief.post(LITTER, {"values": {"key": f"N{n}", "area": "城北镇"}})
        assert (made.status_code, made.json()["area"], made.json()["revision"]) == (200, "N", 1)
    told = chief.get(LITTER, area="N", sort="-key", page_size=2).json()
    assert (told["count"], [row["key"] for row in told["items"]]) == (6, ["N4", "N3"])
    assert [row["key"] for row in chief.get(LITTER, q="N2").json()["items"]] == ["N2"]
    assert chief.get(LITTER, 区域="城南镇").json()["count"] == 1
    assert chief.get(LITTER, colour="red").status_code == 422
    assert api("south").get(LITTER).json()["count"] == 1
    assert chief.get("/books/nothing").status_code == 404
    told = chief.get("/books").json()
    assert ("litter", 7) in [(book["code"], book["rows"]) for book in told]


def test_the_second_editor_is_told_with_the_others_version(api: Any, districts: Any) -> None:
    chief, path = api("chief"), f"{LITTER}/L-south"
    (litter,) = (book for book in chief.get("/books").json() if book["code"] == "litter")
    field = next(c["code"] for c in litter["columns"] if c["label"] == "备注")
    assert chief.post(path, {"values": {field: "先"}, "revision": 1}).json()[field] == "先"
    answer = chief.post(path, {"values": {field: "后"}, "revision": 1})
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert answer.json()["theirs"]["values"][field] == "先"
    row = chief.get(path).json()
    assert [v["revision"] for v in row["history"]] == [2, 1]
    assert row["history"][0]["actor"] == "chief"
    assert RowVersion.objects.filter(key="L-south").count() == 2


def test_a_file(api: Any, districts: Any) -> None:
    csv = "编号,区域,备注\nL1,城南镇,甲\nL2,火星镇,乙\n".encode()
    chief: Caller = api("chief")
    for dry, count in (("true", 0), ("false", 1)):
        answer: Any = chief.send_file(f"{LITTER}/import?dry_run={dry}", SimpleUploadedFile("a.csv", csv))
        told = answer.json()
        assert (told["rows"], told["added"], told["rejected"]) == (2, 1, 1), told
        assert "火星镇" in told["errors"][0]["message"]
        assert RowVersion.objects.filter(key="L1").count() == count
    for who in ("director", "officer", "south", "firm", "operator", "security", "audit"):
        refused: Any = api(who).send_file(f"{LITTER}/import", SimpleUploadedFile("a.csv", csv))
        assert refused.status_code == 403, who


@pytest.mark.parametrize("who", ["firm", "operator", "security", "audit", "north"])
def test_nobody_sees_rows_of_others(office: Office, api: Any, districts: Any, who: str) -> None:
    assert api(who).get(f"{LITTER}/L-south").status_code == 404
    assert "L-south" not in api(who).get(LITTER).content.decode()
