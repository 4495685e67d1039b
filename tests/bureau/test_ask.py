"""A person has a device asked at once: the same wishes and limits as of the policy, refused with the reason."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from api.calling import Caller
from bureau.office import GAS_MN, WATER_MN, Office, make_user, put_hours
from bureau.test_quality import START
from bureau.test_requests import connect, drift, gap, said, switch, wishes
from moment import NOW
from qingyuan import process
from qingyuan.bureau.accounts.models import Role, User
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import BureauError, Invalid, NotAllowed, WrongState
from qingyuan.bureau.line.actions.adopt import adopt
from qingyuan.bureau.line.actions.ask import fetch_now, set_time_now, take_back
from qingyuan.bureau.line.actions.requests import look_after_requests
from qingyuan.bureau.line.actions.settings import DeviceSettings, PolicySettings, set_device, set_policy
from qingyuan.bureau.line.models import Device, DeviceRequest
from qingyuan.bureau.line.queries.devices import visible_devices
from qingyuan.intake.ledger import LEDGER_FILE
from qingyuan.intake.talk import Saying

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
State = DeviceRequest.State


@pytest.fixture
def device(office: Office, data_dir: Path) -> Device:
    """Connected, of a running gateway; nothing is switched on."""
    process.beat("gateway", port=1)
    connect(GAS_MN)
    return Device.objects.get(mn=GAS_MN)


def sent_by_hours(office: Office, count: int = 8) -> None:
    put_hours(office.gas, "NOx", START, [20.0] * count)


def at_rest(device: Device) -> None:
    """Every request of a device came to its end, long ago."""
    DeviceRequest.objects.filter(device=device).update(state=State.TIMED_OUT, ended_at=NOW - HOUR)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


class TestTime:
    """校时."""

    def test_goes_out_as_a_wish_though_the_policy_is_off_and_stays_one(self, office: Office, device: Device) -> None:
        made = set_time_now(office["chief"], device, "企业来电")
        assert wishes() == [(GAS_MN, "1012")]
        look_after_requests()
        switch(time_sync=False, fetch_history=True)
        assert wishes() == [(GAS_MN, "1012")], "what a person asked for does not hang on the policy"
        assert (made.asked_by, made.reason) == (office["chief"], "人工请求：企业来电")
        entry = AuditEntry.objects.get(verb="device.ask")
        assert entry.data["qn"] == made.qn
        assert GAS_MN in entry.summary

    @pytest.mark.parametrize(
        ("case", "words"),
        [
            ("not-connected", "没有连接"),
            ("gateway-down", "网关没有运行"),
            ("forbidden", "设为关"),
            ("retired", "不在用"),
            ("open-one", "还有一个请求没有结束"),
            ("just-set", "分钟内已"),
            ("own-clock", "本机的时钟不对"),
        ],
    )
    def test_refused_with_what_stands_against_it(self, office: Office, device: Device, case: str, words: str) -> None:
        if case == "not-connected":
            connect()
        elif case == "gateway-down":
            (process.run_dir() / "gateway.json").unlink()
        elif case == "forbidden":
            set_device(None, device, DeviceSettings(time_sync="off"))
        elif case == "retired":
            Device.objects.filter(pk=device.pk).update(state=Device.State.RETIRED)
        elif case == "own-clock":
            Device.objects.create(mn="C" * 24, point=office.gas, system_type="31")
            for mn in (GAS_MN, WATER_MN, "C" * 24):
                drift(mn, -600.0)
        else:
            set_time_now(None, device)
            if case == "just-set":
                at_rest(device)
        device.refresh_from_db()
        before = DeviceRequest.objects.count()
        with pytest.raises(WrongState, match=words):
            set_time_now(office["chief"], device)
        assert DeviceRequest.objects.count() == before

    def test_a_device_set_to_never_takes_back_what_waits(self, office: Office, device: Device) -> None:
        set_time_now(office["chief"], device)
        set_device(office["chief"], device, DeviceSettings(time_sync="off"))
        assert wishes() == []
        assert DeviceRequest.objects.get().state == State.UNSENT

    def test_taken_back_before_it_is_sent_and_not_after(self, office: Office, device: Device) -> None:
        take_back(office["chief"], set_time_now(office["chief"], device))
        assert wishes() == []
        again = set_time_now(office["chief"], device)
        said(again, Saying.SENT)
        with pytest.raises(WrongState, match="不能撤回"):
            take_back(office["chief"], again)
        assert AuditEntry.objects.filter(verb="device.unask").count() == 1


class TestFetch:
    """补取."""

    def test_asks_from_the_first_to_the_last_missing_hour(self, office: Office, device: Device, clock_at: Any) -> None:
        gap(office, clock_at)
        made = fetch_now(office["chief"], device, "hour", START, START + 6 * HOUR)
        assert (made.cn, made.begin, made.end, made.wanted) == ("2061", START + 2 * HOUR, START + 4 * HOUR, 3)

    def test_what_no_flag_knows_of_counts_as_missing_where_nothing_came(self, office: Office, device: Device) -> None:
        sent_by_hours(office, 2)
        made = fetch_now(office["chief"], device, "hour", START, START + 4 * HOUR + timedelta(minutes=5))
        assert (made.begin, made.end, made.wanted) == (START + 2 * HOUR, START + 4 * HOUR, 3)

    def test_what_came_is_counted_at_the_end(self, office: Office, device: Device, clock_at: Any) -> None:
        sent_by_hours(office, 2)
        made = fetch_now(office["chief"], device, "hour", START, START + 5 * HOUR)
        said(made, Saying.SENT)
        said(made, Saying.ANSWERED)
        put_hours(office.gas, "NOx", START + 2 * HOUR, [20.0, 21.0])
        said(made, Saying.EXECUTED)
        clock_at(NOW + timedelta(seconds=5))
        look_after_requests()
        made.refresh_from_db()
        assert (made.state, made.wanted, made.got) == (State.DONE, 3, 2)

    @pytest.mark.parametrize(
        ("since", "until", "grain", "words"),
        [
            pytest.param(4, 4, "hour", "止应晚于起", id="empty"),
            pytest.param(0, 10_000, "hour", "不晚于现在", id="future"),
            pytest.param(-400, 0, "hour", "7 天以内", id="too-old"),
            pytest.param(-60, 8, "hour", "至多 48 个", id="too-many"),
            pytest.param(0, 8, "hour", "都已收到", id="nothing-missing"),
            pytest.param(0, 8, "second", "数据种类", id="grain"),
        ],
    )
    def test_out_of_limits(
        self, office: Office, device: Device, since: int, until: int, grain: str, words: str
    ) -> None:
        sent_by_hours(office)
        with pytest.raises(BureauError, match=words):
            fetch_now(office["chief"], device, grain, START + since * HOUR, START + until * HOUR)
        assert wishes() == []

    @pytest.mark.parametrize(
        ("states", "words"),
        [
            ([State.EMPTY], "没有这一段的数据"),
            ([State.TIMED_OUT], "以后可以再请求"),
            ([State.TIMED_OUT, State.REFUSED, State.FAILED], "到了上限"),
        ],
    )
    def test_the_tries_are_those_of_the_policy(
        self, office: Office, device: Device, states: list[str], words: str
    ) -> None:
        sent_by_hours(office, 2)
        span = (START + 2 * HOUR, START + 4 * HOUR)
        first = fetch_now(office["chief"], device, "hour", *span)
        for number, state in enumerate(states):
            ended = NOW - timedelta(minutes=number)
            fields = {
                "device": device,
                "cn": "2061",
                "begin": first.begin,
                "end": first.end,
                "made_at": NOW,
                "until": NOW,
            }
            DeviceRequest.objects.create(qn=f"{number:017d}", reason="", state=state, ended_at=ended, **fields)
        take_back(None, first)
        with pytest.raises(WrongState, match=words):
            fetch_now(office["chief"], device, "hour", *span)


class TestWho:
    """The right, and where it reaches."""

    @pytest.mark.parametrize("who", ["officer", "firm", "south"])
    def test_without_the_right(self, office: Office, device: Device, who: str) -> None:
        with pytest.raises(NotAllowed):
            set_time_now(office[who], device)
        page = client_of(office[who]).get(f"/books/devices/{GAS_MN}/")
        assert "/fetch/" not in page.content.decode()
        assert client_of(office[who]).post(f"/books/devices/{GAS_MN}/time/").status_code == 403
        assert not DeviceRequest.objects.exists()

    def test_the_right_of_another_town_does_not_reach(self, office: Office, device: Device) -> None:
        keeper = make_user("north_chief", Role.CHIEF, office.north)
        assert GAS_MN not in set(visible_devices(keeper).values_list("mn", flat=True))
        for act in (
            lambda: set_time_now(keeper, device),
            lambda: set_device(keeper, device, DeviceSettings(network="")),
        ):
            with pytest.raises(NotAllowed, match="不及于"):
                act()
        api = Caller(keeper)
        body = {"since": START.isoformat(), "to": (START + HOUR).isoformat()}
        for path, sent in (("time", {}), ("fetch", body), ("adopt", {})):
            assert api.post(f"/devices/{GAS_MN}/{path}", sent).status_code == 404
        with pytest.raises(NotAllowed, match="全局"):
            set_policy(keeper, PolicySettings(time_sync=True, fetch_history=True))
        page = {"counts": {"crc_mismatch": 1}, "at": None, "peer": ""}
        process.write_json(
            process.run_dir() / LEDGER_FILE, {"stations": {GAS_MN: page, WATER_MN: page}, "peers": {}, "connected": []}
        )
        assert [row["name"] for row in Caller(keeper).get("/gateway").json()["stations"]] == [WATER_MN]
        waiting = Device.objects.create(mn="D" * 24, state=Device.State.WAITING, system_type="31")
        with pytest.raises(NotAllowed, match="不及于"):
            adopt(keeper, waiting, office.gas)


class TestEdges:
    """Page and API."""

    def test_api_asks_refuses_and_takes_back(self, office: Office, device: Device) -> None:
        api = Caller(office["chief"])
        sent_by_hours(office, 2)
        body = {"grain": "hour", "since": START.isoformat(), "to": (START + 4 * HOUR).isoformat(), "reason": "漏报"}
        made = api.post(f"/devices/{GAS_MN}/fetch", body)
        told = made.json()
        assert (made.status_code, told["cn"], told["wanted"], told["asked_by"]) == (200, "2061", 2, "chief")
        refused = api.post(f"/devices/{GAS_MN}/time")
        assert (refused.status_code, refused.json()["error"]) == (409, "wrong_state")
        assert "请等它结束" in refused.json()["message"]
        taken = api.post(f"/devices/{GAS_MN}/requests/{told['id']}/withdraw")
        assert (taken.status_code, taken.json()["state"]) == (200, "unsent")
        assert api.post(f"/devices/{WATER_MN}/requests/{told['id']}/withdraw").status_code == 404

    def test_page_says_what_stands_against_it_and_follows_the_request(self, office: Office, device: Device) -> None:
        chief = client_of(office["chief"])
        connect()
        page = chief.get(f"/books/devices/{GAS_MN}/time/").content.decode()
        assert "没有连接" in page
        assert "disabled" in page
        connect(GAS_MN)
        answer = chief.post(f"/books/devices/{GAS_MN}/time/", {"reason": "值班"}, follow=True)
        assert "已提出校时" in answer.content.decode()
        part = chief.get(f"/books/devices/{GAS_MN}/asked/").content.decode()
        assert "待发" in part
        assert "人工请求：值班" in part
        request = DeviceRequest.objects.get()
        said(request, Saying.SENT)
        said(request, Saying.ANSWERED)
        assert "已接受" in chief.get(f"/books/devices/{GAS_MN}/asked/").content.decode()

    def test_page_offers_the_known_gaps_and_keeps_what_was_filled_in(
        self, office: Office, device: Device, clock_at: Any
    ) -> None:
        gap(office, clock_at)
        chief = client_of(office["chief"])
        page = chief.get(f"/books/devices/{GAS_MN}/fetch/").content.decode()
        assert "3 段" in page
        given = {"grain": "hour", "since": "2026-11-01T00:00", "until": "2026-11-01T05:00", "reason": "补"}
        again = chief.post(f"/books/devices/{GAS_MN}/fetch/", given).content.decode()
        assert "7 天以内" in again
        assert "2026-11-01T05:00" in again

    def test_reason_too_long(self, office: Office, device: Device) -> None:
        with pytest.raises(Invalid, match="至多 100 字"):
            set_time_now(office["chief"], device, "字" * 101)
