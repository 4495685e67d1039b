"""What the doctor sees without any process running."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops.running import command
from qingyuan.ops.doctor import Check, examine
from qingyuan.readings import Message, open_store


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with readings and nothing else."""
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(tmp_path))
    (tmp_path / "readings").mkdir()
    return tmp_path


def packets() -> Check:
    return next(c for c in examine() if c.name == "未能使用的报文")


def test_unusable_packets_are_counted_by_reason(data: Path) -> None:
    outcomes = ["crc_mismatch", "crc_mismatch", "unknown_station", "stored", "no_data"]
    messages = [Message(n, bytes([n]) * 16, 1000 + n, "", "2011", outcome) for n, outcome in enumerate(outcomes)]
    store = open_store(data / "readings")
    store.append([], messages=messages)
    store.close()
    check = packets()
    assert (check.state, check.found) == ("warn", "CRC 校验不符 2；未登记的站点 1")
    assert "devices waiting" in check.advice


def test_nothing_unusable(data: Path) -> None:
    open_store(data / "readings").close()
    assert (packets().state, packets().found) == ("ok", "无")


def test_database_server_out_of_reach(tmp_path: Path) -> None:
    done = command(tmp_path, "doctor", "--json", check=False, url="postgresql://q@127.0.0.1:1/q")
    assert done.returncode == 1
    assert {c["name"]: c["state"] for c in json.loads(done.stdout)["checks"]}["主数据库"] == "bad"
