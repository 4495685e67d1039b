"""Frames whose length, check or order is not written as the standard wants, where the check still proves them right.

Devices that print numbers without leading zeros send one check in sixteen with three digits and every length below
1000 with three; some fill up with blanks. Some write Flag behind the data section.
"""

from __future__ import annotations

import re

from qingyuan.hj212.crc import crc16

PADDED_HEADER = rb" {1,3}[0-9]{1,3}(?=[A-Z])|[0-9]{1,3} {0,3}(?=[A-Z])"
"""What may stand in place of the four digits of a length: fewer, with blanks before or behind or without."""
_SHORT_CHECK = re.compile(rb"(?! {4}) {0,3}([0-9A-Fa-f]{1,4}) {0,3}(?=[\r\n])")
_MAY_GROW = re.compile(rb" {0,3}[0-9A-Fa-f]{0,4} {0,3}\Z")
_AFTER_CP = re.compile(rb"&&;?((?:[A-Za-z]{2,4}=[0-9A-Za-z]{0,24};?)+)\Z")
_CP_OPENS = b"CP=&&"


def short_check(held: bytes, start: int, end: int, is_quiet: bool) -> int | None:
    """Size [bytes] of a check at `end` that is not four digits but right for the segment from `start`; 0 if none stands
    there, None if it may still come.
    """
    found = _SHORT_CHECK.match(held, end)
    if found is None:
        return None if not is_quiet and _MAY_GROW.match(held, end) else 0
    return len(found[0]) if crc16(held[start:end]) == int(found[1], 16) else 0


def fields_moved_forward(body: bytes) -> bytes:
    """A segment with the fields that stand behind its data section put before it, where they belong."""
    if body.endswith(b"&&"):
        return body
    found = _AFTER_CP.search(body)
    opens = body.find(_CP_OPENS)
    if found is None or opens < 0 or found.start() < opens + len(_CP_OPENS):
        return body
    return body[:opens] + found[1].rstrip(b";") + b";" + body[opens : found.start()] + b"&&"
