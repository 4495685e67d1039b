"""What the headers of people's tables mean, as data."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

from qingyuan.rules import rule_book

_BRACKET = re.compile(r"^(.*?)[(\[]([^)\]]*)[)\]]$")


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
                found.setdefault(_plain(word), []).append(row["name"])
    return found


def _plain(title: str) -> str:
    return unicodedata.normalize("NFKC", title).strip().lower()


def item_of(text: str) -> str:
    """The item that a text names: system name, HJ 212 code, Chinese or English synonym; empty if none."""
    book, plain = rule_book(), _plain(text)
    if text.strip() in book.items:
        return text.strip()
    known = _table("item").get(plain)
    if known:
        return known[0]
    if plain in book.factors:
        return book.factors[plain].item
    return next((name for name, item in book.items.items() if item.name_zh.lower() == plain), "")


def roles_of(title: str) -> list[str]:
    """The roles a title may play (time, date, hour, point, name, item, value, unit, …)."""
    return _table("role").get(_plain(title), [])


def read_header(title: str) -> Header:
    """A title taken apart."""
    roles = roles_of(title)
    item = "" if roles else item_of(title)
    if roles or item:
        return Header(title, roles[0] if roles else "", item, "")
    plain = _plain(title)
    bracket = _BRACKET.match(plain)
    if bracket:
        base, unit = bracket.group(1).strip(), _unit(bracket.group(2))
        roles = roles_of(base)
        return Header(title, roles[0] if roles else "", "" if roles else item_of(base), unit)
    base, _, tail = plain.replace(" ", "_").rpartition("_")
    units = _table("suffix").get(tail, [])
    if base and units:
        return Header(title, "", item_of(base), units[0])
    return Header(title, "", "", "")


def _unit(text: str) -> str:
    """The unit's own name, whatever it is spelt like; empty when it is none."""
    units = {_plain(alias): unit.name for alias, unit in rule_book().units.items()}
    return units.get(_plain(text), "")
