"""How values are written for people: item symbols, units, numbers, spans of time. One definition for every page."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.rules import RulesError, rule_book

SYMBOLS = {
    "SO2": "SO₂", "NO2": "NO₂", "NOx": "NOₓ", "O3": "O₃", "O3_8h": "O₃-8h", "PM10": "PM₁₀", "PM2_5": "PM₂.₅",
    "NH3N": "NH₃-N", "NH3": "NH₃", "H2S": "H₂S", "O2": "O₂", "BOD5": "BOD₅", "Cr6": "Cr⁶⁺",
    "CO": "CO", "NO": "NO", "AQI": "AQI", "TSP": "TSP", "pH": "pH", "DO": "DO", "COD": "COD", "TP": "TP", "TN": "TN",
    "HCl": "HCl", "SS": "SS", "NMHC": "NMHC", "LAS": "LAS",
}  # fmt: skip
# Codes of power meters that no rule judges; the names are those of the monitoring-by-electricity practice.
POWER = {"d20101": "生产设施功率", "d30101": "治理设施功率"}
UNITS = {
    "ug/m3": "µg/m³", "mg/m3": "mg/m³", "ng/m3": "ng/m³", "ug/L": "µg/L", "ng/L": "ng/L", "degC": "℃", "1": "",
    "uS/cm": "µS/cm", "m3/h": "m³/h", "m3/s": "m³/s", "m3/d": "m³/d", "deg": "°",
}  # fmt: skip
_ITEMS_IN_WORDS = re.compile(f"(?<![A-Za-z0-9_])(?:{'|'.join(sorted(SYMBOLS, key=len, reverse=True))})(?![A-Za-z0-9_])")
# The same units where they stand in running words; a bare m3 only behind a figure or 万.
_UNITS_IN_WORDS = re.compile(
    r"(?<![A-Za-z0-9_])(?:[mun]g/m3|kg/m3|g/m3|m3/(?:[hsdat]|min)|[un]g/L|uS/cm|degC)(?![A-Za-z0-9_³])"
    r"|(?<=[\d万亿 ])m3(?![A-Za-z0-9_³/])"
)
MINUTE, HOUR, DAY = 60, 3600, 86400


def item_symbol(item: str) -> str:
    """The short sign of an item with real subscripts, such as PM₂.₅; the item's name where it has none."""
    return SYMBOLS.get(item) or item_name(item)


def item_name(item: str) -> str:
    """The item's name in the language of the page; an item outside the rule book is shown as it is stored."""
    try:
        known = rule_book().item(item)
    except RulesError:
        return SYMBOLS.get(item) or (_(POWER[item]) if item in POWER else _factor_name(item))
    return known.name_en if get_language() == "en" else known.name_zh


def _factor_name(code: str) -> str:
    """The name of a factor that is kept under its own code."""
    factor = rule_book().factors.get(code)
    if factor is None:
        return code
    return factor.name_en if get_language() == "en" else factor.name_zh


def in_language(text: str) -> str:
    """What a rule's source says, in the language of the page, where it is written in both: Chinese | English."""
    chinese, both, english = text.partition(" | ")
    return english if both and get_language() == "en" else chinese


def seconds_text(seconds: float) -> str:
    """How far a clock is off: below two minutes in seconds, else in the two largest units; with its sign."""
    if abs(seconds) < 120:
        return f"{seconds:.1f} s"
    left = round(abs(seconds))
    parts: list[str] = []
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, length)
        if count or parts:
            parts.append(f"{count} {unit}")
    return f"{'-' if seconds < 0 else ''}{' '.join(parts[:2])}"


def item_decimals(item: str) -> int | None:
    """Decimals in which the item is shown; None for an item outside the rule book (shown as printed)."""
    try:
        return rule_book().item(item).decimals
    except RulesError:
        return None


def unit_text(unit: str) -> str:
    """A unit as print writes it: ug/m3 becomes µg/m³, the unit 1 is empty."""
    return UNITS.get(unit, unit)


def units_in(words: str) -> str:
    """Running words with their units as print writes them: 超过 50 mg/m3 becomes 超过 50 mg/m³."""
    return _UNITS_IN_WORDS.sub(lambda found: UNITS.get(found[0]) or found[0].replace("m3", "m³"), words)


def symbols_in(words: str) -> str:
    """Running words with the keys of items by their signs: 缺 PM2_5 becomes 缺 PM₂.₅."""
    return _ITEMS_IN_WORDS.sub(lambda found: SYMBOLS[found[0]], words)


def number_text(value: float | Decimal | None, decimals: int | None = None) -> str:
    """The value with the given decimals (half-even, GB/T 8170), or its shortest exact form; — for None."""
    if value is None:
        return "—"
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if decimals is None:
        return format(exact.normalize(), "f")
    return format(exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN), "f")


MOST_DECIMALS = 8


def telling(value: float | None, bound: float | None, decimals: int | None) -> int | None:
    """The decimals in which a value shows on which side of its bound it lies: 35.2 beside 35, not 35."""
    if value is None or bound is None or decimals is None or value == bound:
        return decimals
    while decimals < MOST_DECIMALS and number_text(value, decimals) == number_text(bound, decimals):
        decimals += 1
    return decimals


_BOUNDS = re.compile(r"[≤≥~～]\s*(-?\d+(?:\.\d+)?)|(-?\d+(?:\.\d+)?)(?=\s*[~～])")


def telling_of(value: float | None, limit: str, decimals: int | None) -> int | None:
    """As `telling`, beside a limit in words: ≤50 mg/m3, 6~9."""
    bounds = [float(number) for pair in _BOUNDS.findall(limit) for number in pair if number]
    found = [telling(value, bound, decimals) for bound in bounds]
    return max((places for places in found if places is not None), default=decimals)


def multiple_text(multiple: float | None) -> str:
    """By how many times a limit is exceeded: two decimals, more where these would say none; — for None."""
    if multiple is None:
        return "—"
    return number_text(multiple, telling(multiple, 0.0, 2))


def class_text(rank: float | None) -> str:
    """A water class by its rank as print writes it: Ⅲ, 劣Ⅴ; — for None."""
    known = {c.rank: c.name_zh for c in rule_book().water_classes}
    return "—" if rank is None else known.get(int(rank), number_text(rank))


def span_text(span: timedelta) -> str:
    """A positive span in its two largest units: 3 天 4 小时, 2 小时, 12 分钟."""
    seconds = max(0, int(span.total_seconds()))
    days, hours, minutes = seconds // DAY, seconds % DAY // HOUR, seconds % HOUR // MINUTE
    if 0 < days < 3 and hours:
        return _("%(days)d 天 %(hours)d 小时") % {"days": days, "hours": hours}
    if days:
        return _("%(n)d 天") % {"n": days}
    if hours:
        return _("%(n)d 小时") % {"n": hours}
    return _("%(n)d 分钟") % {"n": minutes}


class Due(StrEnum):
    """How a deadline stands; half and urgent begin at our own bars of the time given."""

    CALM = "calm"
    HALF = "half"
    URGENT = "urgent"
    OVER = "over"


HALF_BAR, URGENT_BAR = 0.5, 0.8  # escalation steps of the bureau's own practice, a setting of ours


def due_state(start: datetime, deadline: datetime, now: datetime) -> Due:
    """The state of a deadline that began at `start`: at 50 % half, at 80 % urgent, at 100 % over."""
    if now >= deadline:
        return Due.OVER
    whole = (deadline - start).total_seconds()
    used = (now - start).total_seconds() / whole if whole > 0 else 1.0
    if used >= URGENT_BAR:
        return Due.URGENT
    return Due.HALF if used >= HALF_BAR else Due.CALM


def due_text(deadline: datetime, now: datetime) -> str:
    """剩 3 小时, or 已超 2 天."""
    if now >= deadline:
        return _("已超 %(span)s") % {"span": span_text(now - deadline)}
    return _("剩 %(span)s") % {"span": span_text(deadline - now)}


def flag_word(flag: str) -> str:
    """The flag's word: 正常, 校准 ...; a flag outside the rule book as it is."""
    if not flag:
        return ""
    known = rule_book().flags.get(flag)
    if known is None:
        return flag
    return known.name_en if get_language() == "en" else known.name_zh
