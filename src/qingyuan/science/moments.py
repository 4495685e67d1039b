"""One moment as people write it: 2025年5月1日1时, 2025/5/1 1:00:00 AM, 20250501010000, 45778.3333333."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
_EXCEL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 -- civil time has no zone
_FIRST_SERIAL, _LAST_SERIAL = 25569, 73050  # 1970 to 2099
_BEIJING = timezone(timedelta(hours=8))
_WORDS = str.maketrans(
    {"年": "-", "月": "-", "日": " ", "号": " ", "时": ":", "点": ":", "分": ":", "秒": " ", "整": " "}
)
_HALVES = {"上午": "AM", "凌晨": "AM", "早上": "AM", "中午": "PM", "下午": "PM", "晚上": "PM"}
_DATE = r"(?:(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})|(?P<a>\d{1,2})([-/.])(?P<b>\d{1,2})\6(?P<z>\d{4})|(?P<ymd>\d{8}))"
_CLOCK = (
    r"(?:(?P<half>[AP]M)\s*)?(?P<H>\d{1,2})(?:\s*:\s*(?P<M>\d{1,2})(?:\s*:\s*(?P<S>\d{1,2})(?:[.,]\d+)?)?)?\s*:?"
    r"(?:\s*(?P<after>[AP]M))?"
)
_ZONE = r"(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})"
_MOMENT = re.compile(rf"{_DATE}[-.]?(?:(?:\s*T\s*|[\s,]*){_CLOCK})?\s*{_ZONE}?", re.IGNORECASE)
_SHARE = re.compile(rf"{_DATE}\s+(?P<share>[01]?\.\d+|[01]\.0+)")
_PLAIN_HOUR = re.compile(r"(\s\d{1,2})\.0+$")
_COMPACT = re.compile(r"(\d{8})(\d{2})(\d{2})?(\d{2})?")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_TWO_ENDED = re.compile(r"\s*(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}\b")


def read_moment(text: str, order: str = "") -> datetime | None:
    """The naive Beijing civil time that a text says; None when it says none, or one that cannot be told.

    Notes
    -----
    Full-width digits and signs, Chinese words, dots, slashes, 14, 12, 10 or 8 digits, a date with an hour (0 to 24), with
    a share of the day or with a clock, AM and PM, a zone, and the serial number of a spreadsheet are read; 24:00 is the
    end of its day. A date that ends in its year (01/02/2020) is read only where `order` says which comes first.

    >>> read_moment("２０２５年5月1日24时"), read_moment("2025/5/1 2:00:00 PM"), read_moment("45778.3333333")
    (datetime.datetime(2025, 5, 2, 0, 0), datetime.datetime(2025, 5, 1, 14, 0), datetime.datetime(2025, 5, 1, 8, 0))
    """
    plain = unicodedata.normalize("NFKC", text).translate(_WORDS)
    for word, half in _HALVES.items():
        plain = plain.replace(word, f" {half} ")
    plain = _PLAIN_HOUR.sub(r"\1", " ".join(plain.split())).strip()
    if _SERIAL.fullmatch(plain):
        return _of_serial(float(plain))
    if (compact := _COMPACT.fullmatch(plain)) and len(plain) in (10, 12, 14):
        parts = [int(part) if part else 0 for part in compact.groups()[1:]]
        return _at(_digits(compact.group(1)), *parts)
    if share := _SHARE.fullmatch(plain):
        day = _day(share, order)
        return day and day + timedelta(seconds=round(float(share["share"]) * 86400))
    found = _MOMENT.fullmatch(plain.rstrip("-."))
    return None if found is None else _of_parts(found, order)


def date_order(texts: Iterable[str | None]) -> str:
    """Which comes first in dates that end in their year: "dmy" or "mdy" where some date tells, empty where none does.

    Empty too where they contradict each other: then somebody has to say.

    >>> date_order(["01/02/2020", "13/02/2020"]), date_order(["01/02/2020"])
    ('dmy', '')
    """
    firsts, seconds = False, False
    for text in texts:
        found = _TWO_ENDED.match(unicodedata.normalize("NFKC", text)) if text else None
        if found:
            firsts |= int(found.group(1)) > 12
            seconds |= int(found.group(2)) > 12
    return "" if firsts == seconds else DAY_FIRST if firsts else MONTH_FIRST


def _of_serial(number: float) -> datetime | None:
    if not _FIRST_SERIAL <= number <= _LAST_SERIAL:
        return None
    return _EXCEL_ZERO + timedelta(seconds=round(number * 86400))


def _of_parts(found: re.Match[str], order: str) -> datetime | None:
    day = _day(found, order)
    if day is None or found["H"] is None:
        return day
    hour, half = int(found["H"]), (found["half"] or found["after"] or "").upper()
    if half and not 1 <= hour <= 12 and not (half == "PM" and hour <= 23):
        return None
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "PM" else 0)
    moment = _at(day, hour, int(found["M"] or 0), int(found["S"] or 0))
    zone = (found["zone"] or "").upper()
    if moment is None or not zone:
        return moment
    if zone in ("Z", "UTC", "GMT"):
        return moment.replace(tzinfo=UTC).astimezone(_BEIJING).replace(tzinfo=None)
    away = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:])) * (-1 if zone[0] == "-" else 1)
    return moment - away + timedelta(hours=8)


def _day(found: re.Match[str], order: str) -> datetime | None:
    if found["ymd"]:
        return _digits(found["ymd"])
    if found["y"]:
        return _date(int(found["y"]), int(found["m"]), int(found["d"]))
    if not order:
        return None
    first, second = int(found["a"]), int(found["b"])
    day, month = (first, second) if order == DAY_FIRST else (second, first)
    return _date(int(found["z"]), month, day)


def _digits(text: str) -> datetime | None:
    return _date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _date(year: int, month: int, day: int) -> datetime | None:
    try:
        return datetime(year, month, day) if 1900 <= year < 2200 else None  # noqa: DTZ001 -- civil time has no zone
    except ValueError:
        return None


def _at(day: datetime | None, hour: int, minute: int, second: int) -> datetime | None:
    if day is None or minute > 59 or second > 59 or hour > 24 or (hour == 24 and (minute or second)):
        return None
    return day + timedelta(hours=hour, minutes=minute, seconds=second)
