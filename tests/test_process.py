"""Heartbeats where the disk gives out."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from qingyuan import process


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(tmp_path))


def test_full_disk_keeps_the_role_alive_and_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    process.beat("gateway", journal_error="")

    def full(*given: Any, **named: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(process.json, "dump", full)
    process.beat("gateway", journal_error="磁盘已满")
    found = process.last_beat("gateway")
    assert found is not None
    assert found["journal_error"] == "磁盘已满"
    assert [p.name for p in process.run_dir().iterdir()] == ["gateway.json"]


def test_first_heartbeat_on_a_full_disk_shows_as_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: Any, **named: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(process.tempfile, "mkstemp", full)
    process.beat("serve")
    assert process.role_state("serve") == "down"
