"""Freshness: what was received, parsed, judged; where it stopped; planned stops; the watchdog watched."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bureau.office import GAS_MN, Office, put_hours, second
from moment import NOW
from qingyuan import clock, process
from qingyuan.bureau.alerts.actions.silence import sweep_silence
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, Missing, NotAllowed, WrongState
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.loop import step
from qingyuan.bureau.monitoring.queries.arrivals import Arrival, arrivals
from qingyuan.bureau.monitoring.queries.watchdog import MISSED_SWEEPS, SWEEP_SECONDS, watchdog
from qingyuan.bureau.values.actions.stops import end_stop, plan_stop
from qingyuan.intake.journal import NewRecord, RecordKind
from qingyuan.readings import Message

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TOP = NOW.replace(minute=0)
LONG = SWEEP_SECONDS * MISSED_SWEEPS


def one(point: Any) -> Arrival:
    (found,) = arrivals([type(point).objects.get(pk=point.pk)])
    return found


def heard(at: Any, outcome: str, origin: int) -> None:
    readings().append([], messages=[Message(origin, bytes([origin]) * 16, second(at), GAS_MN, "2061", outcome)])


def test_the_three_instants_follow_each_other(office: Office) -> None:
    put_hours(office.gas, "NOx", TOP - 3 * HOUR, [30.0, 31.0])
    step()
    put_hours(office.gas, "NOx", TOP - HOUR, [32.0], origin=9)
    heard(TOP + timedelta(minutes=5), "stored", 1)
    heard(TOP + timedelta(minutes=9), "bad_crc", 2)
    found = one(office.gas)
    assert found.received == TOP + timedelta(minutes=9)
    assert found.parsed == TOP + timedelta(minutes=5)
    assert found.evaluated is None, "the newest hour of its one series waits to be judged"
    step()
    assert one(office.gas).evaluated == TOP


@pytest.mark.parametrize(
    ("last_message", "outcome", "side", "words"),
    [
        (None, "", "link", "从未连接"),
        (NOW - 9 * HOUR, "stored", "link", "没有连接"),
        (NOW - timedelta(minutes=2), "bad_crc", "device", "不能用（bad_crc）"),
        (NOW - timedelta(minutes=2), "stored", "device", "时钟落后"),
    ],
    ids=["never connected", "no connection", "frames of no use", "clock behind"],
)
def test_the_cause_of_silence(office: Office, last_message: Any, outcome: str, side: str, words: str) -> None:
    if last_message is not None:
        put_hours(office.gas, "NOx", TOP - 12 * HOUR, [30.0])
        heard(last_message, outcome, 3)
    found = one(office.gas)
    assert found.state == ("silent" if last_message else "never")
    assert found.cause is not None
    assert (found.cause.side, words in found.cause.words) == (side, True), found.cause


def test_a_clock_that_is_ahead_is_named_though_data_come(office: Office) -> None:
    put_hours(office.gas, "NOx", TOP + 24 * HOUR, [30.0])
    heard(NOW, "stored", 3)
    found = one(office.gas)
    assert found.cause is not None
    assert "超前" in found.cause.words


def test_a_point_without_a_device_says_where_its_data_come_from(office: Office) -> None:
    put_hours(office.air, "PM10", TOP - 12 * HOUR, [30.0])
    cause = one(office.air).cause
    assert cause is not None
    assert cause.side == "source"


def test_our_own_fault_comes_first(office: Office) -> None:
    put_hours(office.gas, "NOx", TOP - 12 * HOUR, [30.0])
    process.beat("gateway", port=1)
    process.beat("work", lag_s=400.0)
    cause = one(office.gas).cause
    assert cause is not None
    assert (cause.side, "400 秒" in cause.words) == ("us", True)
    old = clock.SystemClock().now().timestamp() - 3600
    process.write_json(process.run_dir() / "gateway.json", {"pid": 1, "at": old})
    cause = one(office.gas).cause
    assert cause is not None
    assert "接入服务" in cause.words


def test_one_item_can_be_silent_while_its_point_speaks(office: Office) -> None:
    put_hours(office.air, "PM10", TOP - 2 * HOUR, [30.0, 31.0], unit="ug/m3")
    put_hours(office.air, "NO2", TOP - 20 * HOUR, [30.0], unit="ug/m3")
    found = one(office.air)
    assert found.state == "fresh"
    assert [s.item for s in found.silent_series] == ["NO2"]


class TestCatchingUp:
    """A device that was away sends what it stored, oldest first: while it does, it is not silent."""

    def test_no_alert_begins_while_old_hours_come_in(self, office: Office, clock_at: Any) -> None:
        put_hours(office.gas, "NOx", TOP - 30 * HOUR, [30.0, 31.0], received=NOW - timedelta(minutes=1))
        assert one(office.gas).state == "silent"
        assert sweep_silence() == []
        clock_at(NOW + 4 * HOUR)  # it said no more
        assert len(sweep_silence()) == 1

    def test_one_that_runs_goes_on(self, office: Office) -> None:
        put_hours(office.gas, "NOx", TOP - 31 * HOUR, [30.0])
        (begun,) = sweep_silence()
        put_hours(office.gas, "NOx", TOP - 30 * HOUR, [31.0], received=NOW - timedelta(minutes=1), origin=9)
        assert sweep_silence() == []
        begun.refresh_from_db()
        assert begun.ended_at is None


class TestBacklog:
    """How far a history is read and judged stands on the page of arrivals and in the health of the system."""

    def test_said_where_there_is_one(self, office: Office) -> None:
        client = Client()
        client.force_login(office["chief"])
        process.beat("work", unread=0, dirty_most=0)
        assert "正在补历史数据" not in client.get("/monitoring/freshness/").content.decode()
        process.beat("work", unread=5_000_000, unread_of=20_000_000, dirty_most=0)
        page = client.get("/monitoring/freshness/").content.decode()
        assert "正在补历史数据" in page
        assert "读出 75%，还有 5.0 MB 报文" in page
        told = json.loads(client.get("/healthz").content)["waiting"]
        assert (told["unread"], told["unread_of"]) == (5_000_000, 20_000_000)


def test_where_frames_come_all_the_time_nothing_waits_for_a_pause(office: Office, monkeypatch: Any) -> None:
    """At some frames a second one always comes during a turn: emissions, requests and parts were put off for ever."""
    from qingyuan.ops import worker as roles

    made = roles.Worker()
    real, done = made._ingester.step, []

    def one_more_comes(limit: int) -> Any:
        progress = real(limit)
        made._journal.append([NewRecord(RecordKind.FRAME, b"##", "p", int(clock.now().timestamp() * 1e6))])
        return progress

    monkeypatch.setattr(made._ingester, "step", one_more_comes)
    monkeypatch.setattr(roles.kept_emissions, "work_off", lambda: done.append("emissions"))
    monkeypatch.setattr(roles, "look_after_requests", lambda **_: done.append("requests"))
    made._chores = [chore for chore in made._chores if chore.name in {"emissions", "requests"}]
    made._turn()
    assert sorted(done) == ["emissions", "requests"]
    made._journal.append([NewRecord(RecordKind.FRAME, b"##", "p", 1)] * (roles.BATCH_RECORDS + 5))
    done.clear()
    made._chores = [roles._Chore(chore.name, 0.0, chore.run) for chore in made._chores]
    made._turn()
    assert done == []  # much lies unread: now they wait
    made._journal.close()


def test_how_much_is_read_of_what_came(office: Office) -> None:
    """While more came than was read, the page said for minutes that nothing was read yet."""
    from qingyuan.bureau.judging.queries.waiting import MANY_BYTES
    from qingyuan.ops.worker import Worker

    made = Worker()
    assert made._unread(MANY_BYTES - 1, 0) == {"unread": MANY_BYTES - 1, "unread_of": MANY_BYTES - 1}
    big = 100 * MANY_BYTES
    assert made._unread(big, 0) == {"unread": big, "unread_of": big}
    assert made._unread(2 * big, big // 2) == {"unread": 3 * big // 2, "unread_of": 2 * big}
    assert made._unread(2 * big, 2 * big) == {"unread": 0, "unread_of": 0}
    made._journal.close()


class TestPlannedStops:
    def test_a_stop_is_no_silence_and_its_early_end_is(self, office: Office) -> None:
        put_hours(office.gas, "NOx", TOP - 12 * HOUR, [30.0])
        stop = plan_stop(office["monitor"], office.gas, NOW - HOUR, NOW + HOUR, "检修")
        assert one(office.gas).state == "planned"
        assert sweep_silence() == []
        end_stop(office["monitor"], stop)
        assert one(office.gas).state == "silent"
        assert len(sweep_silence()) == 1
        assert AuditEntry.objects.filter(verb__in=["stop.plan", "stop.end"]).count() == 2
        with pytest.raises(WrongState):
            end_stop(office["monitor"], stop)

    def test_one_that_has_not_begun_never_begins(self, office: Office) -> None:
        stop = end_stop(office["chief"], plan_stop(office["chief"], office.gas, NOW + HOUR, NOW + 2 * HOUR, "停产"))
        assert stop.start == stop.end

    def test_refused(self, office: Office) -> None:
        with pytest.raises(Missing):
            plan_stop(office["monitor"], office.gas, NOW, NOW + HOUR, " ")
        with pytest.raises(Invalid):
            plan_stop(office["monitor"], office.gas, NOW, NOW, "检修")
        with pytest.raises(NotAllowed):
            plan_stop(office["south"], office.gas, NOW, NOW + HOUR, "检修")


class TestWatchdog:
    """In real time, whatever the clock of a demo says."""

    @pytest.mark.parametrize(
        ("looked", "swept", "held", "state"),
        [
            (1, 1, "", "ok"),
            (LONG + 5, LONG + 5, "", "late"),
            (1, LONG + 5, "behind", "held"),
            (1, 5, "behind", "ok"),
            (None, None, "", "never"),
        ],
    )
    def test_state(self, office: Office, looked: float | None, swept: float | None, held: str, state: str) -> None:
        now = clock.SystemClock().now().timestamp()
        facts = {"silence_looked_at": now - looked, "silence_swept_at": now - (swept or 0)} if looked else {}
        process.beat("work", silence_held=held, **facts)
        assert watchdog().state == state

    def test_health_turns_bad_when_the_sweep_stands_still(self, office: Office) -> None:
        now = clock.SystemClock().now().timestamp()
        for role in process.ROLES:
            process.beat(role, silence_looked_at=now, silence_swept_at=now)
        told = json.loads(Client().get("/healthz").content)
        assert (told["status"], told["watchdog"]["state"]) == ("ok", "ok")
        process.beat("work", silence_looked_at=now - LONG - 1, silence_swept_at=now - LONG - 1)
        told = json.loads(Client().get("/healthz").content)
        assert (told["status"], told["watchdog"]["state"]) == ("degraded", "late")
        assert told["problems"] == ["断数巡查没有按时运行"]

    def test_the_worker_says_when_it_swept_and_when_it_held_back(self, office: Office) -> None:
        from qingyuan.ops.worker import Worker

        worker = Worker()
        worker._facts["silence_looked_at"] = worker._facts["silence_swept_at"] = 1.0
        worker._journal.append([NewRecord(RecordKind.FRAME, b"##", "p", int(clock.now().timestamp() * 1e6))] * 2)
        worker._last_received_us = int((clock.now().timestamp() - 60) * 1e6)
        worker._silence()
        worker._beat()
        assert watchdog().state == "held"
        assert worker._facts["silence_swept_at"] == 1.0
        worker._ingester.step_ahead(clock.now())  # what lies unread is looked through: nothing of it is live
        worker._silence()
        worker._beat()
        assert watchdog().state == "ok"
        worker._journal.close()
