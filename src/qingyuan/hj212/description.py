"""A piece of a stream as flat facts, the same for a line of JSON and for a page: what it is, whether it is right."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from qingyuan.hj212.careful_head import is_valid_qn
from qingyuan.hj212.cipher import reads_as_text
from qingyuan.hj212.commands import interpret
from qingyuan.hj212.crc import CrcDialect
from qingyuan.hj212.deviations import Deviation, Severity
from qingyuan.hj212.factors import meaning_of
from qingyuan.hj212.frame import Frame, Rejected
from qingyuan.hj212.head import Head, names_edition
from qingyuan.hj212.judging import judge
from qingyuan.hj212.message import beijing_time, cp_text, decode

_TOLERATED_AHEAD = timedelta(days=1)
_FROM_CP = frozenset({"codes", "sample_times"})


@dataclass(frozen=True, slots=True)
class Description:
    """One frame or rejected piece.

    ok: whether its values may be used; strictly, whether nothing had to be repaired. crc_ok: whether the
    standard's check is right over the plain text; crc_dialect: the dialect in which it is, None if in none.
    Fields of the head are None where the piece has none that can be read, version where Flag names no known one.
    codes: the code of 2017 for every other code that a table has; sample_times: by factor code, where they are said.
    """

    ok: bool
    version: str | None
    crc_ok: bool
    crc_dialect: str | None
    deviations: tuple[Deviation, ...]
    qn: str | None
    st: str | None
    cn: str | None
    mn: str | None
    flag: int | None
    pnum: int | None
    pno: int | None
    cp: str | None
    codes: dict[str, str]
    sample_times: dict[str, datetime]

    def as_json(self) -> dict[str, object]:
        """The facts under their names, deviations by id; what follows from the data section alone is left to the reader."""
        facts: dict[str, object] = {name: getattr(self, name) for name in self.__slots__ if name not in _FROM_CP}
        facts["deviations"] = [str(one) for one in self.deviations]
        return facts


def describe(
    piece: Frame | Rejected,
    received_at: datetime | None = None,
    *,
    is_strict: bool = False,
    passwords: Collection[str] = (),
) -> Description:
    """The facts of a piece. received_at: as in `decode`. is_strict: what is taken after a repair is not ok.
    passwords: those that a frame may bear; if there are none, any.
    """
    if isinstance(piece, Rejected):
        head = piece.head
        dialect = str(piece.dialect) if piece.dialect else None
        return _described(head, False, piece.dialect is CrcDialect.HJ, dialect, piece.deviations, _cp_of(piece), {}, {})
    message = decode(piece, received_at)
    deviations = (*message.deviations, *judge(message, interpret(message)))
    if passwords and piece.pw not in passwords:
        deviations = (*deviations, Deviation.WRONG_PASSWORD)
    if received_at is not None and _is_ahead(piece.qn, received_at):
        deviations = (*deviations, Deviation.QN_FUTURE)
    deviations = tuple(dict.fromkeys(deviations))
    refused = {Severity.FATAL, Severity.LENIENT} if is_strict else {Severity.FATAL}
    is_ok = not any(one.severity in refused for one in deviations)
    dialect = str(piece.dialect) if piece.dialect else None
    has_cp = Deviation.NO_CP not in deviations
    cp = cp_text(piece.cp)[0] if has_cp else None
    codes = {code: known.code for code in message.items if (known := meaning_of(code, piece.st)) and known.code != code}
    return _described(
        piece.head, is_ok, piece.dialect is CrcDialect.HJ, dialect, deviations, cp, codes, message.sample_times
    )


def _is_ahead(qn: str, received_at: datetime) -> bool:
    sent_at = beijing_time(qn[:14]) if is_valid_qn(qn) else None
    return sent_at is not None and sent_at > received_at + _TOLERATED_AHEAD


def _described(
    head: Head,
    is_ok: bool,
    crc_ok: bool,
    dialect: str | None,
    deviations: tuple[Deviation, ...],
    cp: str | None,
    codes: dict[str, str],
    sample_times: dict[str, datetime],
) -> Description:
    has_head = bool(head.cn or head.mn or head.st or head.qn)
    version = head.edition if has_head and names_edition(head.flag) else None
    return Description(
        is_ok,
        version,
        crc_ok,
        dialect,
        deviations,
        head.qn or None,
        head.st or None,
        head.cn or None,
        head.mn if has_head else None,
        head.flag,
        head.pnum,
        head.pno,
        cp,
        codes,
        sample_times,
    )


def _cp_of(piece: Rejected) -> str | None:
    """The data section of a rejected piece as far as it is there and is text."""
    opened, content = piece.raw.partition(b"CP=&&")[1:]
    content = content[: content.rindex(b"&&")] if b"&&" in content else content.rstrip()
    return cp_text(content)[0] if opened and reads_as_text(content) else None
