"""Emitted mass for hours that have none: by the capture rate of the quarter and the length of the gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.errors import BadArgumentError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Substitution:
    """One gap [first, last] (places of hours) and what stands in it. `value` None: no rule gives one; `reason` says why."""

    first: int
    last: int
    value: float | None
    rule: str
    reason: str

    @property
    def hours(self) -> int:
        """How long the gap is."""
        return self.last - self.first + 1


def capture_rate(hours: int, invalid: int, stopped: int) -> float | None:
    """(H - invalid - stopped) / (H - stopped) of a quarter; None when all of it was stopped.

    References
    ----------
    HJ 75-2017, 12.1.3 (from memory, hence a setting).
    """
    if min(hours, invalid, stopped) < 0 or invalid + stopped > hours:
        raise BadArgumentError("hours", (hours, invalid, stopped), "invalid and stopped hours within the hours")
    running = hours - stopped
    return None if running == 0 else (running - invalid) / running


def substitute_mass(
    mass: ArrayLike,
    running: Sequence[bool],
    capture: float,
    day: date,
    *,
    anchors: Sequence[int | None] = (),
    medium: str = "flue_gas",
    book: RuleBook | None = None,
) -> tuple[Floats, list[Substitution]]:
    """Hourly emitted mass [kg/h] with gaps filled, and how each was filled.

    Parameters
    ----------
    mass
        NaN where the hour has no valid value.
    running
        False where the plant was stopped: nothing is emitted and nothing filled.
    capture
        Valid-data capture rate of the quarter.
    anchors
        For each gap, in order: the place before which the valid hours are looked back from (that of the last
        calibration, when the analyser was out of control); None or left out: the hour before the gap.

    Notes
    -----
    Only the mass is substituted, never concentration or flue-gas parameters. Flue gas: the largest of the last 180, 720
    or 2,160 valid hours; below a capture of 75 % nothing is defined. Waste water: the mean of as many valid hours before
    the gap as it is long. Where there are fewer valid hours than asked those there are are taken and it is said. A value
    that was filled is never looked back on.

    References
    ----------
    HJ 75-2017, tables 5 and 6; HJ 356-2019 as a setting: rows of mass_substitution.csv.
    """
    book = book or rule_book()
    known = np.asarray(mass, dtype=np.float64)
    works = np.asarray(running, dtype=np.bool_)
    if known.shape != works.shape:
        raise BadArgumentError("running", len(works), f"{len(known)} entries, one for each hour")
    if not 0 <= capture <= 1:
        raise BadArgumentError("capture", capture, "a share from 0 to 1")
    valid = np.isfinite(known) & works
    filled = known.copy()
    found = []
    for number, (first, last) in enumerate(_gaps(works & ~valid)):
        anchor = anchors[number] if number < len(anchors) else None
        made = _of_gap(known, valid, (first, last), first if anchor is None else anchor, capture, day, book, medium)
        found.append(made)
        if made.value is not None:
            filled[first : last + 1] = made.value
    return filled, found


def _gaps(lacking: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], lacking.astype(np.int8), [0]])))
    return [(int(first), int(after) - 1) for first, after in zip(edges[0::2], edges[1::2], strict=True)]


def _of_gap(
    known: Floats,
    valid: NDArray[np.bool_],
    gap: tuple[int, int],
    anchor: int,
    capture: float,
    day: date,
    book: RuleBook,
    medium: str,
) -> Substitution:
    first, last = gap
    hours = last - first + 1
    row = next((r for r in book.substitution_rows(day, medium) if r.covers(capture, hours)), None)
    if row is None:
        return Substitution(first, last, None, "", f"数据捕获率 {capture:.1%} 没有规定替代方法，不能用于核算")
    asked = row.lookback_hours or hours
    places = np.flatnonzero(valid[:anchor])[-asked:]
    if not len(places):
        return Substitution(first, last, None, row.rule, "之前没有有效小时可取")
    reason = "" if len(places) == asked else f"之前只有 {len(places)} 个有效小时（应取 {asked}）"
    taken = known[places]
    return Substitution(first, last, float(taken.max() if row.method == "maximum" else taken.mean()), row.rule, reason)
