"""What goes wrong on the line, on purpose: each fault with its share of the frames, chosen by a seed.

Around the frame that is meant: noise, halves, damaged copies (their values differ from the true ones and must never be
stored), copies sent twice, a line that drops. Instead of it: a check in Modbus's way, a tail without CR, a time in the
far future, a message in parts. Not at all: what a device keeps until it is asked for it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from qingyuan.hj212 import crc16_modbus
from qingyuan.hj212.encode import envelope
from qingyuan.intake.requests import HISTORY
from qingyuan.simulate.devices import Spoken
from qingyuan.simulate.errors import UnknownFaultError

FAULTS: Mapping[str, str] = {
    "garbage": "包前有杂乱字节",
    "half": "先发半包，再发整包",
    "crc": "先发一份改了值而校验不符的包",
    "duplicate": "同一包连发两次",
    "hang_up": "发完即断线",
    "modbus": "校验码按 Modbus 算法",
    "no_cr": "包尾缺回车",
    "future": "数据时间在十年后",
    "split": "拆成几包上传",
    "gap": "时段数据（2031、2041、2051、2061）扣下不发，补取时才给",
    "clock": "设备（按台数的份额）时钟慢十分钟，校时后改正",
}
OF_DEVICES = frozenset({"clock"})
"""Faults of a device rather than of a frame; their share is one of devices."""
CLOCK_OFF = timedelta(minutes=-10)
DEFAULT_SHARE = 0.01
_SPLIT_AT = 180


@dataclass(frozen=True)
class Sent:
    """What is put on the line for one frame.

    noise: before it, nobody's frame. raw: the frame as sent. copies: how often. is_tracked: whether an acknowledgement
    is to be expected. hangs_up: whether the line is cut behind it.
    """

    raw: bytes
    noise: bytes = b""
    copies: int = 1
    is_tracked: bool = True
    hangs_up: bool = False


def parse_faults(text: str) -> dict[str, float]:
    """`name=share,name` or `all` as shares by name; UnknownFaultError for anything else."""
    shares: dict[str, float] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        name, _, share = part.partition("=")
        names = list(FAULTS) if name == "all" else [name]
        try:
            value = float(share) if share else DEFAULT_SHARE
        except ValueError:
            raise UnknownFaultError(part, tuple(FAULTS)) from None
        if not 0 <= value <= 1 or any(one not in FAULTS for one in names):
            raise UnknownFaultError(part, tuple(FAULTS))
        shares |= dict.fromkeys(names, value)
    return shares


def choose(shares: Mapping[str, float], chance: random.Random) -> str:
    """The fault of one frame, "" for none; at most one a frame."""
    drawn = chance.random()
    for name, share in shares.items():
        if name in OF_DEVICES:
            continue
        drawn -= share
        if drawn < 0:
            return name
    return ""


def clock_off(shares: Mapping[str, float], chance: random.Random) -> timedelta:
    """How far the clock of one device is ahead at first."""
    return CLOCK_OFF if chance.random() < shares.get("clock", 0.0) else timedelta()


def split_size(fault: str) -> int | None:
    """Bytes of data section a part may have, where the message is to be split."""
    return _SPLIT_AT if fault == "split" else None


def apply(fault: str, spoken: Spoken, chance: random.Random) -> Sent:
    """What is put on the line for a frame with a fault."""
    raw = spoken.raw
    if fault == "modbus":
        return Sent(envelope(raw[6:-6], crc16_modbus(raw[6:-6])), is_tracked=False)
    if fault == "gap" and spoken.cn in HISTORY:
        return Sent(raw, copies=0, is_tracked=False)
    return Sent(
        _altered(fault, spoken),
        noise=_noise(fault, raw, chance),
        copies=2 if fault == "duplicate" else 1,
        hangs_up=fault == "hang_up",
    )


def _altered(fault: str, spoken: Spoken) -> bytes:
    raw = spoken.raw
    if fault == "no_cr":
        return raw[:-2] + b"\n"
    stamp = b"DataTime=" + spoken.data_time.encode("ascii")
    if fault != "future" or stamp not in raw:
        return raw
    later = b"DataTime=%04d%s" % (int(spoken.data_time[:4]) + 10, spoken.data_time[4:].encode("ascii"))
    return envelope(raw[6:-6].replace(stamp, later))


def _noise(fault: str, raw: bytes, chance: random.Random) -> bytes:
    if fault == "garbage":
        return chance.randbytes(chance.randrange(1, 60)).replace(b"#", b"*")
    if fault == "half":
        return raw[: len(raw) // 2]
    return _damaged(raw) if fault == "crc" else b""


def _damaged(raw: bytes) -> bytes:
    """A copy with one digit of a value changed and the old check; the rest is as it was."""
    place = raw.rfind(b".") + 1
    if not place or not raw[place : place + 1].isdigit():
        return raw[:-6] + b"0001\r\n"
    digit = (raw[place] - ord("0") + 5) % 10 + ord("0")
    return raw[:place] + bytes([digit]) + raw[place + 1 :]
