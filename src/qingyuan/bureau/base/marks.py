"""Which sign, tone and word a state gets. One table for all pages."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.bureau.base import display
from qingyuan.rules import RulesError, rule_book

SIGN_OF_TONE = {
    "calm": "circle-check",
    "half": "clock",
    "urgent": "alarm",
    "over": "alert-triangle",
    "info": "info-circle",
    "accent": "arrow-right",
    "": "minus",
}


@dataclass(frozen=True)
class Chip:
    """A state as it is shown."""

    word: str
    tone: str
    sign: str


# register, value -> tone, sign
STATES: dict[tuple[str, str], tuple[str, str]] = {
    ("alert", "open"): ("over", "bell"),
    ("alert", "acknowledged"): ("info", "check"),
    ("alert", "ended"): ("", "circle-check"),
    ("level", "1"): ("info", "info-circle"),
    ("level", "2"): ("urgent", "alert-triangle"),
    ("level", "3"): ("over", "alarm"),
    ("finding", "exceedance"): ("over", "alert-triangle"),
    ("finding", "within"): ("calm", "circle-check"),
    ("finding", "exempt"): ("info", "flag"),
    ("finding", "cannot_tell"): ("half", "help-circle"),
    ("finding", "withdrawn"): ("", "circle-x"),
    ("tag", "unchecked"): ("urgent", "clipboard-check"),
    ("tag", "asked"): ("half", "help-circle"),
    ("tag", "accepted"): ("calm", "circle-check"),
    ("tag", "refused"): ("over", "circle-x"),
    ("tag", "withdrawn"): ("", "circle-x"),
    ("evaluation", "pass"): ("calm", "circle-check"),
    ("evaluation", "fail"): ("over", "alert-triangle"),
    ("evaluation", "cannot_tell"): ("half", "help-circle"),
    ("lead", "new"): ("urgent", "inbox"),
    ("lead", "case"): ("accent", "briefcase"),
    ("lead", "dismissed"): ("", "circle-x"),
    ("lead", "merged"): ("info", "git-merge"),
    ("case", "open"): ("info", "briefcase"),
    ("case", "closed"): ("calm", "circle-check"),
    ("import", "queued"): ("info", "clock"),
    ("import", "running"): ("accent", "refresh"),
    ("import", "done"): ("calm", "circle-check"),
    ("import", "failed"): ("over", "circle-x"),
    ("import", "expired"): ("", "history"),
    ("request", "waiting"): ("info", "clock"),
    ("request", "sent"): ("accent", "arrow-right"),
    ("request", "accepted"): ("accent", "refresh"),
    ("request", "done"): ("calm", "circle-check"),
    ("request", "empty"): ("half", "inbox"),
    ("request", "refused"): ("urgent", "circle-x"),
    ("request", "failed"): ("urgent", "alert-triangle"),
    ("request", "timed_out"): ("urgent", "clock"),
    ("request", "unsent"): ("", "circle-x"),
    ("user", "True"): ("calm", "circle-check"),
    ("user", "False"): ("", "circle-x"),
    ("watchdog", "ok"): ("calm", "eye"),
    ("watchdog", "held"): ("over", "alert-triangle"),
    ("watchdog", "late"): ("over", "alert-triangle"),
    ("watchdog", "never"): ("over", "alert-triangle"),
    ("cause", "device"): ("urgent", "adjustments"),
    ("cause", "link"): ("over", "plug-connected-x"),
    ("cause", "us"): ("over", "home"),
    ("cause", "source"): ("info", "upload"),
    ("cause", "unknown"): ("half", "help-circle"),
    ("quality", "good"): ("calm", "circle-check"),
    ("quality", "noted"): ("info", "info-circle"),
    ("quality", "corrected"): ("info", "adjustments"),
    ("quality", "suspect"): ("half", "help-circle"),
    ("quality", "bad"): ("over", "alert-triangle"),
    ("quality", "missing"): ("", "minus"),
    ("quality", "invalid"): ("over", "circle-x"),
    ("quality", "valid"): ("calm", "clipboard-check"),
    ("arrival", "fresh"): ("calm", "circle-check"),
    ("arrival", "late"): ("half", "clock"),
    ("arrival", "silent"): ("over", "plug-connected-x"),
    ("arrival", "never"): ("", "minus"),
    ("arrival", "planned"): ("info", "player-pause"),
    ("arrival", "unplanned"): ("", "help-circle"),
    ("arrival", "history"): ("", "history"),
}


def chip_of(kind: str, value: str, word: str = "") -> Chip:
    """The chip of a state; an unknown state is shown plainly with its own word."""
    tone, sign = STATES.get((kind, value), ("", SIGN_OF_TONE[""]))
    return Chip(_(word) if word else value, tone, sign)


@dataclass(frozen=True)
class Mark:
    """A judged value: the text on the colour, the word beside it, the number of its colour (0 = none)."""

    text: str
    word: str
    colour: int


ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6}


def air_mark(value: float | None, label: str = "") -> Mark:
    """The mark of an AQI; a missing one says that it cannot be told."""
    if value is None:
        return Mark("—", _("无法判定"), 0)
    category = rule_book().aqi_category(round(value))
    word = category.category_en if get_language() == "en" else label or category.category_zh
    return Mark(display.number_text(value, 0), word, ROMAN[category.level])


def water_mark(name: str) -> Mark:
    """The mark of a water class; an empty one says that it cannot be told."""
    if not name:
        return Mark("—", _("无法判定"), 0)
    try:
        known = rule_book().water_class(name)
    except RulesError:
        return Mark(name, "", 0)
    return Mark(known.name_zh, known.quality_en if get_language() == "en" else known.quality_zh, known.rank)
