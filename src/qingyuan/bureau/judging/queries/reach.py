"""How far back the rule book reaches. A device whose clock was reset speaks of 1970: kept, but judged by nothing."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from qingyuan.rules import NoRuleError, rule_book

ROLLED = ("roll.hour.share", "roll.day.share")
WARNED = ("air.aqi_hour.over", "air.aqi_day.over", "water.class.worse_by")
OUTLET = (
    "flue_gas.hour.minutes",
    "flue_gas.day.hours",
    "waste_water.hour.minutes",
    "waste_water.day.share",
    "tag.deadline.hour",
)


def has_rules(day: date) -> bool:
    """Whether values of that Beijing day can be rolled up and judged by rules in force on it."""
    return _reaches(rule_book().digest, day, ROLLED, WARNED)


def has_outlet_rules(day: date) -> bool:
    """Whether the hours of an outlet on that Beijing day can be held against its limits."""
    return _reaches(rule_book().digest, day, OUTLET, ())


@lru_cache(maxsize=4096)
def _reaches(digest: str, day: date, counts: tuple[str, ...], thresholds: tuple[str, ...]) -> bool:
    book = rule_book()  # the digest is there for the cache: another book, another answer
    try:
        for key in counts:
            book.validity(key, day)
        for key in thresholds:
            book.alert_threshold(key, day)
    except NoRuleError:
        return False
    return True
