"""What the headers of people's tables mean, as data."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

from qingyuan.rules import rule_book

_BRACKET = re.compile(r"^(.*?)[(\[【{]([^()\[\]【】{}]*(?:\([^()]*\))?)[)\]】}]$")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_PARTS = re.compile(r"[,，;；]")
_UNIT_LIKE = re.compile(r"[a-zμ0-9.^·*]*[a-zμ]/[a-z0-9.^³²]+")
_COUNTED_AS = re.compile(r"以.{1,4}计")
_FOOTNOTE = re.compile(r"[*†‡：:]+$")


@dataclass(frozen=True)
class Header:
    """A column title taken apart: role or item, and the unit it carries; each empty if unknown."""

    title: str
    role: str
    item: str
    unit: str


@cache
def _table(kind: str) -> dict[str, list[str]]:
    text = (resources.files("qingyuan.intake.files") / "data" / "synonyms.csv").read_text("utf-8")
    found: dict[str, list[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        if row["kind"] == kind:
            for word in row["synonyms"].split("|"):
                found.setdefault(plain(word), []).append(row["name"])
    return found


def plain(title: str) -> str:
    """A title as it is compared: half-width, lower case, without blanks, tags and marks of footnotes."""
    bare = _TAG.sub("", title) if "<" in title else title
    folded = unicodedata.normalize("NFKC", bare).translate(_GREEK).strip().lower()
    return _FOOTNOTE.sub("", "".join(folded.split()))


_GREEK = str.maketrans({"α": "a", "μ": "u", "µ": "u", "–": "-", "—": "-", "－": "-"})


@cache
def item_of(text: str) -> str:
    """The item that a text names: system name, HJ 212 code, Chinese or English synonym; empty if none."""
    book, bare = rule_book(""), plain(text)
    if text.strip() in book.items:
        return text.strip()
    if not bare:
        return ""
    known = _table("item").get(bare)
    if known:
        return known[0]
    if bare in book.factors:
        return book.factors[bare].item
    return next((name for name, item in book.items.items() if bare in (plain(item.name_zh), name.lower())), "")


def roles_of(title: str) -> list[str]:
    """The roles a title may play (time, date, hour, point, name, item, value, unit, …)."""
    known = _table("role")
    bare = plain(title)
    if bare in known:
        return known[bare]
    bracket = _BRACKET.match(bare)
    return known.get(bracket.group(1), []) if bracket and not _item_in(bare) else []


@cache
def read_header(title: str) -> Header:
    """A title taken apart: 氨氮(NH3-N)(mg/L), CO_mgm3, 细颗粒物 浓度 [μg/m³]."""
    bare = plain(title)
    roles = roles_of(title)
    item = "" if roles else item_of(title)
    if roles or item:
        unit = _inside_unit(bare)
        return Header(title, roles[0] if roles else "", item, unit)
    item, unit = _item_in(bare), _inside_unit(bare)
    if item:
        return Header(title, "", item, unit)
    base, unit = _unit_at_end(bare)
    if base:
        return Header(title, "", _item_in(base), unit)
    base, _, tail = unicodedata.normalize("NFKC", title).strip().lower().replace(" ", "_").rpartition("_")
    units = _table("suffix").get(tail, [])
    if base and units:
        return Header(title, "", _item_in(plain(base)), units[0])
    return Header(title, "", "", "")


def _item_in(bare: str) -> str:
    """The item of a title whose brackets hold units, other names of it, or notes."""
    if known := item_of(bare):
        return known
    if bracket := _BRACKET.match(bare):
        return _item_of_bracket(*bracket.groups())
    for word in _table("suffix_word"):
        if bare.endswith(word) and (found := _item_in(bare.removesuffix(word).rstrip("_-"))):
            return found
    return ""


def _item_of_bracket(base: str, inner: str) -> str:
    """The item of `base(inner)`: one with a unit that is not known cannot be used."""
    parts = _PARTS.split(inner)
    if all(_COUNTED_AS.fullmatch(part) or unit_of(part) for part in parts):
        return _item_in(base)
    if any(_UNIT_LIKE.fullmatch(part) for part in parts):
        return ""
    within, without = item_of(inner), _item_in(base)
    return item_of(base + inner) or (within if within and without in ("", "dust") else without)


def _inside_unit(bare: str) -> str:
    """The unit in the last brackets that hold one."""
    while bracket := _BRACKET.match(bare):
        bare, inner = bracket.groups()
        if unit := next((unit for part in _PARTS.split(inner) if (unit := unit_of(part))), ""):
            return unit
    return ""


def _unit_at_end(bare: str) -> tuple[str, str]:
    """A title and the unit written behind it without brackets: 氨氮mg/l, 氨氮,mg/l."""
    for spelt, unit in _units().items():
        if len(spelt) > 1 and bare.endswith(spelt):
            base = bare.removesuffix(spelt).rstrip(",，/;_-")
            if base and _item_in(base):
                return base, unit
    return "", ""


@cache
def _units() -> dict[str, str]:
    """Ways of writing units, the longest first."""
    known = {plain(alias): unit.name for alias, unit in rule_book("").units.items()}
    known |= {word: names[0] for word, names in _table("unit").items()}
    return dict(sorted(known.items(), key=lambda pair: -len(pair[0])))


def unit_of(text: str) -> str:
    """The unit's own name, whatever it is spelt like; empty when it is none."""
    return _units().get(plain(text).strip("()[]【】"), "")


def is_unit(text: str) -> bool:
    """Whether a text is a unit and no other word."""
    bare = plain(text).strip("()[]【】")
    return bare not in ("-", "1") and bool(_units().get(bare))


def body_of(text: str) -> str:
    """`river` or `lake`, whatever it is called; empty where the word is neither (a canal has to be said by a person)."""
    return next(iter(_table("body").get(plain(text), [])), "")


def column_of(title: str) -> list[str]:
    """Names of other columns of the evaluation that a title may mean."""
    known = _table("column")
    bare = plain(title)
    bracket = _BRACKET.match(bare)
    return known.get(bare) or (known.get(bracket.group(1), []) if bracket else [])


def figure_of(title: str) -> str:
    """A statistic of an item as the evaluation names it (PM2_5_mean, CO_P95); empty where a title names none."""
    bare = plain(title)
    unit = _BRACKET.match(bare)
    if unit and (unit_of(unit.group(2)) or not unit.group(1)):
        bare = unit.group(1)
    for word, names in sorted(_table("figure").items(), key=lambda pair: -len(pair[0])):
        if bare.endswith(word) and (item := _item_in(bare.removesuffix(word).rstrip("_-"))):
            return f"{item}_{names[0]}"
    return ""
