"""Devices for load and joint tests: every upload command of every edition, and exactly what each frame says.

Device number i is always the same one: its edition, its medium and its MN follow from i. Its turns are numbered; two
frames of a device never bear the same command and time, and the first value of every upload of readings is unique in
the whole load, so that what arrived can be told apart afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from qingyuan.hj212 import CipherForm, Content, Edition, encode, encode_parts
from qingyuan.hj212 import contents as c
from qingyuan.hj212 import uploads as u
from qingyuan.rules import rule_book

EDITIONS: tuple[Edition, ...] = ("2005", "2017", "2025")
_VERSION_BITS: Mapping[Edition, int] = {"2005": 0, "2017": 1, "2025": 2}
_NOTICES = ("9013", "9014")
_GAS = (("a21026", 1), ("a21002", 1), ("a34013", 1), ("a19001", 2), ("a01011", 2))
_WATER = (("w01018", 2), ("w21003", 3), ("w01001", 2), ("w00000", 2))
_CONVERTED = frozenset({"a21026", "a21002", "a34013"})
_NOISE = (("Leq", 1), ("LMx", 1))
_REALTIME = "2011"
_PW = "123456"
_MINUTE, _HOUR, _DAY = 600, 3600, 86400
_PERIOD = {"2051": _MINUTE, "2111": 300, "2061": _HOUR, "2062": _HOUR, "2031": _DAY, "2041": _DAY}
_FLAGS = "NNNNNNNNNNNNNNNNNNMD"


@dataclass(frozen=True)
class Spoken:
    """One frame and what it says. values: factor code → sub-item → printed text, of this frame alone."""

    mn: str
    qn: str
    cn: str
    st: str
    edition: Edition
    data_time: str
    raw: bytes
    values: Mapping[str, Mapping[str, str]]
    pnum: int | None = None
    pno: int | None = None


@dataclass(frozen=True)
class Manner:
    """How the devices of a load speak.

    editions: devices take them in turn. kinds: commands, () for every upload command of the edition. sm4_key: if
    given, devices of 2025 encrypt. base: time of the first turn; spacing: between a device's turns.
    """

    base: datetime
    spacing: timedelta
    editions: Sequence[Edition] = ("2017",)
    kinds: Sequence[str] = ()
    sm4_key: bytes | None = None
    cipher_form: CipherForm = CipherForm.RAW


def device_mn(number: int, edition: Edition = "2017") -> str:
    """MN of device `number`, from 0: 24 hexadecimal digits, of 2005 fourteen."""
    return f"10AD{number:010X}" if edition == "2005" else f"10AD{number:020X}"


@cache
def upload_kinds(edition: Edition) -> tuple[str, ...]:
    """Commands that a device of the edition may begin with, from the rule tables."""
    commands = rule_book().protocol.commands.values()
    return tuple(sorted(one.cn for one in commands if one.edition == edition and one.to_upload in _NOTICES))


def speak(
    device: int,
    turn: int,
    sequence: int,
    manner: Manner,
    most: int | None = None,
    *,
    clock_off: timedelta = timedelta(),
) -> list[Spoken]:
    """The frames of a device's turn: one, or the parts of one message if `most` bytes of data section are passed.

    sequence: number of the turn in the whole load, the source of its unique value. clock_off: how far the device's clock
    is ahead; it tells in the request number and in the time of what is reported at once.
    """
    edition = manner.editions[device % len(manner.editions)]
    cn = _kind(device, turn, edition, manner.kinds)
    st = "31" if device % 2 == 0 else "32"
    mn = device_mn(device, edition)
    now = manner.base + turn * manner.spacing + clock_off
    at = _data_time(cn, turn, manner.base, now)
    content = _content(cn, edition, st, at, now, sequence)
    qn = f"{c.time_text(now)}{sequence % 900:03d}"
    flag = _VERSION_BITS[edition] << 2 | 1
    values = content.items if isinstance(content, u.Observations) else {}
    data_time = c.time_text(at)
    if most is not None and manner.sm4_key is None and isinstance(content, u.Observations):
        raws = list(encode_parts(qn=qn, st=st, cn=cn, pw=_PW, mn=mn, flag=flag, cp=content.cp(), most=most))
        same = (mn, cn, st, edition, data_time)
        return [_part(raw, number, len(raws), values, same) for number, raw in enumerate(raws, 1)]
    key = manner.sm4_key if edition == "2025" else None
    form = manner.cipher_form
    raw = encode(qn=qn, st=st, cn=cn, pw=_PW, mn=mn, flag=flag, cp=content.cp(), sm4_key=key, cipher_form=form)
    return [Spoken(mn, qn, cn, st, edition, data_time, raw, values)]


def _part(
    raw: bytes,
    number: int,
    count: int,
    values: Mapping[str, Mapping[str, str]],
    same: tuple[str, str, str, Edition, str],
) -> Spoken:
    mn, cn, st, edition, data_time = same
    own = {code: subs for code, subs in values.items() if f";{code}-".encode("ascii") in raw}
    numbers = (count, number) if count > 1 else (None, None)
    return Spoken(mn, raw[9:26].decode("ascii"), cn, st, edition, data_time, raw, own, *numbers)


def _kind(device: int, turn: int, edition: Edition, kinds: Sequence[str]) -> str:
    """Two turns of three are real-time data, the third is each of the others in turn; with few kinds, in turn."""
    allowed = [cn for cn in upload_kinds(edition) if not kinds or cn in kinds]
    others = [cn for cn in allowed if cn != _REALTIME]
    if not others or (_REALTIME in allowed and turn % 3 != 2):
        return _REALTIME
    return others[(turn // (3 if _REALTIME in allowed else 1) + device) % len(others)]


def _data_time(cn: str, turn: int, base: datetime, now: datetime) -> datetime:
    """An instant for what is reported at once; else the start of a period of its own, back from the base."""
    length = _PERIOD.get(cn)
    if length is None:
        return now
    midnight = base.replace(hour=0, minute=0, second=0, microsecond=0)
    if length == _DAY:
        return midnight - timedelta(days=turn + 1)
    passed = int((base - midnight).total_seconds()) // length
    return midnight + timedelta(seconds=(passed - turn - 1) * length)


def _content(cn: str, edition: Edition, st: str, at: datetime, now: datetime, sequence: int) -> Content:
    codes = _codes(edition, st)
    first = codes[0][0]
    exact = Decimal(sequence) / 100
    made: dict[str, Content] = {
        "1001": u.Information({"i23005": f"6970{sequence:020d}", "i23006": "BFEBFBFF000906EA"}),
        "1013": c.ForFactor(first),
        "1014": c.KeyRequest(c.time_text(now) + "000"),
        "2013": u.PeriodicSamples(at, {first: u.Sample(at, at, "1", exact, "N", {})}),
        "2021": u.FacilityStates(at, {"SB1": sequence % 6, "SB2": 1}),
        "2041": u.FacilityHours(at, {"SB1": Decimal(sequence % 240) / 10, "SB2": Decimal(24)}),
        "2062": u.StandardChecks(at, {first: u.StandardCheck(exact, Decimal(50), sequence % 10 > 0)}),
        "2071": c.Alarm(c.time_text(at), "1"),
        "2072": c.Alarm(c.time_text(at), "1"),
        "2081": c.Restart(at, now),
        "3019": u.DeviceNumbers(first, {first: f"010000A8900016F0{sequence:08d}"}),
        "3020": u.Information({"i11001": f"清洗管路，第 {sequence} 次"}, first, at, None, frozenset({"i11001"})),
        "9015": c.Nothing(),
    }
    if cn in made:
        return made[cn]
    subs = {"2011": ("Rtd",), "2052": ("Data",), "2111": ("Avg",)}.get(cn, ("Min", "Avg", "Max"))
    which = {"2052": _NOISE, "2111": (("a01901", 1),)}.get(cn, codes)
    return u.Observations.of(
        at, {code: _values(code, places, n, subs, sequence) for n, (code, places) in enumerate(which)}
    )


def _values(code: str, places: int, number: int, subs: Sequence[str], sequence: int) -> dict[str, str]:
    """Sub-items of one factor; those of the first (number 0) are unique in the load."""
    value = sequence / 100 if number == 0 else 10 + (sequence * 7 + number * 131) % 900 / 10
    shown = 2 if number == 0 else places
    found = {}
    for one, sub in enumerate(subs):
        found[sub] = f"{value + one * 0.001:.3f}" if len(subs) > 1 and number == 0 else f"{value + one:.{shown}f}"
        if code in _CONVERTED:
            found[f"Zs{sub}"] = f"{value * 1.25 + one:.{shown}f}"
    if subs != ("Data",):
        found["Flag"] = _FLAGS[(sequence + number) % len(_FLAGS)]
    return found


@cache
def _codes(edition: Edition, st: str) -> tuple[tuple[str, int], ...]:
    """Factors of a medium with their decimals, under the codes of the edition."""
    found = _GAS if st == "31" else _WATER
    if edition != "2005":
        return found
    factors = rule_book().factors
    return tuple((factors[code].code_2005 or code if code in factors else code, places) for code, places in found)
