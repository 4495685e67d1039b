"""What the doctor sees without any process running."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.running import command
from qingyuan.intake.journal import Journal, NewRecord, RecordKind
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


def journal_of(folder: Path) -> Journal:
    journal = Journal(folder / "journal", acknowledges=True)
    journal.append([NewRecord(RecordKind.FRAME, b"x" * 50, "p", n) for n in range(20)])
    return journal


def told(name: str, *, deep: bool = False) -> list[Check]:
    return [c for c in examine(deep=deep) if c.name == name]


@pytest.mark.parametrize(
    ("act", "word"),
    [
        (lambda f: f.write_bytes(f.read_bytes()[:700]), "比已处理的位置短"),
        (lambda f: f.unlink(), "比已处理的位置短"),
        (lambda f: f.write_bytes(b""), "比已处理的位置短"),
        (lambda f: shutil.copyfile(f, f.with_name("copy of " + f.name)), "不属于它的文件"),
    ],
    ids=["halved", "deleted", "emptied", "copied"],
)
def test_a_damaged_journal_is_named_with_what_to_do(data: Path, act: Callable[[Path], object], word: str) -> None:
    """`doctor` called a journal that had lost half of what was acknowledged sound."""
    journal_of(data)
    act(data / "journal" / f"{0:020d}.qyj")
    (check,) = told("原始日志")
    assert (check.state, word in check.found, bool(check.advice)) == ("bad", True, True)
