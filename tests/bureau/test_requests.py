"""What the bureau asks of devices by itself: nothing unless a person switched it on; then politely, and to the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from bureau.office import GAS_MN, Office, put_hours
from bureau.test_devices import told
from bureau.test_quality import START, to_rest
from intake.frames import local
from moment import NOW
from qingyuan import clock, process
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, NotAllowed
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.actions.ask import fetch_now
from qingyuan.bureau.line.actions.requests import hear, look_after_requests
from qingyuan.bureau.line.actions.resolver import BureauResolver
from qingyuan.bureau.line.actions.seen import keep_counts
from qingyuan.bureau.line.actions.settings import DeviceSettings, PolicySettings, set_device, set_policy
from qingyuan.bureau.line.actions.stations import lay_down_register
from qingyuan.bureau.line.models import Device, DeviceClock, DeviceRequest
from qingyuan.bureau.line.queries.policy import policy
from qingyuan.hj212 import encode
from qingyuan.intake.gateway import Gateway, GatewaySettings
from qingyuan.intake.ingest import Ingester
from qingyuan.intake.journal import Journal, RecordKind
from qingyuan.intake.ledger import LEDGER_FILE
from qingyuan.intake.register_file import REGISTER_FILE, RegisterFile
from qingyuan.intake.requests import WISHES_FILE, WishesFile
from qingyuan.intake.resolving import Met
from qingyuan.intake.sealing import KeyBox
from qingyuan.intake.talk import Said, Saying
from qingyuan.simulate.delivery import Address, Line
from qingyuan.simulate.frames import Sending

pytestmark = pytest.mark.django_db(transaction=True)
HOUR, PATIENCE = timedelta(hours=1), 20.0
State = DeviceRequest.State


@pytest.fixture
def device(office: Office) -> Device:
    return Device.objects.get(mn=GAS_MN)


def connect(*mns: str) -> None:
    process.write_json(process.run_dir() / LEDGER_FILE, {"stations": {}, "peers": {}, "connected": list(mns)})


def switch(**on: Any) -> None:
    set_policy(None, PolicySettings(**({"time_sync": False, "fetch_history": False} | on)))


def gap(office: Office, clock_at: Any, first: int = 2, last: int = 5) -> None:
    """Hours [first, last) of the test day are missing, and the flag on them has settled."""
    put_hours(office.gas, "NOx", START, [20.0] * first)
    put_hours(office.gas, "NOx", START + last * HOUR, [20.0, 21.0])
    to_rest()
    clock_at(NOW + HOUR)


def wishes() -> list[tuple[str, str]]:
    return [(w.mn, w.cn) for w in WishesFile(process.run_dir() / WISHES_FILE)()]


def drift(mn: str, seconds: float, times: int = 3) -> None:
    for _ in range(times):
        keep_counts({mn: Met(drift_s=seconds, at=clock.now())})


def said(request: DeviceRequest, saying: Saying, code: int = 1) -> None:
    hear([Said(saying, request.device.mn, request.qn, code, clock.now())])


def test_nothing_is_asked_while_the_policy_is_off_which_it_is(office: Office, device: Device, clock_at: Any) -> None:
    gap(office, clock_at)
    connect(GAS_MN)
    drift(GAS_MN, -600.0)
    hear([Said(Saying.ASKS_TIME, GAS_MN, "20261121083000000", 0, NOW)])
    look_after_requests()
    assert not DeviceRequest.objects.exists()
    assert not (process.run_dir() / WISHES_FILE).exists()


class TestHistory:
    """Missing hours are fetched."""

    def test_missing_hours_are_asked_for_in_one_request(self, office: Office, device: Device, clock_at: Any) -> None:
        gap(office, clock_at)
        connect(GAS_MN)
        switch(fetch_history=True)
        look_after_requests()
        look_after_requests()
        request = DeviceRequest.objects.get()
        assert (request.cn, request.begin, request.end, request.wanted) == (
            "2061",
            START + 2 * HOUR,
            START + 4 * HOUR,
            3,
        )
        assert wishes() == [(GAS_MN, "2061")]

    @pytest.mark.parametrize(
        ("general", "own", "is_asked"),
        [(True, "", True), (True, "off", False), (False, "on", True), (False, "", False)],
    )
    def test_a_device_may_differ_from_the_installation(
        self, office: Office, device: Device, clock_at: Any, general: bool, own: str, is_asked: bool
    ) -> None:
        gap(office, clock_at)
        connect(GAS_MN)
        switch(fetch_history=general)
        set_device(None, device, DeviceSettings(fetch_history=own))
        look_after_requests()
        assert DeviceRequest.objects.exists() is is_asked

    @pytest.mark.parametrize("why", ["not-connected", "not-settled", "too-long-ago", "no-device-in-use"])
    def test_when_nothing_is_asked(self, office: Office, device: Device, clock_at: Any, why: str) -> None:
        gap(office, clock_at)
        switch(fetch_history=True)
        connect(*([] if why == "not-connected" else [GAS_MN]))
        if why == "not-settled":
            clock_at(NOW + timedelta(seconds=60))
        if why == "too-long-ago":
            clock_at(NOW + timedelta(days=8))
        if why == "no-device-in-use":
            Device.objects.filter(pk=device.pk).update(state=Device.State.RETIRED)
        look_after_requests()
        assert not DeviceRequest.objects.exists()

    def test_long_gaps_are_asked_for_piece_by_piece(self, office: Office, device: Device, clock_at: Any) -> None:
        gap(office, clock_at, 2, 102)
        clock_at(NOW + timedelta(days=4))
        connect(GAS_MN)
        switch(fetch_history=True)
        spans = []
        for _ in range(4):
            look_after_requests()
            for request in DeviceRequest.objects.filter(ended_at__isnull=True):
                spans.append((request.begin, request.wanted))
                said(request, Saying.SENT)
                said(request, Saying.ANSWERED, 2)
        assert spans == [(START + 2 * HOUR, 48), (START + 50 * HOUR, 48), (START + 98 * HOUR, 4)]

    def test_what_is_refused_is_tried_again_ever_later_and_given_up(
        self, office: Office, device: Device, clock_at: Any
    ) -> None:
        gap(office, clock_at)
        connect(GAS_MN)
        switch(fetch_history=True)
        began, tries = clock.now(), []
        for minutes in range(0, 60 * 12, 5):
            clock_at(began + timedelta(minutes=minutes))
            look_after_requests()
            for request in DeviceRequest.objects.filter(ended_at__isnull=True):
                tries.append(minutes // 60)
                said(request, Saying.SENT)
                said(request, Saying.ANSWERED, 8)
        assert tries == [0, 1, 3]
        assert set(DeviceRequest.objects.values_list("state", "code")) == {(State.REFUSED, 8)}

    def test_a_device_that_has_no_data_is_not_asked_again(self, office: Office, device: Device, clock_at: Any) -> None:
        gap(office, clock_at)
        connect(GAS_MN)
        switch(fetch_history=True)
        look_after_requests()
        request = DeviceRequest.objects.get()
        for saying, code in ((Saying.SENT, 0), (Saying.ANSWERED, 1), (Saying.EXECUTED, 100)):
            said(request, saying, code)
        clock_at(clock.now() + timedelta(hours=30))
        look_after_requests()
        look_after_requests()
        assert DeviceRequest.objects.get().state == State.EMPTY

    @pytest.mark.parametrize(
        ("sayings", "wait_s", "state"),
        [
            pytest.param([], 601, State.UNSENT, id="never-sent"),
            pytest.param([Saying.SENT], 61, State.TIMED_OUT, id="no-answer"),
            pytest.param([Saying.SENT, Saying.ANSWERED], 901, State.TIMED_OUT, id="no-result"),
            pytest.param([Saying.SENT, Saying.ANSWERED, Saying.EXECUTED], 5, State.DONE, id="done"),
            pytest.param([Saying.SENT, Saying.EXECUTED], 5, State.DONE, id="done-without-consent"),
            pytest.param([Saying.SENT, Saying.ANSWERED], 5, State.ACCEPTED, id="under-way"),
        ],
    )
    def test_states(
        self, office: Office, device: Device, clock_at: Any, sayings: list[Saying], wait_s: int, state: str
    ) -> None:
        gap(office, clock_at)
        connect(GAS_MN)
        switch(fetch_history=True)
        look_after_requests()
        request = DeviceRequest.objects.get()
        for saying in sayings * 2:  # told twice after a crash
            said(request, saying)
        clock_at(clock.now() + timedelta(seconds=wait_s))
        connect()
        look_after_requests()
        request.refresh_from_db()
        assert request.state == state
        assert (request.ended_at is None) is (state == State.ACCEPTED)

    def test_switched_off_takes_back_what_was_not_sent(self, office: Office, device: Device, clock_at: Any) -> None:
        gap(office, clock_at)
        connect(GAS_MN)
        switch(fetch_history=True)
        look_after_requests()
        assert wishes()
        switch(fetch_history=False)
        assert wishes() == []
        assert DeviceRequest.objects.get().state == State.UNSENT


class TestTime:
    """A clock that is off is set."""

    def test_a_clock_that_is_steadily_off_is_set_once_a_day(
        self, office: Office, device: Device, clock_at: Any
    ) -> None:
        connect(GAS_MN)
        switch(time_sync=True)
        drift(GAS_MN, -600.0, 2)
        look_after_requests()
        assert not DeviceRequest.objects.exists(), "two frames are too few"
        drift(GAS_MN, -601.0, 1)
        look_after_requests()
        request = DeviceRequest.objects.get()
        assert (request.cn, request.begin) == ("1012", None)
        assert "-600" in request.reason
        for saying in (Saying.SENT, Saying.ANSWERED, Saying.EXECUTED):
            said(request, saying)
        for hours, count in ((1, 1), (23, 1), (25, 2)):
            clock_at(NOW + timedelta(hours=hours))
            drift(GAS_MN, -600.0)
            look_after_requests()
            assert DeviceRequest.objects.count() == count

    @pytest.mark.parametrize(
        "drifts",
        [pytest.param([-30.0] * 5, id="within"), pytest.param([-900.0, -1500.0, -2100.0, -2.0], id="held-back")],
    )
    def test_frames_that_were_held_back_are_no_wrong_clock(
        self, office: Office, device: Device, drifts: list[float]
    ) -> None:
        connect(GAS_MN)
        switch(time_sync=True)
        for one in drifts:
            drift(GAS_MN, one, 1)
        look_after_requests()
        assert not DeviceRequest.objects.exists()

    def test_where_all_devices_agree_it_is_our_clock_that_is_wrong(self, office: Office, device: Device) -> None:
        connect(GAS_MN)
        switch(time_sync=True)
        drift(GAS_MN, -600.0)
        for number in range(3):
            Device.objects.create(mn=f"{number:024d}")
            drift(f"{number:024d}", -598.0)
        look_after_requests()
        assert not DeviceRequest.objects.exists()
        DeviceClock.objects.exclude(mn=GAS_MN).update(steady_s=0.5)
        look_after_requests()
        assert DeviceRequest.objects.count() == 1

    def test_a_device_that_asks_for_the_time_gets_it(self, office: Office, device: Device) -> None:
        ask = Said(Saying.ASKS_TIME, GAS_MN, "20261121083000000", 0, NOW)
        hear([ask])
        assert not DeviceRequest.objects.exists()
        switch(time_sync=True)
        hear([ask, ask, Said(Saying.ASKS_TIME, "F" * 24, "20261121083000000", 0, NOW)])
        assert DeviceRequest.objects.get().cn == "1012"


@pytest.mark.parametrize(
    "wrong",
    [PolicySettings(True, True, drift_s=0), PolicySettings(True, True, back_days=400)],
    ids=["drift", "days"],
)
def test_wrong_policies_are_refused(office: Office, wrong: PolicySettings) -> None:
    with pytest.raises(Invalid, match="应为"):
        set_policy(None, wrong)


def test_policy_is_audited_and_not_for_everyone(office: Office) -> None:
    set_policy(office["chief"], PolicySettings(True, False, drift_s=120))
    entry = AuditEntry.objects.get(verb="device.policy")
    assert entry.data == {"time_sync": True, "drift_s": 120}
    assert set_policy(office["chief"], PolicySettings(True, False, drift_s=120)) == []
    with pytest.raises(NotAllowed):
        set_policy(office["firm"], PolicySettings(True, True))


class Keeper:
    """A device's memory: hours by start, and what its clock was set to."""

    def __init__(self, hours: dict[datetime, bytes]) -> None:
        self.hours, self.set_to = hours, []  # type: ignore[var-annotated]

    def stored(self, mn: str, cn: str, begin: datetime, end: datetime) -> list[Sending]:
        found = [raw for at, raw in sorted(self.hours.items()) if begin <= at <= end]
        return [Sending(0, mn, cn, raw[9:26].decode(), raw) for raw in found]

    def set_clock(self, mn: str, to: datetime) -> None:
        self.set_to.append(to)


def hour(number: int) -> tuple[datetime, bytes]:
    start = START + number * HOUR
    cp = f"DataTime={local(start)};a21002-Avg={20 + number}.5,a21002-Flag=N"
    return start, encode(
        qn=f"{local(start + HOUR)}{number:03d}", st="31", cn="2061", pw="123456", mn=GAS_MN, flag=5, cp=cp
    )


class Live:
    """Gateway and one device, talking in a thread of their own; the test plays the role `work`."""

    def __init__(self, data_dir: Path, keeper: Keeper) -> None:
        lay_down_register()
        self.journal = Journal(data_dir / "journal")
        self.gateway: Gateway
        self._keeper = keeper
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._do(self._begin(data_dir))

    def _do(self, what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(PATIENCE)

    async def _begin(self, data_dir: Path) -> None:
        register = RegisterFile(process.run_dir() / REGISTER_FILE, KeyBox(settings.SECRET_KEY))
        wishes = WishesFile(process.run_dir() / WISHES_FILE)
        how = GatewaySettings(wishes_seconds=0.02)
        self.gateway = Gateway(self.journal, how, clock.now, register=register, wishes=wishes)
        port = await self.gateway.start()
        self.line = Line(Address("127.0.0.1", lambda: port), logger=self._keeper)

    def deliver(self, *raws: bytes) -> None:
        async def send() -> None:
            for raw in raws:
                await self.line.send(Sending(0, GAS_MN, "2061", raw[9:26].decode(), raw))
            await self.line.drain()

        self._do(send())

    def work(self, turns: int = 1) -> None:
        for _ in range(turns):
            connect(*self.gateway.connected())
            journal = Journal(self.journal.folder)
            Ingester(journal, readings(), BureauResolver()).step()
            journal.close()
            to_rest()
            look_after_requests()

    def sent(self) -> list[str]:
        return [
            r.payload.partition(b";CN=")[2][:4].decode() for r in self.journal.read(0) if r.kind is RecordKind.REQUEST
        ]

    def wait_for(self, condition: Any) -> None:
        pause = threading.Event()
        for _ in range(400):
            if condition():
                return
            self.work()
            pause.wait(0.05)
        pytest.fail("waited in vain")

    def stop(self) -> None:
        self._do(self.line.close())
        self._do(self.gateway.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def keeper() -> Keeper:
    return Keeper(dict(hour(number) for number in range(8)))


@pytest.fixture
def live(office: Office, data_dir: Path, keeper: Keeper) -> Iterator[Live]:
    made = Live(data_dir, keeper)
    yield made
    made.stop()


def stored_hours(office: Office) -> list[float | None]:
    numbers = [s.id for s in readings().series_of_points([office.gas.code]) if s.key[1:] == ("NOx", "Avg", "hour")]
    return [r.value for r in readings().window(numbers, 0, 2**40)]


def test_a_person_fetches_over_the_devices_own_line_though_the_policy_is_off(
    office: Office, live: Live, keeper: Keeper, clock_at: Any
) -> None:
    process.beat("gateway", port=1)
    live.deliver(*(keeper.hours[START + n * HOUR] for n in (0, 1, 5, 6)))
    live.work(2)
    clock_at(NOW + timedelta(minutes=11))
    live.work(2)
    assert live.sent() == []
    fetch_now(office["chief"], Device.objects.get(mn=GAS_MN), "hour", START, START + 7 * HOUR)
    live.wait_for(lambda: len(stored_hours(office)) == 7)
    clock_at(clock.now() + timedelta(seconds=10))
    live.wait_for(lambda: DeviceRequest.objects.get().ended_at)
    request = DeviceRequest.objects.get()
    assert (request.state, request.wanted, request.got) == (State.DONE, 3, 3)
    assert live.sent() == ["2061"]


def test_withheld_hours_are_fetched_over_the_devices_own_line(
    office: Office, live: Live, keeper: Keeper, clock_at: Any
) -> None:
    switch(fetch_history=True)
    live.deliver(*(keeper.hours[START + n * HOUR] for n in (0, 1, 5, 6)))
    live.work(2)
    assert stored_hours(office) == [20.5, 21.5, 25.5, 26.5]
    assert live.sent() == []
    clock_at(NOW + timedelta(minutes=11))
    live.wait_for(lambda: len(stored_hours(office)) == 7)
    assert stored_hours(office) == [20.5 + n for n in range(7)]
    clock_at(clock.now() + timedelta(seconds=10))
    live.wait_for(lambda: DeviceRequest.objects.get().ended_at)
    request = DeviceRequest.objects.get()
    assert (request.state, request.wanted, request.got, request.code) == (State.DONE, 3, 3, 1)
    assert None not in {request.sent_at, request.answered_at, request.executed_at}
    assert live.sent() == ["2061"]


def test_clock_is_set_over_the_devices_own_line(office: Office, live: Live, keeper: Keeper, clock_at: Any) -> None:
    switch(time_sync=True)
    live.deliver(keeper.hours[START])
    live.work()
    drift(GAS_MN, -600.0)
    live.wait_for(lambda: keeper.set_to)
    assert keeper.set_to == [clock.now().replace(microsecond=0)]
    assert live.sent() == ["1012"]


def test_with_the_policy_off_the_gateway_stays_silent(
    office: Office, live: Live, keeper: Keeper, clock_at: Any
) -> None:
    live.deliver(*(keeper.hours[START + n * HOUR] for n in (0, 1, 5, 6)))
    drift(GAS_MN, -600.0)
    clock_at(NOW + timedelta(minutes=11))
    live.work(8)
    live.deliver(keeper.hours[START + 7 * HOUR])
    live.work(8)
    assert stored_hours(office) == [20.5, 21.5, 25.5, 26.5, 27.5]
    assert (live.sent(), keeper.set_to) == ([], [])
    assert not DeviceRequest.objects.exists()


def signed_in(office: Office, who: str) -> Client:
    client = Client()
    client.force_login(office[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


class TestShown:
    """Pages and API tell what holds and what was asked."""

    @pytest.fixture
    def request_made(self, office: Office, device: Device, clock_at: Any) -> DeviceRequest:
        gap(office, clock_at)
        connect(GAS_MN)
        switch(fetch_history=True)
        look_after_requests()
        made = DeviceRequest.objects.get()
        said(made, Saying.SENT)
        said(made, Saying.ANSWERED, 3)
        return made

    def test_log_on_the_pages_and_in_the_api(self, office: Office, request_made: DeviceRequest) -> None:
        client = signed_in(office, "chief")
        for path in ("/books/devices/requests/", f"/books/devices/{GAS_MN}/"):
            text = client.get(path).content.decode()
            assert all(words in text for words in ("补取小时数据", "被拒绝", "PW错误", "缺 3 个时段")), path
        told_by_api = told(office, f"/devices/{GAS_MN}/requests").json()["items"]
        assert [(r["cn"], r["state"], r["result"], r["wanted"]) for r in told_by_api] == [
            ("2061", "refused", "PW错误", 3)
        ]
        assert told(office, f"/devices/{GAS_MN}").json()["fetch_history"] is True
        assert told(office, "/gateway").json()["requests"] == {"refused": 1}

    def test_who_sees_nothing_of_it(self, office: Office, request_made: DeviceRequest) -> None:
        assert GAS_MN not in signed_in(office, "other_firm").get("/books/devices/requests/").content.decode()
        assert told(office, f"/devices/{GAS_MN}/requests", "other_firm").status_code == 404

    def test_policy_and_a_device_of_its_own_are_set_on_the_pages(self, office: Office, device: Device) -> None:
        chief, officer = signed_in(office, "chief"), signed_in(office, "officer")
        form = {"time_sync": "on", "drift_s": "90", "back_days": ""}
        assert officer.post("/books/devices/requests/", form).status_code == 403
        assert officer.post(f"/books/devices/{GAS_MN}/follow/", {"time_sync": "on"}).status_code == 403
        assert chief.post("/books/devices/requests/", form).status_code == 302
        assert (
            chief.post(f"/books/devices/{GAS_MN}/follow/", {"fetch_history": "on", "time_sync": "off"}).status_code
            == 302
        )
        rule = policy(NOW)
        device.refresh_from_db()
        assert (rule.time_sync, rule.fetch_history, rule.drift_s, rule.back.days) == (True, False, 90, 7)
        assert (rule.sets_time(device), rule.fetches(device)) == (False, True)
        assert "应为 1 到 366" in chief.post("/books/devices/requests/", form | {"back_days": "400"}).content.decode()
