"""The search: any part of a name, a number, pinyin; as written a moment ago, within the scope, by what is shown of a row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models.signals import post_migrate, pre_migrate
from hypothesis import given
from hypothesis import strategies as st

from book.pattern import WELLS, Well
from book.test_files import sheet
from book.test_writing import make
from bureau.office import Office, make_point
from qingyuan.bureau.book.actions import forget_sealed, save
from qingyuan.bureau.exchange.imports import Choice, import_file
from qingyuan.bureau.local.models import LocalBook, LocalRow
from qingyuan.bureau.registers.models import Enterprise, Point
from qingyuan.bureau.search import grams, triggers
from qingyuan.bureau.search.actions.grams_of import remove
from qingyuan.bureau.search.actions.keeping import catch_up, rebuild
from qingyuan.bureau.search.models import Entry, Mark
from qingyuan.bureau.search.queries import finding
from qingyuan.bureau.search.queries.near import near
from qingyuan.bureau.search.source import sources
from web.test_access import client_of

LETTERS = "清源云沚县环保有限公司 aAbB１2３-#（）"
Hits = dict[str, list[str]]


def hits(user: Any, query: str, most: int = 15) -> Hits:
    found = finding.found(user, query, most)
    return {each.source.code: [str(row) for row in each.rows] for each in found.hits}


@pytest.fixture(params=["as it stands", "indexed"])
def settled(request: pytest.FixtureRequest) -> Callable[[], None]:
    """What was written is looked for before the index has it, and after."""

    def settle() -> None:
        if request.param == "indexed":
            while catch_up(60):
                pass
            assert not Mark.objects.exists()
        else:
            assert Mark.objects.exists()

    return settle


class TestGrams:
    @given(st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=4), st.data())
    def test_every_part_of_a_word_is_found(self, texts: list[str], data: st.DataObject) -> None:
        text = grams.kept(texts)
        for word in text.split():
            start = data.draw(st.integers(0, len(word) - 1))
            part = word[start : data.draw(st.integers(start + 1, len(word)))]
            asked = grams.words(part)
            assert grams.holds(text, asked)
            assert grams.asked(asked) <= grams.grams(text)
            assert bool(grams.asked(asked)) == (len(part) > 1)

    @given(st.lists(st.sampled_from([["chong", "zhong"], ["qing"], ["a"], ["xi", "si"], ["3"]]), min_size=1), st.data())
    def test_every_way_to_say_it_is_found(self, parts: list[list[str]], data: st.DataObject) -> None:
        text = "\t" + " ".join("/".join(part) for part in parts)
        for said in ("".join(data.draw(st.sampled_from(p)) for p in parts), "".join(p[0][0] for p in parts)):
            start = data.draw(st.integers(0, len(said) - 1))
            part = said[start : data.draw(st.integers(start + 1, len(said)))]
            assert grams.holds(text, [part])
            assert grams.asked([part]) <= grams.grams(text)

    @pytest.mark.parametrize("query", ["重庆", "chongqing", "cqyh", "yinhang", "zhong", "ＣＨＯＮＧ", "庆银 行", "qyh"])
    def test_by_sound_with_each_reading(self, query: str) -> None:
        assert grams.holds(grams.kept(["重庆银行"], ["重庆银行"]), grams.words(query))

    @pytest.mark.parametrize("query", ["重银", "chongyin", "cy", "庆  云"])
    def test_what_is_not_there(self, query: str) -> None:
        assert not grams.holds(grams.kept(["重庆银行"], ["重庆银行"]), grams.words(query))

    def test_a_query_of_nothing(self) -> None:
        assert grams.asked(grams.words(" ' \" \0 字 ")) == set()


@pytest.mark.parametrize("query", ["望水", "水井", "W-77", "77", "望水井 w-7", "Ｗ－７７", "井"])
def test_a_part_of_a_name_or_a_code(office: Office, settled: Callable[[], None], query: str) -> None:
    make(office, code="W-77", name="望水井")
    make(office, code="V-1", name="别井")
    settled()
    found = finding.found(office["chief"], query, 15)
    if query == "井":
        assert found.is_short
    else:
        assert hits(office["chief"], query)["wells"] == ["望水井"]


def test_by_sound_once_it_is_indexed(office: Office) -> None:
    make(office, code="W-77", name="重庆路井")
    catch_up(60)
    for query in ("chongqing", "cqlj", "qinglu"):
        assert hits(office["chief"], query) == {"wells": ["重庆路井"]}


def test_the_newest_written_comes_first_and_more_is_said(office: Office, settled: Callable[[], None]) -> None:
    rows = [make(office, code=f"W-{n}", name=f"望水井{n}") for n in range(5)]
    settled()
    save(office["chief"], WELLS, {"depth": 9.0}, rows[1])
    settled()
    (found,) = [h for h in finding.found(office["chief"], "望水", 3).hits if h.source.code == "wells"]
    assert [row.code for row in found.rows] == ["W-1", "W-4", "W-3"]
    assert found.more
    assert not [h for h in finding.found(office["chief"], "望水", 5).hits if h.more]


@pytest.mark.parametrize(
    ("who", "sees"),
    [("chief", True), ("south", True), ("north", False), ("firm", False), ("security", False), ("audit", False)],
)
def test_only_what_the_scope_holds(office: Office, settled: Callable[[], None], who: str, sees: bool) -> None:
    make(office, code="W-1", name="望水井", area="城南镇")
    settled()
    assert ("wells" in hits(office[who], "望水")) == sees


def test_a_row_that_moved_is_found_where_it_is_now(office: Office, settled: Callable[[], None]) -> None:
    well = make(office, code="W-1", name="望水井", area="城南镇")
    catch_up(60)
    save(office["chief"], WELLS, {"answers": office.north.pk}, well)
    settled()
    assert "wells" in hits(office["north"], "望水")
    assert "wells" not in hits(office["south"], "望水")


def test_changed_over_a_link_and_without_a_save(office: Office, settled: Callable[[], None]) -> None:
    """The index is told by the tables: an update of many, a change of what a row links to, a row that went."""
    firm = Enterprise.objects.get(organisation=office.firm)
    outlet = office.gas_outlet
    catch_up(60)
    Enterprise.objects.filter(pk=firm.pk).update(area=office.north, answers=office.north)
    type(outlet).objects.filter(pk=outlet.pk).update(name="新名排口", area=None, answers=None)
    well = make(office, code="W-1", name="望水井")
    Well.objects.filter(pk=well.pk).delete()
    settled()
    assert "outlets" in hits(office["north"], "新名排口")
    assert "outlets" not in hits(office["south"], "新名排口")
    assert "wells" not in hits(office["chief"], "望水")


def test_files_bulk_writes_and_books_of_the_county(office: Office, settled: Callable[[], None], tmp_path: Path) -> None:
    path = sheet(
        tmp_path / "a.xlsx", ["井号", "井名", "所在镇街"], *[[f"K{n}", f"群井{n}", "城南镇"] for n in range(30)]
    )
    import_file(office["chief"], WELLS, path, Choice())
    book = LocalBook.objects.create(
        code="lamps", name="路灯", labels={"name": "名称"}, made_at=office["chief"].created_at
    )
    LocalRow.objects.create(book=book, key="L1", name="群井旁的灯", area=office.south)
    settled()
    found = hits(office["south"], "群井", 50)
    assert len(found["wells"]) == 30
    assert found["lamps"] == ["群井旁的灯"]
    assert "lamps" not in hits(office["north"], "群井")


def test_sealed_texts_are_in_no_index_and_found_exactly_by_who_may(office: Office) -> None:
    well = make(office, code="W-1", name="望水井", keeper="郑守井")
    catch_up(60)
    assert not Entry.objects.filter(text__contains="守井")
    assert hits(office["chief"], "郑守井") == {"wells": ["望水井"]}
    assert hits(office["chief"], "郑守") == {}
    assert hits(office["south"], "郑守井") == {}
    forget_sealed(office["chief"], WELLS, well, "本人要求")
    assert hits(office["chief"], "郑守井") == {}


def test_kinds_crowded_out_by_another_are_still_looked_through(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "FIRST", 4)
    monkeypatch.setattr(finding, "BATCH", 3)
    make_point("P-1", "air", office.south)
    Point.objects.filter(code="P-1").update(name="望水站")
    for n in range(12):
        make(office, code=f"W-{n}", name=f"望水井{n}", area="城北镇" if n % 2 else "城南镇")
    catch_up(60)
    found = hits(office["south"], "望水", 20)
    assert found["points"] == ["望水站"]
    assert len(found["wells"]) == 6


def test_more_marks_than_are_looked_at_are_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    catch_up(60)
    monkeypatch.setattr(finding, "MOST_MARKED", 2)
    for n in range(5):
        make(office, code=f"W-{n}", name=f"望水井{n}")
    found = finding.found(office["chief"], "望水", 15)
    assert found.behind == Mark.objects.count() - 2 > 0
    page = client_of(office["chief"]).get("/search/?q=望水").content.decode()
    assert f"另有 {found.behind} 行刚刚写入" in page


def test_rebuilt_it_finds_the_same(office: Office) -> None:
    make(office, code="W-1", name="望水井")
    catch_up(60)
    Entry.objects.filter(source="wells").update(text="别的")
    assert hits(office["chief"], "望水") == {}
    seen: list[tuple[int, int]] = []
    rows = rebuild(lambda done, of: seen.append((done, of)))
    assert rows == Entry.objects.count() > 0
    assert seen[-1][0] == seen[-1][1]
    assert hits(office["chief"], "望水") == {"wells": ["望水井"]}


def test_a_trigger_that_was_lost_is_laid_again_and_its_rows_are_marked(office: Office) -> None:
    make(office, code="W-1", name="望水井")
    catch_up(60)
    triggers.lay()
    assert not Mark.objects.exists(), "nothing is marked where all triggers stand"
    place = Well._meta.db_table
    names = [
        w.name for s in sources() if s.code == "wells" for w in triggers.watches(s) if w.event.startswith("UPDATE")
    ]
    with connection.cursor() as cursor:
        for name in names:
            triggers._drop(cursor, connection.vendor, name)
    Well.objects.update(name="改名的井")
    triggers.lay()
    assert set(Mark.objects.values_list("place", flat=True)) == {place}
    assert "wells" in hits(office["chief"], "改名的井")


def test_a_migration_finds_no_trigger_in_its_way(office: Office) -> None:
    """SQLite refuses to rename a table that is named by a trigger of another; a server to drop a column that is watched."""
    make(office, code="W-1", name="望水井")
    catch_up(60)
    app = apps.get_app_config("search")

    def laid() -> int:
        with connection.cursor() as cursor:
            cursor.execute(triggers._ROWS[connection.vendor])
            return len(cursor.fetchall())

    before = laid()
    given = {"sender": app, "app_config": app, "verbosity": 0, "interactive": False, "using": "default", "apps": apps}
    pre_migrate.send(**given, plan=[])
    assert laid() == before > 10
    pre_migrate.send(**given, plan=[("some", False)])
    assert laid() == 0
    Well.objects.update(name="改名的井")
    post_migrate.send(**given, plan=[("some", False)])
    assert laid() == before
    assert hits(office["chief"], "改名的井")["wells"] == ["改名的井"]


def test_a_removed_entry_leaves_no_grams(office: Office) -> None:
    make(office, code="W-1", name="望水井")
    catch_up(60)
    asked = grams.asked(["望水井"])
    assert list(near(asked, [], None, 9))
    remove(list(Entry.objects.filter(source="wells")))
    assert not list(near(asked, [], None, 9))
    catch_up(60)


def test_what_every_source_is_made_of(db: None) -> None:
    """Each path leads to a column over links to one row."""
    codes = {source.code for source in sources()}
    assert {"points", "cases", "leads", "areas", "organisations", "enterprises", "outlets"} <= codes
    for source in sources():
        assert list(triggers.watches(source))
        assert source.fields or not source.code


def test_the_page(office: Office) -> None:
    client = client_of(office["chief"])
    for query, words in (("", "至少两个字"), ("井", "词太短"), ("没有这个", "没有找到")):
        assert words in client.get("/search/", {"q": query}).content.decode()
    firm = Enterprise.objects.get(organisation=office.firm)
    page = client.get("/search/", {"q": firm.name}).content.decode()
    assert f"/enterprises/{firm.code}/" in page
    client.post("/language/", {"language": "en", "next": "/"})
    page = client.get("/search/", {"q": "点GAS"}).content.decode()
    assert "Outlet" in page
    assert "排放口 ·" not in page
    assert client.get("/search/", {"q": "A" * 23 + "1"})["Location"] == f"/monitoring/{office.gas.code}/"


def test_an_index_that_cannot_be_kept_holds_up_nothing(
    office: Office, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chores after it in the worker's turn, messages and the audit's seal among them, go on; the beat says it."""
    from qingyuan.ops import worker

    def fails() -> int:
        raise RuntimeError("no room")

    made = worker.Worker()
    monkeypatch.setattr(worker, "catch_up", fails)
    made._search()
    assert made._facts["search_error"] == "RuntimeError: no room"
    monkeypatch.setattr(worker, "catch_up", lambda: 0)
    made._search()
    assert "search_error" not in made._facts
    made._keeper.stop()


def test_no_word_that_there_is_more_of_what_is_kept_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "FIRST", 1)
    monkeypatch.setattr(finding, "SECONDS", -1.0)
    for n in range(3):
        make(office, code=f"W-{n}", name=f"望水井{n}")
    catch_up(60)
    told = {hits.source.code for hits in finding.found(office["chief"], "望水", 15).hits}
    assert "wells" in told
    assert not told & {"leads", "cases"}
