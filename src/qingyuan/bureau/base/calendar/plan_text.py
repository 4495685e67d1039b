"""A holiday plan as a person writes it: one line for a day or a span, off or worked, and the feast."""

from __future__ import annotations

import re
from datetime import date, timedelta

from qingyuan.bureau.base.errors import Invalid, Missing

OFF, WORKED = ("放假", "休", "off"), ("上班", "调休上班", "班", "worked")
Days = dict[str, tuple[bool, str]]
_LINE = re.compile(r"\s*(\S+?)(?:\s*[~～至]\s*(\S+?))?[\s,，\t]+(\S+?)(?:[\s,，\t]+(.*))?\s*")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?")
LONGEST = 31


def plan_days(text: str, year: int) -> Days:
    """The days of a plan by ISO date: (works, name). Raises Missing for an empty one, Invalid naming the line."""
    found: Days = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.strip().startswith("#"):
            continue
        first, last, works, name = _line(number, line)
        for day in _span(number, first, last):
            if day.year != year:
                raise Invalid(f"第 {number} 行的日期 {day.isoformat()} 不在 {year} 年", "days")
            if day.isoformat() in found:
                raise Invalid(f"第 {number} 行的日期 {day.isoformat()} 前面已有一行；每天只写一次", "days")
            found[day.isoformat()] = (works, name or ("调休上班" if works else "放假"))
    if not any(not works for works, _ in found.values()):
        raise Missing("放假安排里没有一天放假；每行写：日期（或起～止） 放假或上班 名称", "days")
    return found


def _line(number: int, line: str) -> tuple[date, date, bool, str]:
    found = _LINE.fullmatch(line)
    what = found.group(3) if found else ""
    if found is None or what not in (*OFF, *WORKED):
        raise Invalid(f"第 {number} 行得到“{line.strip()}”，应如“2027-02-05～2027-02-11 放假 春节”", "days")
    first = _date(number, found.group(1))
    last = _date(number, found.group(2)) if found.group(2) else first
    return first, last, what in WORKED, (found.group(4) or "").strip()


def _date(number: int, text: str) -> date:
    try:
        return date(*(int(part) for part in _DAY.fullmatch(text).groups()))  # type: ignore[union-attr]
    except (AttributeError, ValueError) as error:
        raise Invalid(f"第 {number} 行的日期“{text}”，应如 2027-02-05", "days") from error


def _span(number: int, first: date, last: date) -> list[date]:
    length = (last - first).days + 1
    if not 1 <= length <= LONGEST:
        raise Invalid(f"第 {number} 行从 {first.isoformat()} 到 {last.isoformat()}，应为 1 到 {LONGEST} 天", "days")
    return [first + timedelta(days=n) for n in range(length)]
