"""Frames as devices send them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from qingyuan.hj212 import encode

BEIJING = timezone(timedelta(hours=8))
MN = "A" * 23 + "1"
RECEIVED = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)


def local(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")


def frame(
    values: str = "a21002-Avg=41.5,a21002-Flag=N",
    at: datetime = RECEIVED - timedelta(hours=2),
    mn: str = MN,
    cn: str = "2061",
    st: str = "31",
    flag: int = 5,
    qn: str = "",
) -> bytes:
    """A frame of hourly values that begins at `at`, wanting an answer."""
    number = qn or local(at + timedelta(hours=1)) + "000"
    return encode(qn=number, st=st, cn=cn, pw="123456", mn=mn, flag=flag, cp=f"DataTime={local(at)};{values}")


def numbered(count: int, mn: str = MN) -> list[bytes]:
    """Frames with different QN."""
    return [frame(f"a21002-Avg={n}.5,a21002-Flag=N", mn=mn, qn=f"20261121073000{n:03d}") for n in range(count)]


def qn_of(raw: bytes) -> str:
    return raw.partition(b"QN=")[2][:17].decode()
