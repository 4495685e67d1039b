"""What is wrong with the journal: what was lost, what cannot be read, what does not belong in its folder.

Losses are written down once, by whoever meets them, so that they are said until the file is restored: a reader that has
gone past a hole does not see it again.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from qingyuan import clock
from qingyuan.intake.journal_packed import HALF, PACKED, size_of

DAMAGE_FILE = "damage.jsonl"
POSITIONS_FILE = "positions"
LOST, UNREADABLE, STRANGER, SHORTER, RESCUED = "lost", "unreadable", "stranger", "shorter", "rescued"
OWN_FILES = frozenset({DAMAGE_FILE, POSITIONS_FILE, "write.lock"})
_SEGMENT = re.compile(r"[0-9]{20}\.qy[jz]")
_WORDS = {
    LOST: "原始日志缺失 {begin}–{end}（{size} 字节，本在 {file}）",
    UNREADABLE: "原始日志 {file} 的 {begin}–{end}（{size} 字节）读不出来，已跳过，后面的照常读",
    RESCUED: "原始日志 {file} 在使用中被删除或换掉；网关已把 {begin}–{end} 写回原处，没有丢失",
    STRANGER: "原始日志目录里有不属于它的文件 {file}，没有读",
    SHORTER: "原始日志比已处理的位置短：末尾 {begin}，已处理到 {end}（{size} 字节不见了）",
}
_ADVICE = {
    LOST: "从最近的备份取回该文件放回原处，缺的会自动补读；没有备份的，请有关设备补传（设备页“补取”）",
    UNREADABLE: "从最近的备份取回该文件放回原处，缺的会自动补读；没有备份的，请有关设备补传（设备页“补取”）",
    RESCUED: "查明是谁删的；一小时后不再提示",
    STRANGER: "核对后把它移出 journal 目录",
    SHORTER: "不要删除文件；从最近的备份取回缺的部分。网关会从更后面的位置接着写，不会重用位置",
}


class Damage(NamedTuple):
    """One fault. begin, end: positions [bytes]; file: the segment, or the file that does not belong; at: noted [s]."""

    kind: str
    file: str
    begin: int = 0
    end: int = 0
    at: float = 0.0

    @property
    def words(self) -> str:
        """What is wrong."""
        return _WORDS[self.kind].format(file=self.file, begin=self.begin, end=self.end, size=self.end - self.begin)

    @property
    def advice(self) -> str:
        """What to do."""
        return _ADVICE[self.kind]


def noted(folder: Path) -> list[Damage]:
    """Losses that were written down and are not made good."""
    try:
        lines = (folder / DAMAGE_FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        with suppress(ValueError, TypeError):  # a line that a crash cut off
            found.append(Damage(**json.loads(line)))
    return found


def note(folder: Path, damage: Damage) -> None:
    """Write a loss down, once."""
    if any(one.kind == damage.kind and one.begin <= damage.begin and damage.end <= one.end for one in noted(folder)):
        return
    damage = damage._replace(at=clock.SystemClock().now().timestamp())
    with open(folder / DAMAGE_FILE, "a", encoding="utf-8", opener=_private) as file:
        file.write(json.dumps(damage._asdict(), ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def forget(folder: Path, damages: Sequence[Damage]) -> None:
    """Losses that were made good."""
    kept = [one for one in noted(folder) if one not in damages]
    temporary = folder / f"{DAMAGE_FILE}.new"
    with open(temporary, "w", encoding="utf-8", opener=_private) as file:
        file.writelines(json.dumps(one._asdict(), ensure_ascii=False) + "\n" for one in kept)
    temporary.replace(folder / DAMAGE_FILE)


def sorted_out(folder: Path, furthest: int) -> tuple[list[tuple[int, Path]], list[str]]:
    """(first position, path) of every segment, oldest first, and names of files that are none: named otherwise, or a copy
    that lies across another segment or beyond all that was ever written.
    """
    named, strangers = [], []
    for path in folder.iterdir() if folder.is_dir() else ():
        if _SEGMENT.fullmatch(path.name):
            named.append((int(path.stem), path))
        elif (
            path.name not in OWN_FILES and not path.name.startswith(DAMAGE_FILE) and path.suffix not in {".back", HALF}
        ):
            strangers.append(path.name)
    until = 0
    found: list[tuple[int, Path]] = []
    for base, path in sorted(named):
        if found and base == found[-1][0] and path.suffix == PACKED:
            continue  # a crash while it was packed: the plain one counts
        if found and (base < until or (base > until and furthest and base > furthest)):
            strangers.append(path.name)
            continue
        with suppress(FileNotFoundError):
            until = base + size_of(path)
            found.append((base, path))
    return found, sorted(strangers)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class Positions:
    """The furthest position that was acknowledged or read, beside the segments: none before it is ever given out again."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / POSITIONS_FILE

    def furthest(self) -> int:
        """0 where none was noted."""
        try:
            return int(self._path.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return 0

    def note(self, position: int) -> None:
        """Note one that is further than what is noted."""
        if position > self.furthest():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.pwrite(handle, b"%020d\n" % position, 0)  # always of one length: never half of it
            finally:
                os.close(handle)
