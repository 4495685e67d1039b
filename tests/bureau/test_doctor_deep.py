"""`doctor --deep`: each act of damage is named, with what to do; the exit code says it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bureau.office import Office
from moment import NOW
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.audit.actions.seal import seal, witness_file
from qingyuan.bureau.audit.models import AuditEntry, AuditSeal
from qingyuan.bureau.base.store import open_readings
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.models import RowVersion
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.evidence.actions.files import Upload, keep, path_of
from qingyuan.cli import main
from qingyuan.intake.journal import Journal, NewRecord, RecordKind
from qingyuan.ops.doctor import examine
from qingyuan.ops.doctor_check import Check
from qingyuan.readings import NewReading, SeriesKey

pytestmark = pytest.mark.django_db
DEEP = {"原始日志校验和", "读数归档逐个核对", "证据", "封存文件", "台账的版本"}


@pytest.fixture
def kept(office: Office, data_dir: Path) -> Path:
    """A data folder with something of everything in it."""
    (data_dir / "main.sqlite").touch(0o600)
    journal = Journal(data_dir / "journal", acknowledges=True)
    journal.append([NewRecord(RecordKind.FRAME, b"frame %03d" % n * 5, "p", n) for n in range(40)])
    journal.close()
    store = open_readings()
    start = int(NOW.timestamp()) - 90 * 86400
    key = SeriesKey("GAS", "NOx", "Avg", "hour")
    store.append(
        [
            NewReading(key, start + 3600 * n, start + 3600 * (n + 1), float(n), 1, "mg/m3", "N",
                       origin=n, received_at=start + 3600 * n)
            for n in range(500)
        ]
    )  # fmt: skip
    store.compact(fully=True)
    store.close()
    keep(Upload("a.txt", b"evidence of something"))
    save(office["chief"], book_of("organisations"), {"name": "又一家企业"}, office.firm)
    for n in range(3):
        record(None, "test.act", f"thing:{n}", "一件事")
        seal()
    return data_dir


def bad() -> list[Check]:
    return [c for c in examine(deep=True) if c.state == "bad"]


def test_a_sound_folder_passes(kept: Path) -> None:
    checks = {c.name: c.state for c in examine(deep=True)}
    assert {checks[name] for name in DEEP} == {"ok"}
    assert bad() == []


def segment(data: Path) -> Path:
    return data / "journal" / f"{0:020d}.qyj"


def archived(data: Path) -> Path:
    return min((data / "readings" / "archive").rglob("*.parquet"))


def change(path: Path, at: int, new: bytes) -> None:
    content = bytearray(path.read_bytes())
    content[at : at + len(new)] = new
    path.write_bytes(content)


def flip(path: Path) -> None:
    at = path.stat().st_size // 3
    change(path, at, bytes([path.read_bytes()[at] ^ 1]))


ACTS: dict[str, tuple[Callable[[Path], Any], str, str]] = {
    "zeros in mid-journal": (lambda d: change(segment(d), 900, bytes(60)), "原始日志校验和", "读不出来"),
    "journal halved": (lambda d: os.truncate(segment(d), 1200), "原始日志", "短"),
    "archive byte flipped": (lambda d: flip(archived(d)), "读数归档逐个核对", "摘要不符"),
    "archive file gone": (lambda d: archived(d).unlink(), "读数归档逐个核对", "不见了"),
    "seals gone": (lambda d: witness_file().unlink(), "封存文件", "缺 3 个"),
    "seals cut short": (lambda d: os.truncate(witness_file(), 0), "封存文件", "缺 2 个"),
}


@pytest.mark.parametrize("act", list(ACTS))
def test_each_act_of_damage_is_named_with_what_to_do(kept: Path, act: str) -> None:
    """`doctor` found none of them: it looked at sizes and at the databases alone."""
    do, name, words = ACTS[act]
    do(kept)
    found = [c for c in bad() if c.name == name]
    assert found
    assert words in found[0].found
    assert found[0].advice


@pytest.mark.parametrize("is_gone", [True, False])
def test_evidence_that_is_gone_or_changed_is_named(kept: Path, is_gone: bool) -> None:
    from qingyuan.bureau.evidence.models import Evidence

    path = path_of(Evidence.objects.get().sha256)
    path.unlink() if is_gone else path.write_bytes(b"something else")
    (found,) = bad()
    assert (found.name, path.name in found.found, ("不见了" if is_gone else "摘要") in found.found) == (
        "证据",
        True,
        True,
    )


@pytest.mark.parametrize("is_changed", [True, False])
def test_a_version_that_was_changed_or_that_no_audit_row_holds_is_named(kept: Path, is_changed: bool) -> None:
    if is_changed:
        made = RowVersion.objects.get()
        RowVersion.objects.update(values={**made.values, "name": "别的名字"})
    else:
        AuditEntry.objects.filter(verb="book.change").delete()
    found = [c for c in bad() if c.name == "台账的版本"]
    assert "1 个版本" in found[0].found


def test_an_audit_seal_that_was_changed_is_named(kept: Path) -> None:
    AuditSeal.objects.filter(pk=AuditSeal.objects.order_by("pk")[1].pk).update(digest="0" * 64)
    assert "审计链" in {c.name for c in bad()}


def test_the_command_says_it_and_ends_with_one(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--deep", "--json", "--data-dir", str(kept)]) == 0
    assert {c["name"] for c in json.loads(capsys.readouterr().out)["checks"]} >= DEEP
    flip(archived(kept))
    assert main(["doctor", "--deep", "--json", "--data-dir", str(kept)]) == 1
    told = [c for c in json.loads(capsys.readouterr().out)["checks"] if c["state"] == "bad"]
    assert [(c["name"], archived(kept).name in c["found"], bool(c["advice"])) for c in told] == [
        ("读数归档逐个核对", True, True)
    ]


def test_looking_changes_nothing(kept: Path) -> None:
    change(segment(kept), 900, bytes(60))
    before = {p: p.stat().st_mtime_ns for p in (kept / "journal").iterdir()}
    examine(deep=True)
    assert {p: p.stat().st_mtime_ns for p in (kept / "journal").iterdir()} == before
