"""The load: as many frames as asked, each unique, and a manifest that agrees with what arrived."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from qingyuan import clock
from qingyuan.cli import main
from qingyuan.hj212 import decode, encode
from qingyuan.hj212.contents import time_text
from qingyuan.hj212.message import beijing_time
from qingyuan.simulate.devices import device_mn
from qingyuan.simulate.errors import NoSuchKindError, UnknownFaultError
from qingyuan.simulate.load import LoadResult, Speech, load
from qingyuan.simulate.unfriendly import WAYS, mn_of, parse_ways
from simulate.gateway import SmallGateway

NAMES = ["mn", "qn", "cn", "st", "edition", "data_time", "pnum", "pno", "fault", "values", "acknowledged"]
Sent = set[tuple[str, str, str, str]]


def run(tmp_path: Path, gateway: SmallGateway, count: int, rate: float, seconds: float, **more: Any) -> LoadResult:
    async def go() -> LoadResult:
        await gateway.start()
        found = await load(
            "127.0.0.1", gateway.port, count, rate, seconds, manifest_path=tmp_path / "manifest.jsonl", **more
        )
        await gateway.stop()
        return found

    return asyncio.run(go())


def manifest(tmp_path: Path) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in (tmp_path / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    assert all(list(row) == NAMES for row in rows)
    return rows


def said(rows: list[dict[str, Any]]) -> Sent:
    return {(row["mn"], row["qn"], row["cn"], json.dumps(row["values"], sort_keys=True)) for row in rows}


def heard(gateway: SmallGateway) -> Sent:
    found = set()
    for frame in gateway.frames:
        message = decode(frame)
        is_readings = frame.cn in {"2011", "2031", "2051", "2052", "2061", "2111"}
        found.add((frame.mn, frame.qn, frame.cn, json.dumps(message.items if is_readings else {}, sort_keys=True)))
    return found


def test_the_manifest_agrees_with_what_the_gateway_received(tmp_path: Path):
    gateway = SmallGateway()
    result = run(tmp_path, gateway, 7, 300.0, 0.5, speech=Speech(editions=("2005", "2017", "2025")))
    rows = manifest(tmp_path)
    assert result.sent == result.acknowledged == len(rows) == 150
    assert all(row["acknowledged"] for row in rows)
    assert said(rows) == heard(gateway)
    assert all(decode(frame).deviations == () for frame in gateway.frames if frame.edition != "2005")
    assert {row["edition"] for row in rows} == {"2005", "2017", "2025"}
    assert {"2011", "2051", "2061", "2031"} <= {row["cn"] for row in rows}
    assert len({(row["mn"], row["cn"], row["data_time"]) for row in rows}) == 150
    assert gateway.connections == 7


def test_frames_without_an_answer_are_listed_as_such(tmp_path: Path):
    gateway = SmallGateway(silent_for=4)
    result = run(tmp_path, gateway, 2, 100.0, 0.2, grace_s=0.3)
    assert (result.sent, result.acknowledged) == (20, 16)
    assert sum(not row["acknowledged"] for row in manifest(tmp_path)) == 4


def test_with_faults_every_frame_that_was_meant_arrives_and_no_damaged_value_does(tmp_path: Path):
    shares = dict.fromkeys(("garbage", "half", "crc", "duplicate", "no_cr", "split", "modbus"), 0.12)
    gateway = SmallGateway()
    result = run(tmp_path, gateway, 5, 400.0, 0.5, speech=Speech(faults=shares, kinds=("2011", "2051")))
    rows = manifest(tmp_path)
    assert set(result.faults) == set(shares)
    meant = [row for row in rows if row["fault"] != "modbus"]
    assert result.acknowledged == len(meant) > 150
    assert said(meant) == heard(gateway)
    assert not any(row["acknowledged"] for row in rows if row["fault"] == "modbus")
    assert gateway.rejected
    assert len(gateway.frames) > len(meant)
    assert {row["pnum"] for row in rows if row["fault"] == "split"} > {None} or any(row["pno"] == 2 for row in rows)


def test_a_device_that_resends_gets_every_frame_through_lines_that_drop(tmp_path: Path):
    gateway = SmallGateway()
    speech = Speech(faults={"hang_up": 0.1}, kinds=("2011",))
    result = run(tmp_path, gateway, 4, 200.0, 0.5, speech=speech, is_resending=True)
    assert result.faults["hang_up"] > 3
    assert result.acknowledged == result.sent == 100
    assert said(manifest(tmp_path)) == heard(gateway)


def test_two_loads_may_speak_for_different_devices(tmp_path: Path):
    run(tmp_path, SmallGateway(), 2, 40.0, 0.2, speech=Speech(first=7))
    assert {row["mn"] for row in manifest(tmp_path)} == {device_mn(7), device_mn(8)}


def test_a_kind_that_no_device_uploads_is_refused(tmp_path: Path):
    with pytest.raises(NoSuchKindError, match="1062"):
        run(tmp_path, SmallGateway(), 1, 10.0, 0.1, speech=Speech(kinds=("1062",)))


def ask(gateway: SmallGateway, cn: str, cp: str) -> None:
    """Put a request on every line as soon as its device has spoken."""
    gateway.asks = lambda frame: encode(
        qn="20260101000000001", st=frame.head.st, cn=cn, pw="", mn=frame.mn, flag=5, cp=cp
    )


def replies(gateway: SmallGateway) -> list[tuple[str, str, dict[str, str]]]:
    return [(f.cn, f.qn, dict(decode(f).fields)) for f in gateway.frames if f.cn in {"9011", "9012"}]


def test_withheld_hours_come_when_they_are_asked_for(tmp_path: Path):
    gateway = SmallGateway()
    gateway.asks_after = 10
    ask(gateway, "2061", "BeginTime=20000101000000;EndTime=20990101000000")
    speech = Speech(kinds=("2011", "2061"), faults={"gap": 1.0}, seed=3)
    result = run(tmp_path, gateway, 1, 40.0, 0.5, speech=speech, is_resending=True)
    rows = manifest(tmp_path)
    withheld = [row for row in rows if row["cn"] == "2061"]
    assert all(row["fault"] == "gap" for row in withheld)
    fetched = {f.qn for f in gateway.frames if f.cn == "2061"}
    assert len(fetched) >= 4
    assert {row["qn"] for row in withheld if row["acknowledged"]} == fetched
    assert ("9011", "20260101000000001", {"QnRtn": "1"}) in replies(gateway)
    assert ("9012", "20260101000000001", {"ExeRtn": "1"}) in replies(gateway)
    assert result.sent == len(rows)


def test_a_device_without_such_data_says_so(tmp_path: Path):
    gateway = SmallGateway()
    ask(gateway, "2061", "BeginTime=20000101000000;EndTime=20000101000000")
    run(tmp_path, gateway, 1, 20.0, 0.3)
    assert ("9012", "20260101000000001", {"ExeRtn": "100"}) in replies(gateway)


def test_what_changes_a_device_is_refused(tmp_path: Path):
    gateway = SmallGateway()
    ask(gateway, "1062", "RtdInterval=30")
    run(tmp_path, gateway, 1, 20.0, 0.3)
    assert {(cn, fields["QnRtn"]) for cn, _, fields in replies(gateway)} == {("9011", "2")}


def test_a_clock_that_is_slow_is_right_after_it_was_set(tmp_path: Path):
    gateway = SmallGateway()
    now = clock.beijing(clock.now())
    ask(gateway, "1012", f"SystemTime={time_text(now)}")
    run(tmp_path, gateway, 1, 10.0, 0.6, speech=Speech(kinds=("2011",), faults={"clock": 1.0}))
    sent = [beijing_time(f.qn[:14]) for f in gateway.frames if f.cn == "2011"]
    off = [round((at - now).total_seconds()) for at in sent if at is not None]
    assert -620 < off[0] < -580
    assert -30 < off[-1] < 30


def test_unfriendly_clients_beside_a_load_are_counted_and_harm_nobody(tmp_path: Path):
    gateway = SmallGateway()
    result = run(tmp_path, gateway, 3, 50.0, 1.0, speech=Speech(unfriendly=tuple(WAYS)))
    assert result.sent == result.acknowledged == 50
    own = {device_mn(number) for number in range(3)}
    assert len([f for f in gateway.frames if f.mn in own]) == 50
    others = {f.mn for f in gateway.frames} - own
    assert {mn_of("flood"), mn_of("years_off")} <= others
    assert any(mn.startswith("?") for mn in others)
    assert gateway.rejected


def test_ways_are_read_by_name():
    assert parse_ways("slow, flood") == ["slow", "flood"]
    assert parse_ways("all") == list(WAYS)
    assert parse_ways("") == []
    with pytest.raises(UnknownFaultError, match="rain"):
        parse_ways("rain")


def test_the_commands_help_names_every_way(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["simulate", "devices", "--help"])
    shown = "".join(capsys.readouterr().out.split())
    assert [name for name, words in WAYS.items() if "".join(f"{name}{words}".split()) not in shown] == []
