"""The three dated targets of a section: function zone, assessment, incentive."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

import numpy as np
import polars as pl

from qingyuan.rules import NoRuleError, RuleBook, WaterLimit, rule_book
from qingyuan.science.civil import civil_time
from qingyuan.science.errors import BadArgumentError, MissingColumnError
from qingyuan.science.rounding import Integers, Mask, scaled, scaled_column
from qingyuan.science.water._classify import ITEMS
from qingyuan.science.water._multiple import exceedance_multiple

KINDS = ("function_zone", "assessment", "incentive")
COLUMNS = ("section", "kind", "target", "item", "limit", "since", "until", "excluded", "reason")


@dataclass(frozen=True)
class Goal:
    """What a section must reach on some day: a class, other limits for single items, items left out."""

    target: str = ""
    limits: tuple[tuple[str, Decimal], ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass
class _Row:
    since: date
    until: date | None
    target: str
    item: str
    limit: Decimal | None
    excluded: bool
    reason: str


@dataclass
class Goals:
    """Rows of the target table by section and kind."""

    rows: dict[tuple[str, str], list[_Row]] = field(default_factory=lambda: defaultdict(list))

    def on(self, section: str, kind: str, day: date) -> tuple[Goal | None, str]:
        """The goal in force, None where there is no target class, and why items are left out."""
        held = [
            row
            for row in (*self.rows.get((section, kind), ()), *self.rows.get((section, ""), ()))
            if row.since <= day and (row.until is None or day <= row.until)
        ]
        classes = [row.target for row in held if not row.item]
        if not classes:
            return None, ""
        out = [row for row in held if row.excluded]
        limits = tuple(sorted((row.item, row.limit) for row in held if row.limit is not None))
        goal = Goal(classes[0], limits, tuple(sorted({row.item for row in out})))
        return goal, "、".join(dict.fromkeys(f"{row.item}不参加评价（{row.reason}）" for row in out))


def read_targets(targets: pl.DataFrame, *, book: RuleBook | None = None) -> Goals:
    """Goals from a table with the columns `section`, `kind`, `target`, `since`; others may be absent.

    A row without `item` gives the target class (I to V) of a kind (function_zone, assessment, incentive). A
    row with `item` and `limit` [mg/L] sets another limit for that item; with `excluded` yes it leaves the
    item out, and must say why in `reason`; an empty kind holds for all kinds. `since` and `until` are dates,
    both included; no `until`: still in force. BadArgumentError names the row at fault, also where two target
    classes of a section and kind overlap.
    """
    book = rule_book() if book is None else book
    missing = [name for name in ("section", "kind", "target", "since") if name not in targets.columns]
    if missing:
        raise MissingColumnError(missing, targets.columns)
    filled = targets.with_columns(pl.lit(None, dtype=pl.String).alias(n) for n in COLUMNS if n not in targets.columns)
    days = {name: civil_time(filled[name]).dt.date().to_list() for name in ("since", "until")}
    goals = Goals()
    for place, cells in enumerate(filled.select(COLUMNS).iter_rows(named=True)):
        texts = {name: "" if cell is None else str(cell).strip() for name, cell in cells.items()}
        if days["since"][place] is None:
            raise _wrong(place, "since", texts["since"], "a date")
        row = _Row(
            days["since"][place],
            days["until"][place],
            _target(texts, place, book),
            texts["item"],
            _limit(texts, place),
            texts["excluded"].lower() in ("yes", "1", "true", "是"),
            texts["reason"],
        )
        _check(row, texts, place)
        for other in goals.rows[texts["section"], texts["kind"]]:
            if not row.item and not other.item and _overlap(row, other):
                raise _wrong(place, "since", texts["since"], f"no overlap with the target from {other.since}")
        goals.rows[texts["section"], texts["kind"]].append(row)
    return goals


def _target(texts: dict[str, str], place: int, book: RuleBook) -> str:
    if texts["item"]:
        return ""
    try:
        return book.water_class(texts["target"]).name
    except NoRuleError:
        raise _wrong(place, "target", texts["target"], "a class I to V") from None


def _limit(texts: dict[str, str], place: int) -> Decimal | None:
    if not texts["limit"]:
        return None
    try:
        return Decimal(texts["limit"])
    except InvalidOperation:
        raise _wrong(place, "limit", texts["limit"], "a number") from None


def _check(row: _Row, texts: dict[str, str], place: int) -> None:
    if texts["kind"] not in (KINDS if not row.item else (*KINDS, "")):
        raise _wrong(place, "kind", texts["kind"], ", ".join(KINDS))
    if row.item and row.item not in ITEMS:
        raise _wrong(place, "item", row.item, ", ".join(ITEMS))
    if row.item and not row.excluded and row.limit is None:
        raise _wrong(place, "limit", texts["limit"], "a limit, or excluded yes")
    if row.excluded and not row.reason:
        raise _wrong(place, "reason", row.reason, "why the item is left out, with the document")


def _wrong(place: int, name: str, got: str, expected: str) -> BadArgumentError:
    return BadArgumentError(f"targets, row {place + 2}, {name}", got, expected)


def _overlap(one: _Row, other: _Row) -> bool:
    return (one.until is None or other.since <= one.until) and (other.until is None or one.since <= other.until)


def with_targets(judged: pl.DataFrame, targets: pl.DataFrame, *, book: RuleBook | None = None) -> pl.DataFrame:
    """Compliance of sections with their targets.

    Parameters
    ----------
    judged
        Sections with rounded item means, `body`, `class` and `_until` (the last sample's date, which picks the
        target in force).
    targets
        As `read_targets` takes them.

    Returns
    -------
    The frame with target_<kind>, meets_<kind> (yes, no; null: no target or nothing measured),
    exceeding_<kind> (items with multiples of the target's own limit), and the items left out in the reason.

    References
    ----------
    GB 3838-2002, clause 5 (compliance with the function's class, items and multiples of exceedance).
    """
    book = rule_book() if book is None else book
    goals = read_targets(targets, book=book)
    keys = list(judged.select("section", "body", "_until", "class").iter_rows())
    said = [""] * len(keys)
    columns: list[pl.Series] = []
    for kind in KINDS:
        found: dict[tuple[Goal, str | None], list[int]] = defaultdict(list)
        names: list[str | None] = [None] * len(keys)
        for place, (section, body, day, grade) in enumerate(keys):
            goal, why = goals.on(str(section), kind, day) if day is not None else (None, "")
            if goal is not None:
                names[place] = goal.target
                said[place] = why or said[place]
                if grade is not None:
                    found[goal, body].append(place)
        meets: list[str | None] = [None] * len(keys)
        exceeding = [""] * len(keys)
        for (goal, body), rows in found.items():
            for place, text in zip(rows, _exceeding(judged[rows], goal, body, book), strict=True):
                meets[place], exceeding[place] = ("no" if text else "yes"), text
        columns += [
            pl.Series(f"target_{kind}", names, dtype=pl.String),
            pl.Series(f"meets_{kind}", meets, dtype=pl.String),
            pl.Series(f"exceeding_{kind}", exceeding, dtype=pl.String),
        ]
    reasons = pl.DataFrame([judged["reason"], pl.Series("said", said, dtype=pl.String)])
    joined = reasons.select(
        pl.concat_str(pl.all().replace("", None), separator="；", ignore_nulls=True).alias("reason")
    )["reason"]
    return judged.with_columns(joined, *columns)


def _exceeding(part: pl.DataFrame, goal: Goal, body: str | None, book: RuleBook) -> list[str]:
    texts: list[list[tuple[float, str]]] = [[] for _ in range(len(part))]
    day = part["_until"].max()
    assert isinstance(day, date)
    decimals = book.decimals("water_multiple", "*", day)
    special = dict(goal.limits)
    for item in ITEMS:
        if item not in part.columns or item in goal.excluded:
            continue
        row = book.water_limit_rows.get((item, "any"), day) or book.water_limit_rows.get((item, body or ""), day)
        if row is None:
            continue
        values, usable = scaled_column(part[item])
        over, limit = _beyond(row, values, special.get(item), goal.target)
        for place in np.flatnonzero(over & usable).tolist():
            multiple = "" if limit is None else f"({exceedance_multiple(int(values[place]), limit, decimals)})"
            size = 0.0 if limit is None else float(values[place]) / limit
            texts[place].append((-size, f"{row.name_zh}{multiple}"))
    return [",".join(text for _, text in sorted(found, key=lambda pair: pair[0])) for found in texts]


def _beyond(row: WaterLimit, values: Integers, special: Decimal | None, target: str) -> tuple[Mask, int | None]:
    """Which values miss the target, and the scaled limit where a multiple can be given."""
    if row.low is not None and row.high is not None:
        outside: Mask = (values < scaled(row.low)) | (values > scaled(row.high))
        return outside, None
    bound = special if special is not None else row.limit(target)
    assert bound is not None
    limit = scaled(bound)
    if row.compare == "at_least":
        return values < limit, None
    return values > limit, limit
