"""One device as the bureau sees it: what it deviated in, how its clock stands, what it sent, how it may speak."""

from __future__ import annotations

import json
import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from bureau.office import GAS_MN, WATER_MN, Office
from intake.frames import frame, local
from moment import NOW
from qingyuan import process
from qingyuan.bureau.accounts.actions.tokens import create_token
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, NotAllowed, WrongState
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.actions.adopt import adopt
from qingyuan.bureau.line.actions.in_use import restore, retire
from qingyuan.bureau.line.actions.keys import open_key
from qingyuan.bureau.line.actions.resolver import BureauResolver
from qingyuan.bureau.line.actions.settings import DeviceSettings, set_device
from qingyuan.bureau.line.actions.stations import known_stations, lay_down_register
from qingyuan.bureau.line.models import Device, DeviceCount, DeviceKey
from qingyuan.bureau.line.queries.words import words_of
from qingyuan.hj212 import CrcDialect, Deviation
from qingyuan.intake import ledger
from qingyuan.intake.ingest import Ingester
from qingyuan.intake.journal import Journal, NewRecord, RecordKind
from qingyuan.intake.register_file import REGISTER_FILE, RegisterFile
from qingyuan.intake.sealing import KeyBox

MN, KEY = "C" * 24, bytes(range(16))
pytestmark = pytest.mark.django_db


@pytest.fixture
def device(office: Office) -> Device:
    return Device.objects.create(mn=MN, point=office.gas, system_type="31")


def put(data_dir: Path, *raws: bytes, kind: RecordKind = RecordKind.FRAME) -> None:
    journal = Journal(data_dir / "journal")
    journal.append([NewRecord(kind, raw, "10.1.2.3:4", int(NOW.timestamp() * 1e6)) for raw in raws])
    Ingester(journal, readings(), BureauResolver()).step()
    journal.close()


def told(office: Office, path: str, who: str = "chief") -> Any:
    _, secret = create_token(None, office[who], "t", ("read",))
    return Client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {secret}"})


def at(hours: float, **more: Any) -> bytes:
    sent = local(NOW + timedelta(hours=hours)) + "000"
    return frame(at=NOW - timedelta(hours=3), mn=MN, qn=sent, **more)


def test_deviations_clock_and_line_are_told(office: Office, device: Device, data_dir: Path) -> None:
    crc = at(-2)[:-6] + b"0000\r\n"
    put(data_dir, at(-1), crc, at(-20_000))
    put(data_dir, crc, kind=RecordKind.REJECTED)
    pages = {MN: {"counts": {"frames": 9, "closed_slow": 2, "crc_mismatch": 1}, "at": NOW.isoformat(), "peer": "p:1"}}
    process.write_json(process.run_dir() / "gateway_stations.json", {"stations": pages, "peers": {}, "connected": [MN]})
    facts = told(office, f"/devices/{MN}").json()
    assert {c["kind"]: c["count"] for c in facts["deviations"]} == {"crc_mismatch": 2, "crc_zero": 2, "clock_off": 1}
    assert {c["kind"]: c["count"] for c in facts["line"]} == {"frames": 9, "closed_slow": 2}
    assert {c["kind"]: c["count"] for c in facts["outcomes"]} == {"stored": 1, "crc_mismatch": 2, "clock_off": 1}
    assert facts["drift_s"] == pytest.approx(-20_000 * 3600, abs=1)
    assert (facts["is_connected"], facts["peer"]) == (True, "p:1")


def test_packets_are_annotated_and_the_password_hidden(office: Office, device: Device, data_dir: Path) -> None:
    put(data_dir, at(-1))
    answer = told(office, f"/devices/{MN}/packets")
    (packet,) = answer.json()["items"]
    assert b"123456" not in answer.content
    fields = {f["name"]: (f["text"], f["meaning"]) for f in packet["fields"]}
    assert fields["a21002-Avg"] == ("41.5", "氮氧化物 均值（mg/m3）")
    assert fields["CN"][1].startswith("命令编码：")
    assert packet["outcome"] == "stored"


def test_waiting_station_comes_with_a_proposal(office: Office, data_dir: Path) -> None:
    put(data_dir, at(-1))
    proposal = told(office, f"/devices/{MN}").json()["proposal"]
    assert proposal["kind"] == "outlet"
    assert proposal["factors"] == [["a21002", "氮氧化物"]]


def test_tail_is_not_sent_again_while_nothing_came(office: Office, device: Device, data_dir: Path) -> None:
    put(data_dir, at(-1))
    client = Client()
    client.force_login(office["chief"], backend="django.contrib.auth.backends.ModelBackend")
    path = f"/books/devices/{MN}/tail/"
    first = client.get(path)
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
    put(data_dir, at(-0.5))
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert "氮氧化物" in client.get(f"/books/devices/{MN}/").content.decode()


def test_key_is_sealed_and_in_no_log_or_audit(
    office: Office, device: Device, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    set_device(office["chief"], device, DeviceSettings(network="10.1.0.0/16", crc_dialect="modbus", sm4_key=KEY))
    row = DeviceKey.objects.get()
    assert open_key(MN, row.sealed) == KEY
    with pytest.raises(Invalid, match=r"secret\.key"):
        open_key("D" * 24, row.sealed)
    station = known_stations()[MN]
    assert station.how == (frozenset({CrcDialect.MODBUS}), (KEY,))
    assert [str(n) for n in station.networks] == ["10.1.0.0/16"]
    entry = AuditEntry.objects.filter(verb="device.set").get()
    everything = caplog.text + entry.summary + json.dumps(entry.data) + row.sealed + repr(station)
    connection.queries_log.clear()
    assert KEY.hex() not in everything
    assert repr(KEY) not in everything
    assert station.how.keys == (KEY,)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(DeviceSettings(network="10.1.0.0/99"), id="network"),
        pytest.param(DeviceSettings(crc_dialect="crc32"), id="dialect"),
        pytest.param(DeviceSettings(hour_seconds=0), id="interval"),
    ],
)
def test_wrong_settings_are_refused(office: Office, device: Device, wrong: DeviceSettings) -> None:
    with pytest.raises(Invalid, match="应为"):
        set_device(office["chief"], device, wrong)


def test_who_may_not_set(office: Office, device: Device) -> None:
    with pytest.raises(NotAllowed):
        set_device(office["firm"], device, DeviceSettings(network="10.0.0.0/8"))


def test_network_that_cannot_be_read_admits_nobody(office: Office, device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(network="ten")
    (network,) = known_stations()[MN].networks
    assert network.num_addresses == 1


def test_register_is_laid_down_for_the_gateway_at_once(
    office: Office, device: Device, data_dir: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        set_device(office["chief"], device, DeviceSettings(network="10.1.0.0/16", sm4_key=KEY))
    register = RegisterFile(process.run_dir() / REGISTER_FILE, KeyBox(settings.SECRET_KEY))
    assert register()[MN] == known_stations()[MN]
    assert not lay_down_register(), "nothing changed, nothing is written"
    Device.objects.filter(pk=device.pk).update(state=Device.State.RETIRED)
    assert lay_down_register()
    assert MN not in register()


class TestUnfriendly:
    """What made-up and misbehaving stations do is counted and seen, and does not fill the register."""

    def test_a_clock_years_off_is_told_on_the_page_of_the_waiting_station(self, office: Office, data_dir: Path) -> None:
        put(data_dir, at(24 * 365 * 20))
        device = Device.objects.get(mn=MN)
        assert device.state == Device.State.WAITING
        facts = told(office, f"/devices/{MN}").json()
        assert {c["kind"]: c["count"] for c in facts["outcomes"]} == {"clock_off": 1}
        assert facts["drift_s"] == pytest.approx(24 * 365 * 20 * 3600, abs=1)

    def test_made_up_names_fill_neither_the_waiting_room_nor_the_counts(
        self, office: Office, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("QINGYUAN_GATEWAY_MAX_WAITING", "3")
        put(data_dir, *(frame(mn=f"?{number}") for number in range(5)))
        assert not Device.objects.filter(state=Device.State.WAITING).exists()
        put(data_dir, *(frame(mn=f"{number:024X}") for number in range(5)))
        assert Device.objects.filter(state=Device.State.WAITING).count() == 3
        counts = dict(DeviceCount.objects.filter(mn="").values_list("kind", "count"))
        assert counts["waiting_full"] == 2
        assert counts["mn_form"] == 5
        assert set(DeviceCount.objects.values_list("mn", flat=True)) <= {"", *(f"{n:024X}" for n in range(3))}

    def test_addresses_without_a_name_are_shown_to_who_keeps_the_devices(self, office: Office, data_dir: Path) -> None:
        page = {"counts": {"closed_slow": 4, "garbage": 9}, "at": NOW.isoformat(), "peer": "10.9.9.9:1"}
        content = {"stations": {}, "peers": {"10.9.9.9": page}, "connected": []}
        process.write_json(process.run_dir() / "gateway_stations.json", content)
        seen = {}
        for who in ("chief", "officer"):
            client = Client()
            client.force_login(office[who], backend="django.contrib.auth.backends.ModelBackend")
            seen[who] = client.get("/books/devices/").content.decode()
        assert "10.9.9.9" in seen["chief"]
        words = " ".join(re.sub(r"<[^>]+>", " ", seen["chief"]).split())
        assert "半包久不完整，断开 4" in words
        assert "10.9.9.9" not in seen["officer"]

    def test_the_page_of_the_gateway_lists_every_kind_by_station_and_address(
        self, office: Office, device: Device, data_dir: Path
    ) -> None:
        put(data_dir, frame(mn="?1"))
        odd = {"frames": 5, "slowed": 3, "closed_slow": 2, "wrong_network": 1, "crc_mismatch": 4}
        stations = {
            MN: {"counts": odd, "at": NOW.isoformat(), "peer": "10.1.1.1:5"},
            GAS_MN: {
                "counts": {"frames": 9, "acknowledged": 9, "asked": 1},
                "at": NOW.isoformat(),
                "peer": "10.1.1.2:5",
            },
        }
        peers = {"10.9.9.9": {"counts": {"closed_garbage": 7, "over_long": 1}, "at": None, "peer": ""}}
        content = {"stations": stations, "peers": peers, "connected": [MN]}
        process.write_json(process.run_dir() / "gateway_stations.json", content)
        process.beat(
            "gateway", port=9000, connections=2, counts={"rejected_garbage": 8}, register_error="no such table"
        )
        client = Client()
        client.force_login(office["chief"], backend="django.contrib.auth.backends.ModelBackend")
        text = " ".join(client.get("/books/devices/gateway/").content.decode().split())
        for words in (
            "超过速率上限，放慢接收 3", "半包久不完整，断开 2", "来自未登记的网段，未采用 1", "CRC 校验不符 4",
            "杂乱字节过多，断开 7", "拒收：帧外字节", "读不到设备登记", "台未连接", "不是 24 位十六进制数",
        ):  # fmt: skip
            assert words in text, words
        assert GAS_MN not in text, "a friendly station is not listed"
        told_ = told(office, "/gateway").json()
        assert [s["name"] for s in told_["stations"]] == [MN]
        assert told_["peers"][0]["counts"] == {"closed_garbage": 7, "over_long": 1}

    def test_every_count_of_the_gateway_has_words(self) -> None:
        words = {getattr(ledger, n) for n in vars(ledger) if n.isupper() and n[0] != "_"}
        own = {w for w in words if isinstance(w, str)} - {ledger.OTHERS, ledger.LEDGER_FILE}
        counted = own | {"refused_network", "refused_too_many", "not_acknowledged_journal_full"}
        assert len(own) >= 8
        assert [kind for kind in counted if not words_of(kind)] == []
        assert [d for d in Deviation if not words_of(f"rejected_{d.value}")] == []


class TestAdoption:
    """The waiting room on the page."""

    def test_the_likeliest_point_is_one_without_a_device_whose_limits_fit(self, office: Office, data_dir: Path) -> None:
        put(data_dir, at(-1))
        Device.objects.filter(mn=GAS_MN).update(state=Device.State.RETIRED)
        points = told(office, f"/devices/{MN}").json()["proposal"]["points"]
        assert [(p["code"], p["items"], p["has_device"]) for p in points] == [("GAS", ["NOx"], False)]
        client = Client()
        client.force_login(office["chief"], backend="django.contrib.auth.backends.ModelBackend")
        text = client.get(f"/books/devices/{MN}/").content.decode()
        assert '<option value="GAS" selected>' in text
        answer = client.post(f"/books/devices/{MN}/adopt/", {"point": "GAS"}, follow=True)
        assert "已认领" in answer.content.decode()
        row = Device.objects.get(mn=MN)
        assert (row.state, row.point) == (Device.State.ACTIVE, office.gas)
        again = client.post(f"/books/devices/{MN}/adopt/", {"point": "GAS"}, follow=True)
        assert "已在用" in again.content.decode()

    def test_out_of_use_and_back(self, office: Office, data_dir: Path) -> None:
        put(data_dir, at(-1))
        client = Client()
        client.force_login(office["chief"], backend="django.contrib.auth.backends.ModelBackend")
        path = f"/books/devices/{MN}/in-use/"
        assert "须写理由" in client.post(path, follow=True).content.decode()
        client.post(path, {"reason": "外县的站点"})
        row = Device.objects.get(mn=MN)
        assert row.state == Device.State.RETIRED
        put(data_dir, at(-0.5))
        assert readings().series_of_points([MN]) == []
        with pytest.raises(WrongState, match="恢复"):
            adopt(office["chief"], row, office.gas)
        client.post(path)
        row.refresh_from_db()
        assert row.state == Device.State.WAITING
        adopt(office["chief"], row, office.gas)
        row.refresh_from_db()
        retire(office["chief"], row, "认错了")
        assert MN not in known_stations()
        restore(office["chief"], row)
        assert row.state == Device.State.ACTIVE
        verbs = AuditEntry.objects.filter(verb__in=("device.retire", "device.restore")).order_by("pk")
        assert [e.verb for e in verbs] == ["device.retire", "device.restore"] * 2
        with pytest.raises(NotAllowed):
            retire(office["officer"], row, "x")

    @pytest.mark.parametrize(("line", "listed"), [("on", [MN]), ("off", [GAS_MN, WATER_MN])])
    def test_the_list_by_connection(
        self, office: Office, device: Device, data_dir: Path, line: str, listed: list[str]
    ) -> None:
        pages = {MN: {"counts": {}, "at": NOW.isoformat(), "peer": ""}}
        process.write_json(
            process.run_dir() / "gateway_stations.json", {"stations": pages, "peers": {}, "connected": [MN]}
        )
        client = Client()
        client.force_login(office["chief"], backend="django.contrib.auth.backends.ModelBackend")
        text = client.get("/books/devices/", {"line": line}).content.decode()
        assert [mn for mn in (GAS_MN, WATER_MN, MN) if mn in text] == listed
