"""What the doctor sees without any process running."""

from __future__ import annotations

from pathlib import Path

import pytest

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
