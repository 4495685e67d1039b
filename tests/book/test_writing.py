"""A row is written by one way: right, state, change, version, audit line."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from book.pattern import FIRMS, WELLS, Well
from bureau.office import Office
from moment import NOW
from qingyuan.bureau.audit.actions.seal import seal, verify_chain
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import BureauError, Invalid, Missing, NotAllowed, WrongState
from qingyuan.bureau.book.actions import Conflict, act, forget_sealed, read_values, reveal, save
from qingyuan.bureau.book.models import RowVersion
from qingyuan.bureau.book.policies import may_do, visible
from qingyuan.bureau.book.queries import count, listed
from qingyuan.bureau.book.versions import unproved
from qingyuan.bureau.sealed.keys import key_file
from qingyuan.bureau.sealed.queries import GONE, MASK


def make(office: Office, **given: Any) -> Well:
    values = {"code": "J1", "name": "甲井", "area": "城南镇", "keeper": "王望水"} | given
    made: Well = save(office["chief"], WELLS, read_values(WELLS, values))
    return made


def test_each_write_adds_one_version_that_the_trail_proves(office: Office) -> None:
    row = make(office, depth="35.5")
    save(office["chief"], WELLS, read_values(WELLS, {"name": "乙井"}), row, reason="改名")
    save(office["chief"], WELLS, read_values(WELLS, {"name": "乙井"}), row)
    versions = list(RowVersion.objects.order_by("revision"))
    assert [(v.revision, v.values["name"], v.reason) for v in versions] == [(1, "甲井", ""), (2, "乙井", "改名")]
    assert versions[0].values["area"] == "S"
    assert versions[0].values["depth"] == "35.5"
    lines = AuditEntry.objects.filter(verb__startswith="book.").order_by("pk")
    assert [line.data["digest"] for line in lines] == [v.digest for v in versions]
    assert unproved(WELLS) == []
    RowVersion.objects.filter(revision=1).update(values={**versions[0].values, "name": "丙井"})
    assert unproved(WELLS) == [versions[0].pk]


def test_the_second_of_two_editors_is_told_and_shown_both(office: Office) -> None:
    row = make(office)
    save(office["monitor"], WELLS, {"name": "先改的"}, row, revision=1)
    with pytest.raises(Conflict) as told:
        save(office["chief"], WELLS, {"name": "后改的"}, row, revision=1)
    assert told.value.theirs is not None
    assert told.value.theirs.values["name"] == "先改的"
    assert Well.objects.get().name == "先改的"
    assert save(office["chief"], WELLS, {"name": "后改的"}, row, revision=2).name == "后改的"


@pytest.mark.parametrize(
    ("who", "sees", "edits"),
    [
        ("director", {"J1", "J2", "J3"}, set()),
        ("chief", {"J1", "J2", "J3"}, {"J1", "J2", "J3"}),
        ("monitor", {"J1", "J2", "J3"}, {"J1", "J2", "J3"}),
        ("officer", {"J1", "J2"}, set()),
        ("south", {"J1"}, {"J1"}),
        ("north", {"J2"}, {"J2"}),
        ("firm", {"J1"}, set()),
        ("other_firm", set(), set()),
        ("operator", set(), set()),
        ("system", {"J1", "J2", "J3"}, set()),
        ("security", set(), set()),
        ("audit", set(), set()),
    ],
)
def test_rights_follow_who_answers(office: Office, who: str, sees: set[str], edits: set[str]) -> None:
    """J1 lies and is answered for in the south; J2 lies in the south, the north answers for it; J3 lies nowhere."""
    make(office, owner="F1")
    make(office, code="J2", answers="城北镇")
    make(office, code="J3", area="")
    user = office[who]
    rows = list(visible(user, WELLS))
    assert {row.code for row in rows} == sees
    assert {row.code for row in rows if may_do(user, WELLS, "edit", row)} == edits
    for row in Well.objects.all():
        if row.code not in edits:
            with pytest.raises(NotAllowed):
                save(user, WELLS, {"name": "x"}, row)
    assert count(WELLS, user).total == len(sees)


def test_nobody_moves_a_row_out_of_or_into_a_foreign_area(office: Office) -> None:
    row = make(office)
    with pytest.raises(NotAllowed):
        save(office["south"], WELLS, {"answers": office.north.pk}, row)
    with pytest.raises(NotAllowed):
        save(office["south"], WELLS, read_values(WELLS, {"code": "J9", "name": "n", "area": "城北镇"}))
    assert save(office["south"], WELLS, {"name": "好"}, row).name == "好"


def test_verbs_ask_right_state_and_what_must_be_given(office: Office) -> None:
    row = make(office)
    with pytest.raises(Missing):
        act(office["chief"], WELLS, row, "shut", {})
    with pytest.raises(NotAllowed):
        act(office["south"], WELLS, row, "shut", {"reason": "干了"})
    with pytest.raises(Invalid, match="没有动作"):
        act(office["chief"], WELLS, row, "fly", {})
    act(office["south"], WELLS, row, "sample", {"sampled_on": "2026-11-20"})
    done = act(office["chief"], WELLS, row, "shut", {"reason": "干了"})
    assert (done.state, done.revision, done.sampled_on) == ("shut", 3, date(2026, 11, 20))
    with pytest.raises(WrongState):
        act(office["chief"], WELLS, row, "shut", {"reason": "干了"})
    with pytest.raises(Invalid, match="没有可写的列"):
        read_values(WELLS, {"state": "in_use"})
    assert AuditEntry.objects.filter(verb="book.verb").count() == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": ""}, "必填"), ({"depth": "很深"}, "数字"), ({"drilled_on": "昨天"}, "日期"),
        ({"is_deep": "也许"}, "是、否"), ({"area": "没有镇"}, "已登记"), ({"note": "长" * 41}, "至多 40"),
        ({"colour": "x"}, "没有可写的列"), ({"is_deep": "是", "depth": "10"}, "不小于 50"), ({"code": "J1"}, "已存在"),
        ({"lon": "0", "lat": "0"}, "坐标"), ({"lon": "33.1", "lat": "119.2"}, "写反"), ({"depth": "1e30"}, "数字"),
    ],
)  # fmt: skip
def test_values_are_refused_in_words(office: Office, given: dict[str, str], words: str) -> None:
    make(office)
    with pytest.raises(BureauError, match=words):
        make(office, **{"code": "J2"} | given)
    assert Well.objects.count() == RowVersion.objects.count() == 1


def test_a_mirror_is_not_written_by_people(office: Office) -> None:
    with pytest.raises(NotAllowed, match="镜像"):
        save(office["chief"], FIRMS, {"code": "U9", "name": "x"})


def test_sealed_text_is_nowhere_in_clear_and_found_exactly(office: Office) -> None:
    row = make(office)
    stored = Well.objects.get()
    assert stored.keeper.startswith("sealed:")
    assert "王望水" not in str(RowVersion.objects.get().values)
    assert "王望水" not in str(AuditEntry.objects.values_list("summary", "data"))
    assert [r.code for r in listed(WELLS, office["chief"], {"q": " 王望水"})] == ["J1"]
    assert not listed(WELLS, office["south"], {"q": "王望水"})
    assert not listed(WELLS, office["chief"], {"q": "王望"})
    save(office["chief"], WELLS, read_values(WELLS, {"keeper": MASK, "name": "乙"}), row)
    save(office["chief"], WELLS, read_values(WELLS, {"keeper": "王望水"}), row)
    assert RowVersion.objects.count() == 2
    assert reveal(office["chief"], WELLS, Well.objects.get(), "核对")["keeper"] == "王望水"
    with pytest.raises(NotAllowed):
        reveal(office["south"], WELLS, row, "好奇")
    assert key_file().stat().st_mode & 0o777 == 0o600


def test_a_destroyed_key_takes_the_name_from_everywhere_and_the_chain_holds(office: Office) -> None:
    row = make(office)
    save(office["chief"], WELLS, read_values(WELLS, {"keeper": "李看水"}), row)
    seal()
    key = key_file().read_bytes()
    forget_sealed(office["chief"], WELLS, Well.objects.get(), "本人申请删除")
    seal()
    assert reveal(office["chief"], WELLS, Well.objects.get(), "核对")["keeper"] == GONE
    for name in ("李看水", "王望水"):
        assert not listed(WELLS, office["chief"], {"q": name})
    assert unproved(WELLS) == []
    assert verify_chain() is None
    left = key_file().read_bytes()
    assert len(left) == len(key)
    assert sum(a != b for a, b in zip(key, left, strict=True)) >= 32


def test_what_was_known_when_and_held_on_which_day(office: Office, clock_at: Any) -> None:
    row = make(office, drilled_on="2026-11-01")
    clock_at(NOW + timedelta(days=10))
    save(office["chief"], WELLS, read_values(WELLS, {"area": "城北镇"}), row, valid_from=date(2026, 11, 5))
    clock_at(NOW + timedelta(days=20))
    by = {"by": "area"}
    assert count(WELLS, **by).groups == {"N": 1}
    assert count(WELLS, on=date(2026, 11, 4), **by).groups == {"S": 1}
    assert count(WELLS, on=date(2026, 11, 6), **by).groups == {"N": 1}
    assert count(WELLS, on=date(2026, 11, 6), known=NOW + timedelta(days=1), **by).groups == {"S": 1}
    assert count(WELLS, on=date(2026, 10, 31)).total == 0
    assert count(WELLS, known=NOW - timedelta(days=1)).total == 0
    assert count(WELLS, by="状态", where=[("镇街", "城北镇")]).groups == {"in_use": 1}
    assert count(WELLS, by="owner").groups == {"": 1}
