"""Any head, field by field, whatever it looks like, and every oddity named.

Names are case sensitive and stand in the order of the table. Edition 2005 lets QN and Flag out of an upload that
nobody answers; its MN has 14 characters.

References: HJ 212-2017, 6.3.2, tables 3-4; HJ/T 212-2005 and HJ 212-2025 as others coded them.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from qingyuan.hj212.deviations import Deviation
from qingyuan.hj212.head import EDITIONS, Head, edition_of

QN_DIGITS = 17
_ORDER = {key: place for place, key in enumerate(("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO"))}
_AGAIN = "RF"  # HJ 212-2025: "1" in a frame that is sent again, else absent
_EMPTY_MN_ALLOWED = frozenset({"1001", "9013"})  # HJ 212-2025: a logger that has no MN yet
_MN_2017 = re.compile(r"[0-9A-Fa-f]{24}")
_MN_OTHER = re.compile(r"[0-9A-Za-z_-]{1,24}")
_MN_SIZE_2005 = 14
_PW = re.compile(r"[!-~]{6}")
_HIGHEST_FLAG, _MOST_PACKETS = 255, 9999
_CP_OPENS = b"CP=&&"
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
"""Characters that no printed text has."""


def is_valid_qn(qn: str) -> bool:
    """Whether a request number is a time with milliseconds, 17 digits (HJ 212-2017, table 3)."""
    return len(qn) == QN_DIGITS and qn.isascii() and qn.isdigit() and is_second(qn[:14])


@lru_cache(maxsize=8192)
def is_second(digits: str) -> bool:
    """Whether fourteen digits yyyyMMddHHmmss name a time."""
    try:
        datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}")
    except ValueError:
        return False
    return True


def read_head_carefully(body: bytes) -> Head:
    """The fields of a data segment before CP; never raises, what is odd becomes a deviation."""
    seen: dict[Deviation, None] = {}
    cut = body.find(_CP_OPENS)
    if cut < 0:
        seen[Deviation.NO_CP] = None
        cut = len(body)
    elif not body.endswith(b"&&") or len(body) < cut + len(_CP_OPENS) + 2:
        seen[Deviation.CP_NOT_CLOSED] = None
    text = body[:cut].decode("utf-8", "replace")
    if "\ufffd" in text:
        seen[Deviation.NOT_UTF8] = None
    if CONTROL.search(text):
        seen[Deviation.CONTROL_CHARACTERS] = None
    if "," in text or (cut < len(body) and text and not text.endswith(";")):
        seen[Deviation.HEAD_FORM] = None
        text = text.replace(",", ";")
    fields = _fields(text.removesuffix(";"), seen)
    return _judge(fields, seen)


def _fields(text: str, seen: dict[Deviation, None]) -> dict[str, str]:
    """Names and values; of a name that stands there twice the last."""
    fields: dict[str, str] = {}
    for part in text.split(";") if text else ():
        key, equals, value = part.partition("=")
        if not equals:
            seen[Deviation.HEAD_FORM if part.strip() else Deviation.EMPTY_ITEM] = None
            continue
        if part != part.strip() or key != key.strip() or value != value.strip():
            key, value = key.strip(), value.strip()
            seen[Deviation.BLANKS] = None
        if key in fields:
            is_same = fields[key] == value
            seen[Deviation.REPEATED_HEAD_FIELD if is_same else Deviation.CONFLICTING_HEAD_FIELD] = None
        fields[key] = value
    places = [_ORDER[key] for key in fields if key in _ORDER]
    if places != sorted(places):
        seen[Deviation.HEAD_ORDER] = None
    return fields


def _judge(fields: dict[str, str], seen: dict[Deviation, None]) -> Head:
    flag, pnum, pno = (_small_number(fields.get(key)) for key in ("Flag", "PNUM", "PNO"))
    qn, st, cn, pw, mn = (fields.get(key, "") for key in ("QN", "ST", "CN", "PW", "MN"))
    if not cn:
        seen[Deviation.NO_CN] = None
    if not mn and cn not in _EMPTY_MN_ALLOWED:
        seen[Deviation.NO_MN] = None
    if not st:
        seen[Deviation.NO_ST] = None
    elif len(st) != 2:
        seen[Deviation.ST_FORM] = None
    if "PW" not in fields:
        seen[Deviation.NO_PW] = None
    elif not _PW.fullmatch(pw):
        seen[Deviation.PW_FORM] = None
    if qn and not is_valid_qn(qn):
        seen[Deviation.QN_FORM] = None
    elif not qn and ("QN" in fields or edition_of(flag) != "2005"):
        seen[Deviation.NO_QN] = None
    _judge_flag(fields, flag, mn, seen)
    _judge_packets(fields, flag, pnum, pno, seen)
    if mn and flag is not None and not _is_mn(mn, flag):
        seen[Deviation.MN_FORM] = None
    extra = {key: value for key, value in fields.items() if key not in _ORDER}
    if extra.keys() - ({_AGAIN} if edition_of(flag) == "2025" else set()):
        seen[Deviation.UNKNOWN_HEAD_FIELD] = None
    elif extra and extra[_AGAIN] != "1":
        seen[Deviation.VALUE_RANGE] = None
    return Head(qn, st, cn, pw, mn, flag, pnum, pno, extra, tuple(seen))


def _is_mn(mn: str, flag: int) -> bool:
    """Whether MN has the form of the edition; of the other two only the greatest length is known for certain."""
    return (_MN_2017 if EDITIONS.get(flag >> 2) == "2017" else _MN_OTHER).fullmatch(mn) is not None


def _judge_flag(fields: dict[str, str], flag: int | None, mn: str, seen: dict[Deviation, None]) -> None:
    text = fields.get("Flag")
    if text is None:
        if len(mn) != _MN_SIZE_2005:
            seen[Deviation.NO_FLAG] = None
    elif flag is None or flag > _HIGHEST_FLAG:
        seen[Deviation.FLAG_RANGE] = None
    else:
        if flag >> 2 not in EDITIONS:
            seen[Deviation.UNKNOWN_VERSION] = None
        if text != str(flag):
            seen[Deviation.FLAG_FORM] = None


def _judge_packets(
    fields: dict[str, str], flag: int | None, pnum: int | None, pno: int | None, seen: dict[Deviation, None]
) -> None:
    is_split = bool((flag or 0) & 2)
    given = {key for key in ("PNUM", "PNO") if fields.get(key)}
    if is_split and (not given or (pnum == 0 and not pno)):  # nothing is numbered: this is all of it
        seen[Deviation.SPLIT_WITHOUT_NUMBERS] = None
        return
    if is_split and (pnum is None or pno is None):
        seen[Deviation.SPLIT_HALF_NUMBERED] = None
    elif not is_split and ("PNUM" in fields or "PNO" in fields):
        seen[Deviation.NUMBERS_WITHOUT_SPLIT] = None
    if pnum is not None and pno is not None and not 1 <= pno <= pnum <= _MOST_PACKETS:
        seen[Deviation.PACKET_NUMBER_RANGE] = None


def _small_number(text: str | None) -> int | None:
    """A decimal number of at most six digits; None if the text is absent or anything else."""
    if text is None or not 1 <= len(text) <= 6 or not (text.isascii() and text.isdigit()):
        return None
    return int(text)
