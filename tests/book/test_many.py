"""Bulk edit: seen before it is written, in one transaction, only where each row may be written, and never over another."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from bureau.office import Office, make_user
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, NotAllowed, WrongState
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.models import RowVersion
from qingyuan.bureau.book.policies import visible
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.book.versions import unproved
from qingyuan.bureau.exchange.many import change_many, look, offered
from qingyuan.bureau.registers.models import Enterprise, Point

pytestmark = pytest.mark.django_db
BOOK = "enterprises"


@pytest.fixture
def firms(office: Office) -> list[Enterprise]:
    areas = (office.south, office.south, office.north, None)
    return [save(None, book_of(BOOK), {"name": f"厂{n}", "area": a.pk if a else None}) for n, a in enumerate(areas)]


def rows(who: Any = None) -> Any:
    return visible(who, book_of(BOOK)).filter(name__startswith="厂")


def client_of(office: Office, who: str) -> Client:
    client = Client()
    client.force_login(office[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_seen_then_written_with_a_version_a_row_and_one_line(office: Office, firms: list[Enterprise]) -> None:
    chief, book = office["chief"], book_of(BOOK)
    plan = look(chief, book, rows(), "industry", "铸造")
    assert (plan.rows, len(plan.changes), plan.same, plan.refused) == (4, 4, 0, [])
    assert not rows().filter(industry="铸造").exists(), "a look writes nothing"
    before = AuditEntry.objects.count()
    change_many(chief, book, rows(), "industry", "铸造", reason="普查", mark=plan.mark)
    assert rows().filter(industry="铸造").count() == 4
    assert AuditEntry.objects.count() == before + 1
    versions = RowVersion.objects.filter(book=BOOK, revision=2)
    assert {(v.reason, v.actor_id) for v in versions} == {("普查", chief.pk)}
    assert unproved(book) == []
    again = look(chief, book, rows(), "industry", "铸造")
    assert (again.same, again.changes) == (4, [])


def test_a_row_written_in_between_stops_it(office: Office, firms: list[Enterprise]) -> None:
    book, plan = book_of(BOOK), look(office["chief"], book_of(BOOK), rows(), "industry", "铸造")
    save(office["monitor"], book, {"industry": "印染"}, firms[0])
    with pytest.raises(WrongState, match="重新预览"):
        change_many(office["chief"], book, rows(), "industry", "铸造", mark=plan.mark)
    assert not rows().filter(industry="铸造").exists()


def test_a_town_changes_only_what_it_answers_for_and_gives_nothing_away(
    office: Office, firms: list[Enterprise]
) -> None:
    south, book = office["south"], book_of(BOOK)
    plan = look(south, book, rows(), "industry", "铸造")
    assert [key for key, _old, _new in plan.changes] == ["厂0", "厂1"]
    assert [key for key, _why in plan.refused] == ["厂2", "厂3"]
    away = look(south, book, rows(south), "answers", "城北镇")
    assert (away.changes, len(away.refused)) == ([], 2)


@pytest.mark.parametrize("who", ["director", "officer", "firm", "other_firm", "operator", "security", "audit"])
def test_who_may_not_write_changes_nothing(office: Office, firms: list[Enterprise], who: str) -> None:
    with pytest.raises(NotAllowed):
        look(office[who], book_of(BOOK), rows(), "industry", "铸造")
    client = client_of(office, who)
    assert client.post(f"/books/{BOOK}/many/", {"rows": "all", "column": "industry", "value": "x"}).status_code == 403
    given = json.dumps({"where": {}, "column": "industry", "value": "x"})
    answer = client.post(f"/api/v1/books/{BOOK}/bulk", given, content_type="application/json")
    assert answer.status_code == 403
    assert not rows().exclude(industry="").exists()
    assert 'id="many"' not in client.get(f"/books/{BOOK}/").content.decode()


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("code", "X", "没有可批量修改的列"),
        ("name", "甲", "没有可批量修改的列"),
        ("area", "火星镇", "已登记"),
        ("key_unit", "长" * 101, "至多 100"),
        ("nothing", "x", "没有可批量"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    office: Office, firms: list[Enterprise], column: str, value: str, says: str
) -> None:
    with pytest.raises(Invalid, match=says):
        look(office["chief"], book_of(BOOK), rows(), column, value)


def test_keys_states_and_sealed_columns_are_not_offered(office: Office) -> None:
    for code in ("wells", "sites", "outlets", "enterprises"):
        book = book_of(code)
        names = {column.name for column in offered(book, office["chief"])}
        assert not names & {*book.key, book.state, *book.waits.values()}, code
        assert not {c.kind for c in offered(book, office["chief"])} & {"sealed", "json", "computed"}
        assert not (book.layer and names & {"lon", "lat"}), (
            "no two rows stand at one place, and a place is checked as a pair"
        )


def test_what_would_make_two_of_one_is_refused_in_words(office: Office) -> None:
    book = book_of("posts")
    for code, title in (("R1", "大队长"), ("R2", "副大队长")):
        values = {"code": code, "organisation": office.team.pk, "person": office["officer"].pk, "title": title}
        save(None, book, values | {"since": "2026-01-01"})
    with pytest.raises(Invalid, match="冲突"):
        change_many(office["chief"], book, visible(None, book), "title", "大队长")
    assert visible(None, book).filter(title="大队长").count() == 1


def test_points_follow_outlets_that_were_changed_together(office: Office) -> None:
    book = book_of("outlets")
    made = [save(None, book, {"code": f"D{n}", "name": "口", "medium": "gas"}) for n in range(3)]
    change_many(office["chief"], book, visible(None, book).filter(code__startswith="D"), "answers", "城北镇")
    assert {Point.objects.get(pk=one.point_id).answering for one in made} == {office.north}


def test_by_page_the_ticked_rows_or_all_that_the_filters_hold(office: Office, firms: list[Enterprise]) -> None:
    client = client_of(office, "chief")
    given = {"column": "industry", "value": "铸造", "reason": "普查"}
    ticked = {"rows": "ticked", "row": [firms[0].pk, firms[2].pk]}
    page = client.post(f"/books/{BOOK}/many/", given | ticked).content.decode()
    mark = re.search(r'name="mark" value="(\w+)"', page)
    assert mark is not None
    answer = client.post(f"/books/{BOOK}/many/", given | ticked | {"step": "write", "mark": mark[1]})
    assert answer.status_code == 302
    assert set(rows().filter(industry="铸造").values_list("name", flat=True)) == {"厂0", "厂2"}
    client.post(
        f"/books/{BOOK}/many/",
        given | {"value": "印染", "rows": "all", "narrowing": "area=城南镇&page=2", "step": "write"},
    )
    assert set(rows().filter(industry="印染").values_list("name", flat=True)) == {"厂0", "厂1"}
    assert client.get(f"/books/{BOOK}/many/").status_code == 302
    told = client.post(f"/books/{BOOK}/many/", given | {"column": "code"}, follow=True).content.decode()
    assert "没有可批量修改的列" in told


def test_by_api(office: Office, firms: list[Enterprise]) -> None:
    client = client_of(office, "chief")

    def post(**body: Any) -> Any:
        return client.post(f"/api/v1/books/{BOOK}/bulk", json.dumps(body), content_type="application/json")

    looked = post(where={"area": "城南镇"}, column="permit_class", value="重点管理", dry_run=True).json()
    assert (looked["changed"], looked["refused"]) == (3, []), "the office's own firm lies there too"
    done = post(where={"area": "城南镇"}, column="permit_class", value="重点管理", mark=looked["mark"])
    assert done.json()["changed"] == 3
    assert post(keys=["厂3"], column="permit_class", value="登记管理").json()["changed"] == 1
    assert post(where={"area": "城南镇"}, column="permit_class", value="x", mark=looked["mark"]).status_code == 409
    assert post(column="permit_class", value="x").status_code == 422
    assert post(keys=["没有"], column="permit_class", value="x").status_code == 404


def test_a_mirror_is_not_written_by_people(office: Office) -> None:
    keeper = make_user("keeper", "chief", None, office.bureau)
    book = book_of("upper-firms")
    with pytest.raises(NotAllowed, match="镜像"):
        look(keeper, book, visible(keeper, book), "name", "x")
