"""How much of what should have come did come, and how much of it counts: transmission, validity, their product."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from qingyuan.rules import NoRuleError, RuleBook, rule_book
from qingyuan.science.errors import BadArgumentError
from qingyuan.science.sources._substitution import capture_rate


@dataclass(frozen=True)
class Tally:
    """Intervals of one item over a day: due by the plan, stopped among them, received, and valid among the received."""

    due: int
    stopped: int
    received: int
    valid: int

    def __post_init__(self) -> None:
        if min(self.due, self.stopped, self.received, self.valid) < 0:
            raise BadArgumentError("tally", self, "no negative counts")
        if self.valid > self.received or self.stopped > self.due:
            raise BadArgumentError("tally", self, "valid within received, stopped within due")


@dataclass(frozen=True)
class Transmission:
    """Rates of a period [ratio]; None where nothing was expected. effective = transmission x valid.

    captured of running: valid hours of those in which the plant was not stopped, without any allowance; their ratio is
    the valid-data capture rate.
    """

    expected: int
    received: int
    valid: int
    transmission: float | None
    validity: float | None
    effective: float | None
    running: int = 0
    captured: int = 0
    capture: float | None = None


def transmission(
    days: Iterable[tuple[date, Tally]], item: str, medium: str, *, hourly: bool = True, book: RuleBook | None = None
) -> Transmission:
    """Transmission rate, valid rate and effective transmission rate of one item at one outlet.

    Notes
    -----
    Stopped intervals leave the denominator. Hourly COD, NH3N, TP and TN of waste water: one hour a day is the
    automatic check's and is not expected (23 of 24 count as all). A day on which more came than was expected counts as
    all of it. Transmission = received / expected, validity = valid / received. Valid-data capture, which a quarter is held
    to (`flue_gas.quarter.capture`, a setting): (H - invalid or missing - stopped) / (H - stopped).

    References
    ----------
    Rules on data tags of 2022 (MEE announcement 2022 No. 21), as coded in a public platform; HJ 75-2017, 12.1.3 (capture).
    """
    book = book or rule_book()
    expected = received = valid = running = captured = 0
    for day, tally in days:
        working = tally.due - tally.stopped
        due = max(0, working - (_check_hours(book, item, medium, day) if hourly else 0))
        came = min(tally.received, due)
        expected += due
        received += came
        valid += min(tally.valid, came)
        running += working
        captured += min(tally.valid, working)
    return _rates(expected, received, valid, running, captured)


def together(parts: Iterable[Transmission]) -> Transmission:
    """Rates of many items or outlets as one: counts added, then divided."""
    rows = list(parts)
    names = ("expected", "received", "valid", "running", "captured")
    return _rates(*(sum(getattr(r, name) for r in rows) for name in names))


def _rates(expected: int, received: int, valid: int, running: int, captured: int) -> Transmission:
    capture = capture_rate(running, running - captured, 0)
    if expected == 0:
        return Transmission(0, 0, 0, None, None, None, running, captured, capture)
    rate, share = received / expected, (valid / received if received else 0.0)
    return Transmission(expected, received, valid, rate, share, rate * share, running, captured, capture)


def _check_hours(book: RuleBook, item: str, medium: str, day: date) -> int:
    if medium != "waste_water":
        return 0
    try:
        return int(book.validity(f"waste_water.check.hours.{item}", day))
    except NoRuleError:
        return 0
