"""Areas and organisations are books: whoever writes one, by whatever way, leaves a version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from bureau.office import Office
from qingyuan import clock
from qingyuan.bureau.accounts.models import Area, AreaParent, Organisation
from qingyuan.bureau.accounts.policies.rights import scope_of
from qingyuan.bureau.accounts.queries.areas import subtree_ids
from qingyuan.bureau.base.errors import Invalid, NotAllowed
from qingyuan.bureau.book.actions import read_values, save
from qingyuan.bureau.book.models import RowVersion
from qingyuan.bureau.book.policies import visible
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.book.versions import unproved
from qingyuan.bureau.exchange.imports import import_file
from qingyuan.bureau.registers.actions.bureau import ensure_bureau
from qingyuan.bureau.registers.actions.county import name_county
from qingyuan.bureau.registers.actions.places_file import import_places
from qingyuan.simulate.seed import seed

RING = [[119.0, 33.0], [119.2, 33.0], [119.2, 33.2], [119.0, 33.2], [119.0, 33.0]]


def versions(code: str) -> dict[str, int]:
    """The newest revision of each row that has a version."""
    return dict(RowVersion.objects.filter(book=code).order_by("revision").values_list("key", "revision"))


def test_a_town_born_on_the_screen_lies_in_its_county(office: Office, client: Client) -> None:
    """It was a row with nothing above it: nobody of the county saw what lay in it."""
    client.force_login(office["chief"], backend="django.contrib.auth.backends.ModelBackend")
    given = {"code": "C-E", "name": "城东镇", "kind": "镇（街道）"}
    assert client.post("/books/areas/new/", given).status_code == 302
    town = Area.objects.get(code="C-E")
    assert AreaParent.objects.get(area=town).parent == office.county
    assert town.pk in scope_of(office["officer"]).area_ids
    assert RowVersion.objects.get(book="areas").actor == office["chief"]


def test_parks_and_towns_from_a_list_twice(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "areas.csv"
    file.write_text("名称,级别\n云沚经济开发区,园区\n城西街道,镇\n城南镇,镇（街道）\n", encoding="utf-8")
    report = import_file(office["chief"], book_of("areas"), file)
    assert (report.added, report.unchanged, [n for n, _, _ in report.bad]) == (1, 1, [2])
    file.write_text(file.read_text(encoding="utf-8").replace(",园区", ",开发区、园区"), encoding="utf-8")
    report = import_file(office["chief"], book_of("areas"), file)
    assert (report.added, report.unchanged, report.bad) == (1, 2, [])
    park = Area.objects.get(code="云沚经济开发区")
    assert (park.kind, AreaParent.objects.get(area=park).parent) == ("zone", office.county)


@pytest.mark.parametrize("who", ["officer", "south", "firm", "operator", "security", "audit", "director"])
@pytest.mark.parametrize("code", ["areas", "organisations"])
def test_who_does_not_keep_the_registers_writes_none(office: Office, who: str, code: str) -> None:
    with pytest.raises(NotAllowed):
        save(office[who], book_of(code), {"code": "X", "name": "某", "kind": "town"})


def test_a_firm_sees_itself_among_the_organisations_and_a_town_its_own(office: Office) -> None:
    book = book_of("organisations")
    assert set(visible(office["firm"], book)) == {office.firm}
    assert set(visible(office["south"], book)) == {office.firm, office.south_office}


def test_boundaries_and_the_county_s_name_leave_versions(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "towns.geojson"
    shape = {"type": "Polygon", "coordinates": [RING]}
    features = [{"type": "Feature", "geometry": shape, "properties": {"name": "城东镇", "code": "321299103"}}]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    assert import_places(office["chief"], path).new == 1
    assert import_places(office["chief"], path).same == 1
    assert versions("areas") == {"321299103": 1}
    town = Area.objects.get(code="321299103")
    assert [p.parent for p in AreaParent.objects.filter(area=town)] == [office.county]
    Area.objects.filter(pk=office.county.pk).update(code="321299")
    Organisation.objects.filter(pk=office.bureau.pk).update(name="生态环境局")
    name_county(office["chief"], "321299", "云沚")
    assert versions("areas") == {"321299103": 1, "321299": 1}
    assert versions("organisations") == {"EEB": 1}
    assert Organisation.objects.get(code="EEB").name == "云沚生态环境局"
    assert unproved(book_of("areas")) == unproved(book_of("organisations")) == []


def test_the_demo_begins_with_versions_of_all(db: None, data_dir: Path, clock_at: Any, cheap_passwords: None) -> None:
    ensure_bureau()
    seed(7)
    for code, model in (("areas", Area), ("organisations", Organisation)):
        assert len(versions(code)) == model._default_manager.count()
        assert not model._default_manager.filter(revision=0).exists()
    county = Area.objects.get(kind="county")
    assert len(subtree_ids(county, clock.beijing(clock.now()).date())) == Area.objects.count()


def test_posts_and_leaves(office: Office, tmp_path: Path) -> None:
    """Known again without a number; the second title of a person is another post; nobody stands in for himself."""
    posts, leaves = book_of("posts"), book_of("leaves")
    file = tmp_path / "posts.csv"
    file.write_text(
        "部门,姓名,职务,任职日期\nENF,officer,大队长,2026-01-01\nENF,officer,支部书记,2026-01-01\n", "utf-8"
    )
    for figures in ((2, 0), (0, 2)):
        report = import_file(office["chief"], posts, file)
        assert (report.added, report.unchanged, report.bad) == (*figures, [])
    file.write_text("姓名,开始日期,结束日期,代理人\nofficer,2026-12-05,2026-12-01,chief\n", "utf-8")
    assert "应晚于“起”" in import_file(office["chief"], leaves, file).bad[0][2]
    given = {"person": "officer", "since": "2026-12-05", "until": "2026-12-08", "deputy": "officer"}
    with pytest.raises(Invalid, match="得到本人"):
        save(office["chief"], leaves, read_values(leaves, given))
    row = save(office["chief"], leaves, read_values(leaves, given | {"deputy": "chief"}))
    assert (row.code, row.deputy, row.revision) == ("L1", office["chief"], 1)
    assert row not in visible(office["firm"], leaves)
    for who in ("officer", "town", "firm", "system"):
        with pytest.raises(NotAllowed):
            save(office["south" if who == "town" else who], leaves, {"note": "x"}, row)


def test_born_and_changed_by_api(office: Office, client: Client) -> None:
    client.force_login(office["chief"], backend="django.contrib.auth.backends.ModelBackend")
    for code, values in (
        ("areas", {"code": "C-W", "name": "城西镇", "kind": "town"}),
        ("organisations", {"code": "CW-O", "name": "城西镇政府", "kind": "town_office", "area": "城南镇"}),
        ("enterprises", {"name": "新厂", "area": "城南镇", "answers": "城北镇"}),
    ):
        made = client.post(f"/api/v1/books/{code}", {"values": values}, content_type="application/json")
        assert made.status_code in (200, 201), made.content
        key = made.json()["key"]
        body = {"values": {"name": "改过的"}, "revision": 1}
        done = client.post(f"/api/v1/books/{code}/{key}", body, content_type="application/json")
        assert (done.status_code, done.json()["revision"]) == (200, 2), done.content
        old = client.post(f"/api/v1/books/{code}/{key}", body, content_type="application/json")
        assert old.status_code == 409
