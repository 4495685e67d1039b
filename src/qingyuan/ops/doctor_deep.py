"""`doctor --deep`: every kept byte against its sum or digest. Takes as long as reading the data folder once."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from qingyuan import config
from qingyuan.ops.doctor_check import Check

SHOWN = 20
_FAULTS = {
    "missing": "不见了",
    "size": "长度不对",
    "digest": "内容与摘要不符",
    "unreadable": "读不出来",
    "rows": "行数不对",
}
_RESTORE = "停止清源，从最近的备份恢复到新目录（qingyuan restore 备份文件 --data-dir 新目录），再把这些文件取回原处"


def examine_deeply() -> list[Check]:
    """All deep checks; nothing is changed."""
    return [*_journal(), *_databases(), *_archive(), *_evidence(), *_seals(), *_versions()]


def _journal() -> Iterator[Check]:
    home = config.data_dir() / "journal"
    if not home.is_dir():
        return
    from qingyuan.intake.journal import Journal

    journal = Journal(home)
    try:
        count, damages = journal.check()
    finally:
        journal.close()
    for damage in damages[:SHOWN]:
        yield Check("原始日志校验和", "bad", damage.words, damage.advice)
    if not damages:
        yield Check("原始日志校验和", "ok", f"{count} 条记录都相符")


def _databases() -> Iterator[Check]:
    for name, path in (("主数据库", "main.sqlite"), ("读数库", "readings/readings.sqlite")):
        file = config.data_dir() / path
        if not file.exists():
            continue
        try:
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as connection:
                found = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
        except sqlite3.Error as error:
            found = str(error)
        yield Check(
            f"{name}逐页检查",
            "ok" if found == "ok" else "bad",
            "完好" if found == "ok" else found,
            "" if found == "ok" else _RESTORE,
        )


def _archive() -> Iterator[Check]:
    if not (config.data_dir() / "readings" / "archive").exists():
        return
    from qingyuan.bureau.base.store import open_readings
    from qingyuan.readings import ReadingsError

    try:
        with closing(open_readings()) as store:
            count, faults = store.state().files, store.faults()
    except (ReadingsError, OSError, sqlite3.Error) as error:
        yield Check("读数归档逐个核对", "bad", str(error), _RESTORE)
        return
    for path, fault in list(faults.items())[:SHOWN]:
        advice = f"从备份取回 readings/archive/{path}；没有备份的，用 qingyuan replay 由原始日志重读这一段"
        yield Check("读数归档逐个核对", "bad", f"readings/archive/{path} {_FAULTS[fault]}", advice)
    if not faults:
        yield Check("读数归档逐个核对", "ok", f"{count} 个文件都相符")


def _has_books() -> bool:
    return (config.data_dir() / "main.sqlite").exists() or bool(os.environ.get("QINGYUAN_DATABASE_URL"))


def _evidence() -> Iterator[Check]:
    """Every piece of evidence that the books name, against both its digests."""
    if not _has_books():
        return
    from django.db import DatabaseError

    from qingyuan.ops.setup import set_up_django

    set_up_django()
    from qingyuan.bureau.evidence.actions.files import path_of
    from qingyuan.bureau.evidence.models import Evidence

    count, faults = 0, []
    try:
        for sha256, sm3 in Evidence.objects.values_list("sha256", "sm3").iterator():
            count += 1
            if fault := _fault_of(path_of(sha256), sha256, sm3):
                faults.append((path_of(sha256), fault))
    except DatabaseError as error:
        yield Check("证据", "bad", f"无法读取登记（{error}）", "运行 qingyuan up 更新数据库后再检查")
        return
    for path, fault in faults[:SHOWN]:
        advice = "从备份取回这个文件；取不回的，请当事人重新提交并在案卷里说明"
        yield Check("证据", "bad", f"{path.relative_to(config.data_dir())} {_FAULTS[fault]}", advice)
    if not faults:
        yield Check("证据", "ok", f"{count} 件都与摘要相符")


def _fault_of(path: Path, sha256: str, sm3: str) -> str:
    try:
        content = path.read_bytes()
    except OSError:
        return "missing"
    is_right = hashlib.sha256(content).hexdigest() == sha256 and hashlib.new("sm3", content).hexdigest() == sm3
    return "" if is_right else "digest"


def _seals() -> Iterator[Check]:
    """The note of every seal outside the database: there, and as long as the database says."""
    if not _has_books():
        return
    from django.db import DatabaseError

    from qingyuan.ops.setup import set_up_django

    set_up_django()
    from qingyuan.bureau.audit.actions.seal import missing_seals

    try:
        missing = missing_seals()
    except DatabaseError:
        return
    if missing:
        found = f"audit/seals.txt 缺 {len(missing)} 个封存（第 {missing[0]} 条起）"
        advice = "封存文件被删过或截短过：与备份和异地副本逐行比对，查明原因；从备份取回该文件"
        yield Check("封存文件", "bad", found, advice)
    else:
        yield Check("封存文件", "ok", "与数据库一致")


def _versions() -> Iterator[Check]:
    """Every version of every book's rows against its digest, and each digest against the audit trail."""
    if not _has_books():
        return
    from django.db import DatabaseError

    from qingyuan.ops.setup import set_up_django

    set_up_django()
    from qingyuan.bureau.book.models import RowVersion
    from qingyuan.bureau.book.registry import books
    from qingyuan.bureau.book.versions import unproved

    try:
        wrong = [(book, found) for book in books() if (found := unproved(book))]
        count = RowVersion.objects.count()
    except DatabaseError:
        return
    for book, found in wrong:
        words = f"“{book.name}”有 {len(found)} 个版本与摘要或审计不符（版本编号 {found[0]} 起）"
        yield Check("台账的版本", "bad", words, "版本被改过或审计行缺失：与备份逐行比对，查明原因；从备份恢复到新目录")
    if not wrong:
        yield Check("台账的版本", "ok", f"{count} 个版本都与摘要和审计相符")
