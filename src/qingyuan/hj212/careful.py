"""The data section read item by item: whatever it looks like, and every oddity named.

References: HJ 212-2017, 6.3.3, tables 5-8.
"""

from __future__ import annotations

import re

from qingyuan.hj212.careful_head import CONTROL
from qingyuan.hj212.deviations import Deviation
from qingyuan.hj212.layout import ABSURD_DIGITS, FLAG, KNOWN_SUBS, NUMERIC_SUBS

_STATE = re.compile(r"p991[0-9]{2}")  # HJ 212-2025, ST 45: letters for a state, as St, N, Sr
_STATE_TEXT = re.compile(r"[A-Za-z]{1,4}")
_FACTOR = re.compile(r"[a-z][0-9]{5}")
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_USUAL_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_SUB_OF_CASE = {sub.lower(): sub for sub in KNOWN_SUBS}
_FIELD_OF_CASE = {"datatime": "DataTime", "flag": FLAG}
_UPPER_CODE = re.compile(r"[WAEGI][0-9]{4,5}")
_BARE_CODE = re.compile(r"[0-9]{5}")
_TEXT = re.compile(r"//(.*?)//", re.DOTALL)
_HIDDEN = re.compile(r"//\x00([0-9]{1,4})\x00//")
_QUOTES = "//"
_SEPARATORS = re.compile(r"[;,=]|&&")


def read_carefully(
    text: str, items: dict[str, dict[str, str]], fields: dict[str, str], seen: dict[Deviation, None]
) -> None:
    """Fill `items` and `fields` item by item and name what is odd."""
    quoted: list[str] = []
    if CONTROL.search(text):
        seen[Deviation.CONTROL_CHARACTERS] = None
    if "//" in text:
        text = _TEXT.sub(lambda match: _hide(match, quoted), text)
    if "&&" in text or "&" in text[:1] + text[-1:] or any(_SEPARATORS.search(one) for one in quoted):
        seen[Deviation.SEPARATORS_IN_TEXT] = None
    if text:
        for group in text.split(";"):
            _read_group(group, items, fields, seen)
    if any(_is_open(subs.get("Info", "")) for subs in items.values()):
        seen[Deviation.TEXT_NOT_CLOSED] = None
    if quoted:
        _unhide(items, fields, quoted)


def _read_group(
    group: str, items: dict[str, dict[str, str]], fields: dict[str, str], seen: dict[Deviation, None]
) -> None:
    group_code = ""
    pairs = _whole_pairs(group, seen) if "," in group else [group]
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or pair[0] in "=-" or key.endswith("-"):
            seen[Deviation.BROKEN_ITEM if pair.strip() else Deviation.EMPTY_ITEM] = None
            continue
        if pair[0].isspace() or pair[-1].isspace() or key[-1:].isspace() or value[:1].isspace():
            key, value = key.strip(), value.strip()
            seen[Deviation.BLANKS] = None
        code, dash, sub = key.partition("-")
        if not dash:
            _put_field(key, value, len(pairs) > 1, fields, seen)
            continue
        if not sub.strip() or code[-1:].isspace() or sub[:1].isspace():
            code, sub = code.rstrip(), sub.lstrip()
            seen[Deviation.BLANKS if sub else Deviation.BROKEN_ITEM] = None
            if not sub:
                continue
        if code != group_code:
            code = _repaired(code, group_code, seen)
            group_code = group_code or code
        _put_item(items.setdefault(code, {}), code, sub, value, seen)


def _put_field(
    key: str, value: str, is_one_of_several: bool, fields: dict[str, str], seen: dict[Deviation, None]
) -> None:
    known = _FIELD_OF_CASE.get(key.lower(), key)
    if known != key:
        seen[Deviation.SUB_ITEM_CASE] = None
    if known == FLAG:
        seen[Deviation.FRAME_WIDE_FLAG] = None
    elif is_one_of_several:
        seen[Deviation.COMMA_BETWEEN_FIELDS] = None
    if known in fields:
        seen[Deviation.DUPLICATE_ITEM] = None
    fields[known] = value


def _put_item(subs: dict[str, str], code: str, sub: str, value: str, seen: dict[Deviation, None]) -> None:
    if sub not in KNOWN_SUBS and (known := _SUB_OF_CASE.get(sub.lower())) is not None:
        sub = known
        seen[Deviation.SUB_ITEM_CASE] = None
    if sub == FLAG and len(value) == 1 and value.isascii() and value.islower():
        value = value.upper()
        seen[Deviation.FLAG_CASE] = None
    if sub in subs:
        seen[Deviation.DUPLICATE_ITEM] = None
    subs[sub] = value
    if sub in NUMERIC_SUBS:
        _judge_number(code, value, seen)


def _whole_pairs(group: str, seen: dict[Deviation, None]) -> list[str]:
    """The pairs of a group. A piece without a name belongs to the value before it, which is then no number: the 19 of
    `19,191.973` must not be taken for the whole.
    """
    pairs: list[str] = []
    for piece in group.split(","):
        if pairs and piece.strip() and "=" not in piece and "=" in pairs[-1]:
            pairs[-1] += "," + piece
            seen[Deviation.BROKEN_ITEM] = None
        else:
            pairs.append(piece)
    return pairs


def _repaired(code: str, group_code: str, seen: dict[Deviation, None]) -> str:
    if code[:1].isupper() and _UPPER_CODE.fullmatch(code):
        seen[Deviation.CODE_CASE] = None
        return code.lower()
    if group_code[1:] == code and _BARE_CODE.fullmatch(code):
        seen[Deviation.CODE_WITHOUT_LETTER] = None
        return group_code
    if _FACTOR.fullmatch(group_code):
        seen[Deviation.COMMA_BETWEEN_ITEMS] = None
    return code


def _is_open(text: str) -> bool:
    return text.startswith(_QUOTES) and (len(text) < 2 * len(_QUOTES) or not text.endswith(_QUOTES))


def _judge_number(code: str, value: str, seen: dict[Deviation, None]) -> None:
    if not NUMBER.fullmatch(value):
        if not (_STATE.fullmatch(code) and _STATE_TEXT.fullmatch(value)):
            seen[Deviation.NOT_A_NUMBER] = None
        return
    if not _USUAL_NUMBER.fullmatch(value):
        seen[Deviation.NUMBER_FORM] = None
    if (len(value) >= ABSURD_DIGITS or "e" in value or "E" in value) and abs(float(value)) >= 10.0 ** (
        ABSURD_DIGITS - 1
    ):
        seen[Deviation.ABSURD_NUMBER] = None


def _hide(match: re.Match[str], quoted: list[str]) -> str:
    quoted.append(match[1])
    return f"//\x00{len(quoted) - 1}\x00//"


def _unhide(items: dict[str, dict[str, str]], fields: dict[str, str], quoted: list[str]) -> None:
    """Put the hidden texts back, with their slashes, wherever the splitting has carried them."""

    def shown(text: str) -> str:
        return _HIDDEN.sub(lambda match: f"//{quoted[int(match[1])]}//", text) if "\x00" in text else text

    for subs in (fields, *items.values()):
        for key, value in list(subs.items()):
            del subs[key]
            subs[shown(key)] = shown(value)
    for code in list(items):
        items[shown(code)] = items.pop(code)
