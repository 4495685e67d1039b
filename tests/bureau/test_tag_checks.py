"""Tags by the enterprise and their check by the bureau: what counts, who may, what is judged again, what stays on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bureau.office import Office, put_hours, put_limit
from qingyuan.bureau.accounts.models import RoleAssignment
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import BureauError, Invalid, Missing, NotAllowed, WrongState
from qingyuan.bureau.cases.actions.automatic import leads_from_findings
from qingyuan.bureau.evidence.actions.files import Upload, read
from qingyuan.bureau.evidence.models import Evidence
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.judging.queries.tags import history, last_event, remarks_of, taken_out, visible_tags, waiting
from qingyuan.bureau.loop import decide_findings, step
from qingyuan.bureau.registers.models import Enterprise
from qingyuan.bureau.values.actions.sweep_tags import sweep_tags
from qingyuan.bureau.values.actions.tag_checks import check_tag
from qingyuan.bureau.values.actions.tags import supply, tag, withdraw_tag
from qingyuan.bureau.values.models import Tag, TagExhibit
from qingyuan.bureau.values.queries.rates import rates
from qingyuan.bureau.values.queries.tag_kinds import kinds_of
from qingyuan.bureau.values.queries.tags_in_force import counting_tags

pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 11, 19, 16, tzinfo=UTC)  # 20 November in Beijing
MORNING = MIDNIGHT + timedelta(hours=9)
NOON = MIDNIGHT + timedelta(hours=36)
HOUR = timedelta(hours=1)


def make(office: Office, kind: str = "维护", hours: tuple[float, float] = (0, 1), **more: Any) -> Tag:
    begin, end = (MORNING + h * HOUR for h in hours)
    return tag(office["firm"], office.gas_outlet, kind, begin, end, **more)


def of_industry(office: Office, key: str) -> None:
    Enterprise.objects.filter(organisation=office.firm).update(industry_key=key)


def verdicts() -> list[str]:
    return list(Finding.objects.filter(is_current=True).values_list("verdict", flat=True))


class TestWhoMayCheck:
    @pytest.mark.parametrize("who", ["monitor", "chief"])
    def test_monitoring_staff_and_chiefs(self, office: Office, who: str) -> None:
        assert check_tag(office[who], make(office), "accepted").check_state == "accepted"

    def test_nobody_else(self, office: Office) -> None:
        row = make(office)
        for who in set(office.users) - {"monitor", "chief"}:
            with pytest.raises(NotAllowed):
                check_tag(office[who], row, "refused", "理由")
        row.refresh_from_db()
        assert (row.check_state, row.events.count()) == ("unchecked", 0)

    def test_only_in_the_own_area(self, office: Office) -> None:
        RoleAssignment.objects.filter(user=office["monitor"]).update(area=office.north)
        with pytest.raises(NotAllowed, match="不及于该区域"):
            check_tag(office["monitor"], make(office), "accepted")

    @pytest.mark.parametrize(
        ("who", "sees"), [("firm", 1), ("other_firm", 0), ("south", 1), ("north", 0), ("audit", 0)]
    )
    def test_who_sees_a_tag(self, office: Office, who: str, sees: int) -> None:
        make(office)
        assert visible_tags(office[who]).count() == sees


class TestWhatItDoes:
    @pytest.fixture
    def over(self, office: Office) -> Office:
        put_hours(office.gas, "NOx", MORNING, [60.0, 45.0])
        return office

    def decide(self, clock_at: Callable[..., None]) -> None:
        clock_at(NOON)
        while step().marks:
            pass
        decide_findings()

    @pytest.mark.parametrize(
        ("checks", "found"),
        [
            pytest.param([], [], id="an-unchecked-tag-counts"),
            pytest.param(["accepted"], [], id="accepted"),
            pytest.param(["asked"], [], id="asked-for-material"),
            pytest.param(["refused"], ["exceedance"], id="refused"),
            pytest.param(["refused", "accepted"], [], id="accepted-after-all"),
            pytest.param(["accepted", "refused"], ["exceedance"], id="refused-after-all"),
        ],
    )
    def test_findings(self, over: Office, clock_at: Callable[..., None], checks: list[str], found: list[str]) -> None:
        row = make(over)
        for verdict in checks:
            check_tag(over["monitor"], row, verdict, "功率未降")
        self.decide(clock_at)
        assert verdicts() == found

    def test_refused_after_the_deadline(self, over: Office, clock_at: Callable[..., None]) -> None:
        """Nothing new comes in: the hours are judged again because the tag was refused, and the exceedance is a lead."""
        row = make(over)
        self.decide(clock_at)
        assert verdicts() == []
        clock_at(NOON + 3 * HOUR)
        check_tag(over["chief"], row, "refused", "DCS 显示满负荷")
        assert step().marks > 0
        decide_findings()
        assert verdicts() == ["exceedance"]
        assert [lead.must_handle for lead in leads_from_findings()] == [True]
        assert visible_tags(over["chief"]).get().check_state == "refused", "it stays visible"

    @pytest.mark.parametrize("averaging", ["hour", "day"])
    @pytest.mark.parametrize("end", ["refused", "withdrawn"])
    def test_long_after(self, office: Office, clock_at: Callable[..., None], averaging: str, end: str) -> None:
        """Hours of more than sixty days ago were judged again when their tag was refused, and no finding was decided."""
        if averaging == "day":  # no hour over its own limit
            of_industry(office, "waste_incineration")
            office.gas_outlet.limits.update(upper=100)
            put_limit(office.gas_outlet, "NOx", 55, "day", "mg/m3")
        put_hours(office.gas, "NOx", MIDNIGHT, [60.0] * 24)
        row = make(office, hours=(-9, 15))
        make(office, kind="停运", hours=(14, 15))
        clock_at(NOON + timedelta(days=75))
        while step().marks:
            pass
        assert decide_findings() == []
        assert verdicts() == []
        if end == "refused":
            check_tag(office["chief"], row, "refused", "DCS 显示满负荷")
        else:
            withdraw_tag(office["firm"], row)
        while step().marks:
            pass
        assert decide_findings() == []
        found = Finding.objects.filter(is_current=True, verdict="exceedance")
        assert found.count() == (23 if averaging == "hour" else 1), "the hour that stood still is not judged"
        assert {lead.must_handle for lead in leads_from_findings()} == {True}

    def test_history_that_comes_late_is_not_decided(self, office: Office, clock_at: Callable[..., None]) -> None:
        make(office, hours=(0, 1))
        clock_at(NOON + timedelta(days=75))
        put_hours(office.gas, "NOx", MORNING + HOUR, [60.0] * 3)
        while step().marks:
            pass
        assert verdicts() == []

    def test_accepted_after_a_refusal_changes_the_finding_back(
        self, over: Office, clock_at: Callable[..., None]
    ) -> None:
        row = make(over)
        check_tag(over["chief"], row, "refused", "没有检修记录")
        self.decide(clock_at)
        assert verdicts() == ["exceedance"]
        check_tag(over["chief"], row, "accepted")
        self.decide(clock_at)
        assert verdicts() == ["exempt"]
        assert Finding.objects.filter(is_current=False).count() == 1

    def test_check_that_changes_nothing_judges_nothing_again(self, over: Office) -> None:
        row = make(over)
        while step().marks:
            pass
        check_tag(over["chief"], row, "asked", "请附检修记录")
        check_tag(over["chief"], row, "accepted")
        assert step().marks == 0

    def test_a_process_that_died_before_it_marked_the_hours(
        self, over: Office, clock_at: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = make(over)
        while step().marks:
            pass

        def die(*_: object) -> int:
            raise SystemExit

        with monkeypatch.context() as patched:
            patched.setattr("qingyuan.bureau.values.actions.tag_checks.judge_again", die)
            with pytest.raises(SystemExit):
                check_tag(over["chief"], row, "refused", "不符")
        self.decide(clock_at)
        assert verdicts() == []
        assert sweep_tags(NOON - timedelta(days=1)) == 1
        self.decide(clock_at)
        assert verdicts() == ["exceedance"]
        assert sweep_tags(NOON + HOUR) == 0

    def test_what_the_tag_takes_out(self, over: Office) -> None:
        row = make(over, hours=(0, 2))
        hours, covered = taken_out(row)
        assert ([(h["start"], h["value"]) for h in hours], covered) == ([(MORNING, 60.0)], 2)
        check_tag(over["chief"], row, "refused", "不符")
        row.refresh_from_db()
        assert [h["start"] for h in taken_out(row)[0]] == [MORNING]

    def test_transmission(self, over: Office) -> None:
        put_hours(over.gas, "NOx", MIDNIGHT, [10.0] * 24, origin=100)
        row = make(over, "停运", (0, 4))
        day = date(2026, 11, 20)
        assert {r.rate.expected for r in rates(over["firm"], day, day).items} == {20}
        check_tag(over["chief"], row, "refused", "流量未停")
        assert {r.rate.expected for r in rates(over["firm"], day, day).items} == {24}


class TestAsOf:
    def test_what_counted_at_a_moment(self, office: Office, clock_at: Callable[..., None]) -> None:
        """made 12:00, refused 13:00, asked 14:00, refused again 15:00, accepted 16:00, withdrawn 17:00"""
        begin = MIDNIGHT + 28 * HOUR
        clock_at(begin)
        row = make(office)
        for n, verdict in enumerate(["refused", "asked", "refused", "accepted"], 1):
            clock_at(begin + n * HOUR)
            check_tag(office["chief"], row, verdict, "理由")
        clock_at(begin + 5 * HOUR)
        withdraw_tag(office["firm"], row)
        moments = [begin + (n - 0.5) * HOUR for n in range(7)]
        assert [counting_tags(m).exists() for m in moments] == [False, True, False, True, False, True, False]
        assert not counting_tags().exists()


class TestHowItGoes:
    @pytest.mark.parametrize("verdict", ["refused", "asked"])
    @pytest.mark.parametrize("reason", ["", "  "])
    def test_a_refusal_and_a_request_need_words(self, office: Office, verdict: str, reason: str) -> None:
        with pytest.raises(Missing) as caught:
            check_tag(office["chief"], make(office), verdict, reason)
        assert caught.value.field == "reason"

    def test_unknown_verdict(self, office: Office) -> None:
        with pytest.raises(Invalid, match="maybe"):
            check_tag(office["chief"], make(office), "maybe", "x")

    def test_what_was_withdrawn_is_not_checked(self, office: Office) -> None:
        row = make(office)
        withdraw_tag(office["firm"], row)
        with pytest.raises(WrongState, match="撤回"):
            check_tag(office["chief"], row, "accepted")
        with pytest.raises(WrongState, match="撤回"):
            supply(office["firm"], row, "补充")

    def test_the_same_decision_twice(self, office: Office) -> None:
        row = make(office)
        check_tag(office["chief"], row, "accepted")
        with pytest.raises(WrongState, match="已认可"):
            check_tag(office["monitor"], row, "accepted")
        assert row.events.count() == 1

    def test_a_page_that_is_out_of_date_decides_nothing(self, office: Office) -> None:
        row = make(office)
        seen = last_event(row)
        supply(office["firm"], row, "补充检修记录")
        with pytest.raises(WrongState, match="新的进展"):
            check_tag(office["chief"], row, "refused", "没有材料", seen=seen)
        check_tag(office["chief"], row, "refused", "材料不符", seen=last_event(row))

    def test_material_brings_it_back_to_the_bureau(self, office: Office, clock_at: Callable[..., None]) -> None:
        row = make(office)
        check_tag(office["chief"], row, "refused", "没有检修记录")
        assert not waiting(Tag.objects.all()).exists()
        clock_at(NOON)
        supply(office["firm"], row, "附检修记录", [Upload("记录.txt", "更换喷枪".encode())])
        assert waiting(Tag.objects.all()).exists()
        assert not counting_tags().exists(), "it counts again only when the bureau says so"
        row.refresh_from_db()
        check_tag(office["chief"], row, "refused", "记录的时间不符")
        assert [h.verb for h in history(row)] == ["made", "refused", "supplied", "refused"]
        assert not waiting(Tag.objects.all()).exists()

    def test_who_when_and_what_is_audited(self, office: Office) -> None:
        row = make(office, files=[Upload("记录.txt", b"abc")])
        supply(office["firm"], row, "说明")
        check_tag(office["monitor"], row, "refused", "不符")
        withdraw_tag(office["firm"], row)
        entries = AuditEntry.objects.filter(verb__startswith="tag.").order_by("pk")
        assert [(e.verb, str(e.actor)) for e in entries] == [
            ("tag.make", "firm"), ("tag.supply", "firm"), ("tag.refused", "monitor"), ("tag.withdraw", "firm"),
        ]  # fmt: skip
        assert entries[0].data["files"] == [Evidence.objects.get().sha256]

    def test_supply_is_for_the_own_outlet(self, office: Office) -> None:
        row = make(office)
        for who in ("other_firm", "chief", "monitor"):
            with pytest.raises(NotAllowed):
                supply(office[who], row, "x")
        with pytest.raises(Missing):
            supply(office["firm"], row, " ")


class TestMaterial:
    def test_the_same_file_is_kept_once(self, office: Office) -> None:
        file = Upload("记录.txt", "更换喷枪".encode())
        first, second = make(office, files=[file]), make(office, hours=(2, 3), files=[Upload("另名.txt", file.content)])
        assert Evidence.objects.count() == 1
        assert [x.file_name for t in (first, second) for x in t.exhibits.all()] == ["记录.txt", "另名.txt"]
        assert read(Evidence.objects.get()) == file.content

    @pytest.mark.parametrize(
        "files",
        [[Upload("a.exe", b"MZ\x00\x01")], [Upload("a.txt", b"")], [Upload(f"{n}.txt", b"x") for n in range(11)]],
        ids=["of-no-known-type", "empty", "too-many"],
    )
    def test_what_cannot_be_kept_makes_no_tag(self, office: Office, files: list[Upload]) -> None:
        with pytest.raises(BureauError) as caught:
            make(office, files=files)
        assert caught.value.field == "files"
        assert not Tag.objects.exists()
        assert not TagExhibit.objects.exists()


DEVICE = {"校准", "维护", "故障", "通讯中断", "数据缺失", "停运"}


class TestKinds:
    @pytest.mark.parametrize(
        ("industry", "conditions"),
        [
            ("", set()),
            ("thermal_power", {"启炉", "停炉"}),
            ("boiler", {"冷态启动", "热态启动", "停炉"}),
            ("cement", {"点火冷态", "点火热态", "停窑"}),
            ("waste_incineration", {"启炉", "停炉", "故障停炉", "烘炉"}),
        ],
    )
    def test_by_medium_and_industry(self, office: Office, industry: str, conditions: set[str]) -> None:
        Enterprise.objects.update(industry_key=industry)
        day = MORNING.date()
        assert {k.name for k in kinds_of(office.gas_outlet, day)} == DEVICE | conditions
        assert {k.name for k in kinds_of(office.waste_outlet, day)} == DEVICE, "no furnace in waste water"

    def test_a_tag_of_another_industry_is_refused_with_those_that_fit(self, office: Office) -> None:
        of_industry(office, "cement")
        with pytest.raises(Invalid, match="点火冷态") as caught:
            make(office, "启炉")
        assert caught.value.field == "kind"

    def test_an_item_that_the_tag_does_not_touch(self, office: Office) -> None:
        of_industry(office, "thermal_power")
        put_limit(office.gas_outlet, "SO2", 35, "hour", "mg/m3")
        assert make(office, "启炉", item="NOx").item == "NOx"
        for item in ("SO2", "COD"):
            with pytest.raises(Invalid) as caught:
                make(office, "启炉", item=item)
            assert caught.value.field == "item"


class TestRemarks:
    def said(self, *rows: Tag) -> str:
        found = remarks_of(rows)
        return "；".join(words for row in rows for words in found[row.pk])

    @pytest.mark.parametrize(
        ("hours", "said"), [((0.9, 1.1), 1), ((0.8, 1.0), 1), ((0.75, 1.0), 0), ((0.9, 1.3), 0), ((0.9, 9), 0)]
    )
    def test_too_short_to_change_any_hour(self, office: Office, hours: tuple[float, float], said: int) -> None:
        """Six minutes of each of two hours, twelve of one; fifteen of one are enough."""
        row = make(office, "校准", hours=hours)
        assert ["不足 15 分钟" in line for line in remarks_of([row])[row.pk]] == [True] * said

    def test_within_the_time_limit_nothing_is_said(self, office: Office) -> None:
        of_industry(office, "thermal_power")
        assert self.said(make(office, "启炉", (0, 4), item="NOx")) == ""
        assert self.said(make(office, "维护", (0, 40))) == ""

    def test_beyond_the_time_limit_the_tag_is_kept_and_told(self, office: Office) -> None:
        of_industry(office, "thermal_power")
        row = make(office, "启炉", (0, 5), item="NOx")
        assert self.said(row) == "“启炉”的时限是 4 小时，11-20 13:00 起的数据照常判定"

    def test_a_limit_that_is_a_setting_says_so(self, office: Office) -> None:
        of_industry(office, "waste_incineration")
        assert "出处未核实" in self.said(make(office, "启炉", (0, 5)))

    def test_items_that_are_not_exempted(self, office: Office) -> None:
        of_industry(office, "thermal_power")
        assert self.said(make(office, "启炉", (0, 2))) == "“启炉”只豁免 NOₓ，其他项目照常判定"

    def test_one_stretch_split_into_two(self, office: Office) -> None:
        of_industry(office, "thermal_power")
        first, second = (make(office, "启炉", span, item="NOx") for span in ((0, 3), (3, 6)))
        apart = make(office, "启炉", (7, 10), item="NOx")
        assert "合计 6 小时" in self.said(first)
        assert "合计 6 小时" in self.said(second)
        assert self.said(apart) == ""
        withdraw_tag(office["firm"], second)
        assert self.said(first) == ""
