"""What is wrong with this installation, and how to mend it."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from qingyuan import config, process
from qingyuan.intake.journal_damage import RESCUED
from qingyuan.ops import folder, private
from qingyuan.ops.doctor_check import Check
from qingyuan.ops.doctor_deep import examine_deeply
from qingyuan.ops.errors import OpsError
from qingyuan.ops.growth import growth, sizes

FREE_MB = 1024
GB, SHORT_DAYS = 1e9, 30
TOLERATED_AHEAD_S = 86400


def examine(*, deep: bool = False) -> list[Check]:
    """All checks, none of which changes anything. deep: every kept byte is read as well."""
    quick = [
        *_program(),
        *_folder(),
        *_growth(),
        *_databases(),
        *_journal(),
        *_archive(),
        *_audit(),
        *_accounts(),
        *_clocks(),
        *_packets(),
        *_roles(),
        *_waiting(),
        *_first_steps(),
    ]
    return [*quick, *examine_deeply()] if deep else quick


def _program() -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Check("Python", "ok" if good else "bad", version, "" if good else "需要 3.11 或更新的 Python")
    try:
        hashlib.new("sm3")
        yield Check("国密摘要 SM3", "ok", "可用")
    except ValueError:
        yield Check("国密摘要 SM3", "bad", "本机 OpenSSL 不提供", "请使用带 SM3 的 OpenSSL 1.1.1 以上的 Python")
    from qingyuan.rules import RulesError, rule_book

    try:
        book = rule_book()
    except RulesError as error:
        yield Check("规则库", "bad", str(error), "改正所说的文件；用 qingyuan rules check 再查")
    else:
        yield Check("规则库", "ok", f"{book.digest[:16]} {book.place}".strip())


def _folder() -> Iterator[Check]:
    data = config.data_dir()
    if not data.exists():
        yield Check("数据目录", "warn", f"{data} 还不存在", "运行 qingyuan up 会建立它")
        return
    try:
        folder.check_format(data)
        probe = data / ".probe"
        probe.write_bytes(b"")
        probe.unlink()
        yield Check("数据目录", "ok", str(data))
    except OpsError as error:
        yield Check("数据目录", "bad", str(error), "")
    except OSError as error:
        yield Check("数据目录", "bad", f"{data} 不可写（{error.strerror}）", "修改权限，或用 --data-dir 换目录")
    free = shutil.disk_usage(data).free // 1024 // 1024
    low = free < FREE_MB
    yield Check(
        "磁盘空间", "warn" if low else "ok", f"剩余 {free} MB", f"少于 {FREE_MB} MB：清理磁盘或扩容" if low else ""
    )
    open_to_others = private.open_to_others(data)
    if (key := data / "secret.key") in open_to_others:
        yield Check("密钥文件", "bad", f"{key} 他人可读", f"运行 chmod 600 {key}")
    others = [path for path in open_to_others if path != key]
    if others:
        found = f"{len(others)} 个文件他人可读，如 {others[0]}"
        yield Check("文件权限", "warn", found, f"运行 chmod -R go-rwx {data}（qingyuan up 启动时也会改）")


def _growth() -> Iterator[Check]:
    """Gigabytes a day by part, and for how long the disk lasts."""
    if not config.data_dir().exists():
        return
    found = growth()
    if found is None:
        now = sum(sizes(config.data_dir()).values()) / GB
        yield Check("每日增量", "ok", f"共 {now:.2f} GB；后台每天记一次各部分的大小，两天以后说每天增加多少")
        return
    parts = "、".join(f"{part} {size / GB:.3f}" for part, size in found.by_part.items() if abs(size) >= GB / 10_000)
    told = f"每天 {sum(found.by_part.values()) / GB:.2f} GB（{parts or '各部分都没有增加'}；近 {found.days} 天）"
    if found.left is None:
        yield Check("每日增量", "ok", told)
        return
    short = found.left < SHORT_DAYS
    advice = f"不到 {SHORT_DAYS} 天：扩容，或把备份移到别处" if short else ""
    yield Check("每日增量", "warn" if short else "ok", f"{told}，剩余空间约够 {found.left} 天", advice)


def _databases() -> Iterator[Check]:
    for name, path in (("主数据库", "main.sqlite"), ("读数库", "readings/readings.sqlite")):
        file = config.data_dir() / path
        if not file.exists():
            continue
        yield _integrity(name, file)


def _integrity(name: str, file: Path) -> Check:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        found = str(error)
    if found == "ok":
        return Check(name, "ok", f"{file.stat().st_size // 1024 // 1024} MB")
    return Check(name, "bad", found, "停止清源，从最近的备份恢复到新目录：qingyuan restore 备份文件 --data-dir 新目录")


def _journal() -> Iterator[Check]:
    """The raw journal: nothing lost, nothing strange in its folder, not shorter than what was read of it."""
    home = config.data_dir() / "journal"
    if not home.is_dir():
        return
    from qingyuan.intake.journal import Journal

    journal = Journal(home)
    try:
        damages = journal.damages(_reached())
    finally:
        journal.close()
    for damage in damages:
        yield Check("原始日志", "warn" if damage.kind == RESCUED else "bad", damage.words, damage.advice)
    if not damages:
        yield Check("原始日志", "ok", f"{len(journal.segments())} 段，末尾 {journal.end()}")


def _reached() -> int:
    """How far the journal was read; 0 where that cannot be asked."""
    on_server = bool(config.READINGS_DATABASE_URL.get())
    if not on_server and not (config.data_dir() / "readings" / "readings.sqlite").exists():
        return 0
    from qingyuan.bureau.base.store import open_readings
    from qingyuan.readings import ReadingsError

    try:
        with closing(open_readings()) as store:
            return store.offset()
    except (ReadingsError, OSError, sqlite3.Error):
        return 0


def _archive() -> Iterator[Check]:
    """The files of the readings archive: all there, and whole as far as their size says."""
    if not (config.data_dir() / "readings" / "archive").exists():
        return
    from qingyuan.bureau.base.store import open_readings
    from qingyuan.readings import ReadingsError

    try:
        with closing(open_readings()) as store:
            state = store.state()
    except (ReadingsError, OSError) as error:
        yield Check("读数归档", "bad", str(error), "从最近的备份恢复到新目录")
        return
    found = f"{state.files} 个文件，{state.rows} 行，{state.size // 1024 // 1024} MB；待归档 {state.waiting} 行"
    if state.broken:
        advice = "停止清源，从最近的备份恢复到新目录；日志中的原文仍在"
        yield Check("读数归档", "bad", f"缺失或不完整：{'、'.join(state.broken[:3])} 等 {len(state.broken)} 个", advice)
    else:
        yield Check("读数归档", "ok", found)


def _audit() -> Iterator[Check]:
    """The hash chain over the audit trail."""
    if not (config.data_dir() / "main.sqlite").exists() and not os.environ.get("QINGYUAN_DATABASE_URL"):
        return
    from django.db import DatabaseError, OperationalError, connection

    from qingyuan.ops.setup import set_up_django

    set_up_django()
    from qingyuan.bureau.audit.actions.seal import verify_chain

    try:
        broken = verify_chain()
    except DatabaseError as error:
        if isinstance(error, OperationalError) and connection.vendor != "sqlite":  # there it is a missing table
            yield Check("主数据库", "bad", f"无法使用（{error}）", "检查 QINGYUAN_DATABASE_URL 和数据库服务")
            return
        yield Check("审计链", "warn", f"无法读取（{error}）", "运行 qingyuan up 更新数据库后再检查")
        return
    if broken is None:
        yield Check("审计链", "ok", "完整")
    else:
        yield Check("审计链", "bad", f"第 {broken} 个封存与记录不符", "审计记录被改动过：保留现场，与备份逐条比对")


def _clocks() -> Iterator[Check]:
    """Readings of the future: a clock, ours or a device's, was ahead when they came."""
    if not (config.data_dir() / "readings" / "readings.sqlite").exists():
        return
    from qingyuan import clock
    from qingyuan.bureau.base.store import open_readings

    latest = int(clock.now().timestamp()) + TOLERATED_AHEAD_S
    with closing(open_readings()) as store:
        series = store.series()
        newest = store.latest([one.id for one in series])
    ahead = sorted({one.key.point for one in series if one.id in newest and newest[one.id].start > latest})
    found = f"{len(ahead)} 个点位的最近读数在将来：{'、'.join(ahead[:5])}" if ahead else "没有将来的读数"
    advice = "核对本机和设备的时钟（设备页可校时）；时刻到来之前，这些点位是否断数看不准" if ahead else ""
    yield Check("读数的时间", "warn" if ahead else "ok", found, advice)


def _accounts() -> Iterator[Check]:
    """The first account ends after it has set up; roles that exclude each other lie on no account."""
    if not (config.data_dir() / "main.sqlite").exists() and not os.environ.get("QINGYUAN_DATABASE_URL"):
        return
    from django.db import DatabaseError

    from qingyuan.ops.setup import set_up_django

    set_up_django()
    from qingyuan.bureau.accounts.policies.duties import clashing_accounts, first_account, missing_administrators

    try:
        first, missing, clashes = first_account(), missing_administrators(), clashing_accounts()
    except DatabaseError:  # said by the check of the database or of the audit chain
        return
    if first is not None:
        lacking = "、".join(str(role.label) for role in missing)
        advice = f"先建立{lacking}，再" if lacking else ""
        advice += "在“设置”中移交，或运行 qingyuan user hand-over"
        yield Check("初始账号", "warn", f"{first.username} 仍在用", advice)
    else:
        yield Check("初始账号", "ok", "已移交")
    for user, reason in clashes:
        yield Check("三员分立", "bad", f"{user.username}：{reason}", "请安全管理员改这个账号的角色")


def _packets() -> Iterator[Check]:
    """What came over the wire and could not be used, by reason; all of it is kept raw in the journal."""
    on_server = bool(config.READINGS_DATABASE_URL.get())
    if not on_server and not (config.data_dir() / "readings" / "readings.sqlite").exists():
        return
    from qingyuan.bureau.base.store import open_readings
    from qingyuan.hj212 import Deviation
    from qingyuan.intake.ingest import NO_TIME, UNKNOWN_STATION

    words = {d.value: d.text_zh for d in Deviation} | {UNKNOWN_STATION: "未登记的站点", NO_TIME: "没有数据时间"}
    counts: Counter[str] = Counter()
    with closing(open_readings()) as store:
        for _, outcome, count, _ in store.tallies():
            if outcome in words:
                counts[outcome] += count
    found = "；".join(f"{words[reason]} {n}" for reason, n in counts.most_common() if n)
    advice = "原文都已留存；未登记的站点用 qingyuan devices waiting 查看，其他请设备厂家核对通信设置"
    yield Check("未能使用的报文", "warn" if found else "ok", found or "无", advice if found else "")


def _roles() -> Iterator[Check]:
    if not config.data_dir().exists():
        return
    for role in process.ROLES:
        state = process.role_state(role)
        facts = process.last_beat(role) or {}
        yield Check(
            f"进程 {role}",
            "ok" if state == "ok" else "warn",
            "运行中" if state == "ok" else "没有运行",
            "" if state == "ok" else "运行 qingyuan up",
        )
        for key in ("error", "journal_error", "archive_error"):
            if facts.get(key):
                yield Check(f"进程 {role}", "bad", str(facts[key]), "见上一行说明；处理后自动恢复")


def _waiting() -> Iterator[Check]:
    """What has come in and is not judged yet, as the work process last told."""
    facts = process.last_beat("work") or {}
    if "dirty" not in facts or process.role_state("work") != "ok":
        return
    hours, days, most = (int(facts.get(key) or 0) for key in ("dirty", "due_days", "dirty_most"))
    if not hours and not days:
        yield Check("等待评价", "ok", "没有")
        return
    done = f"，已完成 {100 * (most - hours) // most}%" if most else ""
    yield Check(
        "等待评价", "ok", f"{hours} 个序列小时{done}；{days} 个点位日", "后台正在进行，当前的数据先评价；不必等待"
    )


def _first_steps() -> Iterator[Check]:
    """What a new installation still lacks; an unfinished step is no fault."""
    if not (config.data_dir() / "main.sqlite").exists() and not os.environ.get("QINGYUAN_DATABASE_URL"):
        return
    from django.db import DatabaseError

    from qingyuan.ops.setup import set_up_django
    from qingyuan.readings import ReadingsError

    set_up_django()
    from qingyuan.web.first_steps import first_steps, is_demo

    try:
        waiting = (
            [] if is_demo() else [f"{step.title}（{step.found}）" for step in first_steps() if step.state != "done"]
        )
    except (DatabaseError, ReadingsError, OSError):  # told by the checks above
        return
    found = "；".join(waiting) or "都已完成"
    yield Check("第一步", "ok", found, "网页“设置 → 第一步”逐项说明怎么做" if waiting else "")
