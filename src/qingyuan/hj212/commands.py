"""Which shape a command's data section has in which edition; typed reading and writing.

The number of a command alone does not say what it means: 1001, 3013 and 3014 changed between editions. Everything
here goes by (edition, CN).
"""

from __future__ import annotations

from functools import cache, lru_cache

from qingyuan.hj212 import contents as c
from qingyuan.hj212 import uploads as u
from qingyuan.hj212.cipher import CipherForm
from qingyuan.hj212.contents import Content
from qingyuan.hj212.encode import encode
from qingyuan.hj212.errors import UnencodableError
from qingyuan.hj212.head import Edition, edition_of
from qingyuan.hj212.message import Message
from qingyuan.rules import rule_book
from qingyuan.rules.protocol import Command

Shapes = tuple[type[Content], ...]

_VERSION_BITS: dict[Edition, int] = {"2005": 0, "2017": 1, "2025": 2}
_PERIODS: Shapes = (u.Observations, c.History)
_SHAPES: dict[str, Shapes] = {
    "1000": (c.Timeout,),
    "1002": (u.Information,),
    "1011": (c.FieldTime, c.ForFactor),
    "1012": (c.FieldTime,),
    "1013": (c.ForFactor,),
    "1014": (c.NewKey, c.KeyRequest),
    "1021": (c.AlarmLimits, c.ForFactor),
    "1022": (c.AlarmLimits,),
    "1031": (c.PlatformAddress, c.Nothing),
    "1032": (c.PlatformAddress,),
    "1041": (c.ReportTime, c.Nothing),
    "1042": (c.ReportTime,),
    "1061": (c.RealtimeInterval, c.Nothing),
    "1062": (c.RealtimeInterval,),
    "1063": (c.MinuteInterval, c.Nothing),
    "1064": (c.MinuteInterval,),
    "1072": (c.NewPassword,),
    "2011": (*_PERIODS, c.Nothing),
    "2012": (c.Nothing,),
    "2013": (u.PeriodicSamples, u.Observations, c.History, c.Nothing),
    "2021": (u.FacilityStates, c.Nothing),
    "2022": (c.Nothing,),
    "2031": _PERIODS,
    "2041": (u.FacilityHours, c.History),
    "2051": _PERIODS,
    "2052": _PERIODS,
    "2061": _PERIODS,
    "2062": (u.StandardChecks, c.History),
    "2071": (c.Alarm, c.History, c.Nothing),
    "2072": (c.Alarm,),
    "2081": (c.Restart,),
    "2111": (u.Observations, c.History),
    "3011": (c.Calibration,),
    "3012": (c.ForFactor,),
    "3013": (c.ForFactor,),
    "3014": (c.ForFactor,),
    "3015": (c.Retained, c.Nothing),
    "3016": (c.SamplingCycle,),
    "3017": (c.SamplingCycle, c.ForFactor),
    "3018": (c.OutputTime, c.ForFactor),
    "3019": (u.DeviceNumbers, c.ForFactor),
    "3020": (u.Information, c.InformationRequest),
    "3021": (u.Information,),
    "3022": (c.ForFactor,),
    "3024": (c.ForFactor,),
    "9011": (c.RequestResult,),
    "9012": (c.ExecutionResult,),
    "9013": (c.Nothing,),
    "9014": (c.Nothing,),
    "9015": (c.Nothing,),
}
_BY_EDITION: dict[tuple[str, str], Shapes] = {
    ("2005", "1001"): (c.AlarmTime,),
    ("2025", "1001"): (u.Information,),
}


@cache
def command(edition: str, cn: str) -> Command | None:
    """The command of an edition; None if that edition's table does not have it."""
    return rule_book().protocol.commands.get((edition, cn))


@cache
def shapes(edition: str, cn: str) -> Shapes:
    """The shapes that a command's data section may have, the most telling first; () for an unknown command."""
    if command(edition, cn) is None:
        return ()
    return _BY_EDITION.get((edition, cn)) or _SHAPES.get(cn, ())


@lru_cache(maxsize=4096)
def _is_observed(flag: int | None, cn: str) -> bool:
    """Whether the first shape of a command is Observations, which is all that its plainest messages need."""
    return shapes(edition_of(flag), cn)[:1] == (u.Observations,)


def interpret(message: Message) -> Content | None:
    """The typed content of a message.

    None if the edition has no such command or its data section has none of the command's shapes; `judging.judge` names which,
    and the message still holds everything as printed.
    """
    head = message.head
    if message.plain_layout is not None and _is_observed(head.flag, head.cn) and message.data_time is not None:
        return u.Observations(message.data_time, message.section)
    for shape in shapes(head.edition, head.cn):
        found = shape.read(message)
        if found is not None:
            return found
    return None


def write(
    content: Content,
    *,
    edition: Edition,
    cn: str,
    qn: str,
    st: str,
    pw: str,
    mn: str,
    wants_answer: bool = False,
    sm4_key: bytes | None = None,
    cipher_form: CipherForm = CipherForm.RAW,
) -> bytes:
    """A frame that carries `content`. UnencodableError if the edition's command has no such shape."""
    allowed = shapes(edition, cn)
    if type(content) not in allowed:
        names = "、".join(shape.__name__ for shape in allowed) or f"{edition} 版已有的命令"
        raise UnencodableError(f"CN={cn} 的数据区", type(content).__name__, names)
    flag = _VERSION_BITS[edition] << 2 | int(wants_answer)
    return encode(
        qn=qn, st=st, cn=cn, pw=pw, mn=mn, flag=flag, cp=content.cp(), sm4_key=sm4_key, cipher_form=cipher_form
    )
