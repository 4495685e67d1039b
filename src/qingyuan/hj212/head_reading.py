"""The head of a data segment read at once: a device repeats it in every frame, so each is taken apart only once."""

from __future__ import annotations

from qingyuan.hj212.careful_head import QN_DIGITS, is_second, read_head_carefully
from qingyuan.hj212.head import Head

_CP_OPENS = b"CP=&&"
_MOST_HEADS = 20_000
_QN_OPENS, _QN_END = b"QN=", 20
_LEAST_CP = 7  # "CP=&&&&"
_known_heads: dict[bytes, Head] = {}
"""Heads without oddities by what stands between QN and CP."""


def read_head(body: bytes) -> Head:
    """The fields of a data segment before CP; never raises, what is odd becomes a deviation."""
    opens = body.find(_CP_OPENS)
    key = body[_QN_END:opens]
    known = _known_heads.get(key)
    digits = body[3:_QN_END]
    has_qn = body[:3] == _QN_OPENS and body[-2:] == b"&&" and digits.isdigit() and len(body) >= opens + _LEAST_CP
    if known is not None and has_qn:
        qn = digits.decode("ascii")
        if is_second(qn[:14]):
            return tuple.__new__(Head, (qn, *known[1:]))  # the same as Head(...), in a third of the time
    head = read_head_carefully(body)
    is_plain = has_qn and opens > _QN_END and _QN_OPENS not in key and len(head.qn) == QN_DIGITS and not head.extra
    if known is None and is_plain and not head.deviations:
        if len(_known_heads) >= _MOST_HEADS:
            _known_heads.clear()  # only a flood of made-up devices comes this far
        _known_heads[key] = head
    return head


def known_head(body: bytes) -> Head | None:
    """What is known of the head of a segment without oddities (its QN is not that of this segment)."""
    return _known_heads.get(body[_QN_END : body.find(_CP_OPENS)]) if body.startswith(_QN_OPENS) else None
