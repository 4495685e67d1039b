"""The processes of an installation: start, crash, stop. Story: a bureau's old server, power cuts included."""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import threading
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest

from ops.running import Installation, command, eventually, is_running

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("installation")]
FAULTS = "duplicate=0.02,garbage=0.02,half=0.02,crc=0.02,no_cr=0.02,split=0.02,hang_up=0.005"
GRAINS = {"2011": "raw", "2051": "minute", "2061": "hour", "2031": "day"}
KILLS = 3
KILLS_IN_FULL = 20


def test_health_names_every_role(installation: Installation) -> None:
    health = installation.healthy()
    assert health["status"] == "ok"
    assert health["roles"] == {"serve": "ok", "work": "ok", "gateway": "ok"}
    assert {"version", "demo", "last_packet_at", "lag_s"} <= set(health)


def test_password_and_address_are_printed_once(installation: Installation) -> None:
    assert installation.output.count("一次性密码") == 1
    assert f":{installation.port('serve')}/" in installation.output


def _kill_gateway_under_load(installation: Installation, kills: int, tmp_path: Path) -> None:
    """Load from devices that re-send what was not acknowledged, and kill -9 again and again."""
    manifest = tmp_path / "manifest.jsonl"
    seconds = 4 + kills * 6
    port = str(installation.port("gateway"))
    options = ["--port", port, "--count", "20", "--rate", "200", "--seconds", str(seconds), "--manifest", str(manifest)]
    options += ["--edition", "mixed", "--resend", "--faults", FAULTS, "--first", str(kills * 100)]
    load = threading.Thread(
        target=command, args=(installation.data, "simulate", "devices", *options), kwargs={"timeout": 300}
    )
    load.start()
    killed: set[int] = set()
    for _ in range(kills):
        pid = eventually(lambda: _new_pid(installation, killed), "a gateway that is up again")
        eventually(lambda: _acknowledges(installation), "a gateway that acknowledges")
        os.kill(pid, signal.SIGKILL)
        killed.add(pid)
    load.join(300)
    assert not load.is_alive()
    assert len(killed) == kills
    _compare(installation, manifest, tmp_path / "readings.csv")


def _new_pid(installation: Installation, killed: set[int]) -> int | None:
    pid = installation.pid("gateway")
    return pid if pid not in killed and is_running(pid) else None


def _acknowledges(installation: Installation) -> bool:
    try:
        facts = json.loads((installation.data / "run" / "gateway.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return bool(facts["counts"].get("acknowledged"))


def _compare(installation: Installation, manifest: Path, out: Path) -> None:
    """Every frame was acknowledged in the end; every value is in the readings once, and nothing else is."""
    rows = [json.loads(line) for line in manifest.read_text().splitlines()]
    assert rows
    assert [row for row in rows if not row["acknowledged"]] == []
    sent: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for row in rows:
        if row["cn"] in GRAINS:
            start = datetime.strptime(row["data_time"], "%Y%m%d%H%M%S").strftime("%Y-%m-%dT%H:%M:%S+08:00")  # noqa: DTZ007
            for subs in row["values"].values():
                for sub in subs.keys() - {"Flag"}:
                    sent[row["mn"], sub, GRAINS[row["cn"]], start].append(float(subs[sub]))
    command(installation.data, "readings", "export", "--series", "*", "--out", str(out))
    devices = {row["mn"] for row in rows}
    with out.open(newline="") as file:
        stored = [r for r in csv.DictReader(file) if r["point"] in devices and r["rank"] == "reported"]
    keys = [(r["series"], r["start"], r["end"]) for r in stored]
    assert len(keys) == len(set(keys))
    assert all(r["revisions"] == "1" for r in stored if r["grain"] in {"raw", "minute"})
    got: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for r in stored:
        got[r["point"], r["statistic"], r["grain"], r["start"]].append(float(r["value"]))
    lost = [key for key in sent if sorted(sent[key]) != sorted(got[key])]
    assert not lost, (
        f"{len(lost)} of {len(sent)} are not in the readings as sent: {[(k, sent[k], got[k]) for k in lost[:3]]}"
    )
    assert set(got) == set(sent) | {key for key in got if not got[key]}


@pytest.mark.slow
def test_gateway_killed_under_load_loses_nothing(installation: Installation, tmp_path: Path) -> None:
    _kill_gateway_under_load(installation, KILLS, tmp_path)


@pytest.mark.slow
def test_gateway_killed_twenty_times_loses_nothing(installation: Installation, tmp_path: Path) -> None:
    _kill_gateway_under_load(installation, KILLS_IN_FULL, tmp_path)


@pytest.mark.parametrize("role", ["work", "gateway", "serve"])
def test_a_fallen_role_is_started_again(installation: Installation, role: str) -> None:
    pid = installation.pid(role)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: installation.pid(role) != pid, f"another {role} process", patience=30)
    assert installation.healthy()["roles"][role] == "ok"


def test_a_second_supervisor_is_refused(installation: Installation) -> None:
    done = command(installation.data, "up", "--port", "0", "--gateway-port", "0", check=False)
    assert done.returncode == 1
    assert "正由另一个清源使用" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_backup_under_load_restores_whole(installation: Installation, tmp_path: Path) -> None:
    """Backed up while devices send: the copy starts, reads its journal to the end and is sound."""
    port = str(installation.port("gateway"))
    options = ["--port", port, "--count", "10", "--rate", "100", "--seconds", "5"]
    load = threading.Thread(target=command, args=(installation.data, "simulate", "devices", *options))
    load.start()
    eventually(lambda: _acknowledges(installation), "frames that are acknowledged")
    archive = tmp_path / "backup.tar"
    facts = json.loads(command(installation.data, "backup", str(archive), "--json").stdout)
    load.join(60)
    assert facts["files"] > 3
    copy = tmp_path / "copy"
    command(copy, "restore", str(archive))
    exported = json.loads(
        command(copy, "readings", "export", "--series", "*", "--out", str(tmp_path / "copy.csv"), "--json").stdout
    )
    assert exported["rows"] > 0
    checks = json.loads(command(copy, "doctor", "--json").stdout)["checks"]
    assert {c["name"]: c["state"] for c in checks}["读数库"] == "ok"
    damaged = archive.read_bytes()
    at = damaged.find(b"QYJ1") + 40
    archive.write_bytes(damaged[:at] + bytes([damaged[at] ^ 1]) + damaged[at + 1 :])
    refused = command(tmp_path / "other", "restore", str(archive), check=False)
    assert refused.returncode == 1
    assert "与摘要不符" in refused.stderr
    assert not (tmp_path / "other").exists()


def test_restore_keeps_a_full_folder(installation: Installation, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar"
    command(installation.data, "backup", str(archive))
    done = command(installation.data, "restore", str(archive), check=False)
    assert done.returncode == 1
    assert "不是空的" in done.stderr


@pytest.mark.parametrize("end", ["terminate", "interrupt", "kill"])
def test_stopping_the_supervisor_leaves_no_process(folder: Path, end: str) -> None:
    running = Installation(folder)
    running.healthy()
    below = running.descendants()
    assert len(below) >= 3
    number = {"terminate": signal.SIGTERM, "interrupt": signal.SIGINT, "kill": signal.SIGKILL}[end]
    running.process.send_signal(number)
    code = running.process.wait(40)
    assert code == (-signal.SIGKILL if end == "kill" else 0)
    eventually(lambda: not any(is_running(pid) for pid in below), "all processes to end", 20)


def test_second_start_is_quick_and_keeps_the_password(folder: Path) -> None:
    first = Installation(folder, from_nothing=True)
    first.healthy()
    assert first.stop() == 0
    second = Installation(folder)
    try:
        second.healthy()
        assert second.output.count("一次性密码") == 1  # that of the first start, in the same log
    finally:
        assert second.stop() == 0


def test_port_in_use_is_one_clear_line(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for options in (["up", "--port", port, "--gateway-port", "0"], ["up", "--port", "0", "--gateway-port", port]):
            done = command(folder, *options, check=False)
            assert done.returncode == 1
            assert f"127.0.0.1:{port} 已被占用" in done.stderr
            assert len(done.stderr.strip().splitlines()) == 1


def test_newer_data_folder_is_refused(folder: Path) -> None:
    folder.mkdir()
    (folder / "FORMAT").write_text('{"format": 99}')
    done = command(folder, "up", "--port", "0", "--gateway-port", "0", check=False)
    assert done.returncode == 1
    assert "格式为 99" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    done = command(tmp_path / "data", "up", "--port", "0", "--gateway-port", "0", check=False)
    assert done.returncode == 1
    assert "不是目录" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_unwritable_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    done = command(tmp_path / "data", "up", "--port", "0", "--gateway-port", "0", check=False)
    tmp_path.chmod(0o700)
    assert done.returncode == 1
    assert "不可写" in done.stderr


def test_file_that_is_no_backup_is_one_clear_line(tmp_path: Path) -> None:
    source = tmp_path / "x.tar"
    source.write_text("a,b\n")
    done = command(tmp_path / "data", "restore", str(source), check=False)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "不是完整的清源备份" in done.stderr
    assert not (tmp_path / "data").exists()
