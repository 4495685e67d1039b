"""How much an installation grows by the day, and how long its disk lasts."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from qingyuan import process
from qingyuan.ops import doctor, growth
from qingyuan.ops.growth import Growth, grown, note_today, noted, sizes

DAY = date(2026, 11, 20)
ZERO = dict.fromkeys([*growth.PARTS, growth.OTHER], 0)


def days(*journal: int) -> list[tuple[date, dict[str, int]]]:
    return [(DAY + timedelta(days=n), ZERO | {"原始日志": size}) for n, size in enumerate(journal)]


def test_worked_by_hand() -> None:
    found = grown(days(100, 400, 700), free=3000)
    assert found == Growth(ZERO | {"原始日志": 300.0}, 2, 10)


def test_only_the_last_week_counts() -> None:
    found = grown(days(0, 10_000, *range(10_100, 10_800, 100)), free=1000)
    assert found is not None
    assert (found.by_part["原始日志"], found.days, found.left) == (100.0, 7, 10)


def test_after_a_long_stop_by_the_two_last_notes() -> None:
    notes = [(DAY, ZERO), (DAY + timedelta(days=50), ZERO | {"读数": 5000})]
    found = grown(notes, free=500)
    assert found is not None
    assert (found.by_part["读数"], found.days, found.left) == (100.0, 50, 5)


def test_what_shrinks_lasts_for_ever() -> None:
    assert grown(days(700, 400), free=1) == Growth(ZERO | {"原始日志": -300.0}, 1, None)


@pytest.mark.parametrize("notes", [[], days(100)])
def test_one_day_says_nothing(notes: Any) -> None:
    assert grown(notes, free=1) is None


def test_by_part_of_what_lies_there(data_dir: Path) -> None:
    for name, size in (
        ("journal/a.qyj", 40_000),
        ("readings/archive/b", 80_000),
        ("main.sqlite", 20_000),
        ("other", 9000),
    ):
        path = data_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(size))
    found = sizes(data_dir)
    assert {part: size // 8192 for part, size in found.items()} == {
        "原始日志": 5, "读数": 10, "主数据库": 2, "证据与导入": 0, "其他": 1,
    }  # fmt: skip


def test_noted_once_a_day_and_said_by_the_doctor(data_dir: Path) -> None:
    (told,) = doctor._growth()
    assert "两天以后" in told.found
    assert note_today()
    assert not note_today()
    ((day, found),) = noted()
    rows = [
        {"day": (day - timedelta(days=2)).isoformat(), "bytes": ZERO},
        {"day": day.isoformat(), "bytes": dict(found) | {"原始日志": 3_000_000_000}},
    ]
    process.write_json(data_dir / growth.NAME, {"days": rows})
    (told,) = doctor._growth()
    assert told.found.startswith("每天 1.50 GB（原始日志 1.500")
    assert "近 2 天" in told.found
    assert "剩余空间约够" in told.found


def test_a_disk_that_does_not_last_is_warned_of(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "growth", lambda: Growth(ZERO | {"读数": 2e9}, 7, 12))
    (told,) = doctor._growth()
    assert told.state == "warn"
    assert "扩容" in told.advice
