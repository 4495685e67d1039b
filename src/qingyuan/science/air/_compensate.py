"""Who pays and who receives for the air of a period, worked out step by step by a scheme of data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.rules.air_compensation import CompensationScheme, CompensationStep
from qingyuan.science.air._columns import require
from qingyuan.science.air._figures import sound
from qingyuan.science.errors import MissingColumnError
from qingyuan.science.figures import doubled_rows, joined_reasons

PLACES = ("town", "district", "county", "city", "site", "area")
"""Columns by which the object of a row is known, where there is one."""


@dataclass
class _Town:
    """A row while it is worked on."""

    cells: dict[str, object]
    score: Fraction = Fraction(0)
    amount: Fraction = Fraction(0)
    receives: bool = False
    steps: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


class _LackingError(Exception):
    """A cell that a step needs holds no number."""


def compensate(
    frame: pl.DataFrame, scheme: CompensationScheme, *, within: str | None = None, book: RuleBook | None = None
) -> pl.DataFrame:
    """The rows with `score`, `amount` [10^4 yuan; above 0 is received, below 0 paid], `steps`, `scheme`, `reason`.

    Parameters
    ----------
    frame
        A row for each town or district with the columns that the scheme names.
    scheme
        Its steps run in order over all rows. A term is a number, a column, or "column|number" (the number
        where the cell is empty). add: score += coefficient·a. add_ratio: coefficient·a/b. add_difference:
        coefficient·(a-b). add_above and add_below: only the part of a above (below) b. ladder: the part of a
        above b, up to `count`; ladder_over: the part beyond. bonus_if_met (a ≤ b), bonus_if_over (a > b):
        the coefficient. multiply: score times a. share_rank: coefficient·a where column b is `count`.
        pay_last, take_first: the `count` last (first) by a, in order b, pay (receive) the coefficient.
        mark_first, share_pool: those marked share what was paid. settle: the amount is the score.
    within
        A column whose every value is settled for itself (a month).

    Notes
    -----
    Exact fractions of the printed decimals; amounts are rounded half to even once, at the end. Rows that tie
    for a place are all counted and named. A row that lacks a number takes no part, and says so; text, a negative or an
    implausible concentration is named and lacks too. Two rows of one town are both settled and named.
    """
    book = rule_book() if book is None else book
    require(frame, *([within] if within else []))
    missing = sorted({name for step in scheme.steps for name in _columns(step)} - set(frame.columns))
    if missing:
        raise MissingColumnError(missing, frame.columns)
    read = sorted({name for step in scheme.steps for name in _named(step)} & set(frame.columns))
    clean, doubts = sound(frame, read, book)
    towns = [_Town(cells) for cells in clean.iter_rows(named=True)]
    groups: dict[object, list[_Town]] = {}
    for town in towns:
        groups.setdefault(town.cells[within] if within else None, []).append(town)
    newest = book.decimal_rows.turning_days[-1]
    money, shown = (book.decimals(context, "*", newest) for context in ("air_money", "air_score"))
    for group in groups.values():
        _settle(group, scheme, shown)
    keys = [name for name in PLACES if name in frame.columns][:1]
    twice = doubled_rows(frame, [*keys, *([within] if within else [])], "同一对象有多行") if keys else None
    before = joined_reasons(
        [*([frame["reason"]] if "reason" in frame.columns else []), doubts, *([] if twice is None else [twice])],
        len(frame),
    )
    return frame.with_columns(
        pl.Series("score", [_rounded(t.score, shown) if _takes_part(t) else None for t in towns], dtype=pl.Float64),
        pl.Series("amount", [_rounded(t.amount, money) if _takes_part(t) else None for t in towns], dtype=pl.Float64),
        pl.Series("steps", ["；".join(t.steps) for t in towns], dtype=pl.String),
        pl.Series("scheme", [scheme.name] * len(frame), dtype=pl.String),
        pl.Series(
            "reason",
            ["；".join(filter(None, [said, *t.reasons])) for said, t in zip(before, towns, strict=True)],
            dtype=pl.String,
        ),
    )


def _takes_part(town: _Town) -> bool:
    return not any(reason.startswith("缺") for reason in town.reasons)


def _settle(towns: list[_Town], scheme: CompensationScheme, shown: int) -> None:
    for step in scheme.steps:
        taking = [town for town in towns if _takes_part(town)]
        if step.kind == "share_pool":
            _share_pool(taking, step)
        elif step.kind in ("pay_last", "take_first", "mark_first"):
            _by_place(taking, step, shown)
        else:
            for town in taking:
                try:
                    _one(town, step, shown)
                except _LackingError as lacking:
                    town.reasons.append(f"缺{lacking}，不参加结算")


def _one(town: _Town, step: CompensationStep, shown: int) -> None:
    """A step that looks at one row only."""
    if step.kind == "settle":
        town.amount = town.score
        town.steps.append(f"金额 {_text(town.amount, shown)} 万元")
        return
    a = _term(town, step.a)
    if step.kind == "multiply":
        town.score *= a
        town.steps.append(f"{step.words}：×{_text(a, shown)} = {_text(town.score, shown)}")
        return
    factor = Fraction(step.coefficient)
    b = _term(town, step.b) if step.b else Fraction(0)
    if step.kind == "add_ratio" and b == 0:
        raise _LackingError(f"{step.b}（为零，不能作除数）")
    part, words = _PARTS[step.kind](a, b, Fraction(step.count), lambda value: _text(value, shown))
    added = part * factor
    town.score += added
    town.steps.append(f"{step.words}：{words}×{_text(factor, shown)} = {_text(added, shown)}")


_Show = Callable[[Fraction], str]
_Part = Callable[[Fraction, Fraction, Fraction, _Show], tuple[Fraction, str]]
_ZERO = Fraction(0)
_PARTS: dict[str, _Part] = {
    "add": lambda a, b, n, show: (a, show(a)),
    "add_ratio": lambda a, b, n, show: (a / b, f"{show(a)}/{show(b)}"),
    "add_difference": lambda a, b, n, show: (a - b, f"({show(a)}-{show(b)})"),
    "add_above": lambda a, b, n, show: (max(a - b, _ZERO), f"max({show(a)}-{show(b)}, 0)"),
    "add_below": lambda a, b, n, show: (max(b - a, _ZERO), f"max({show(b)}-{show(a)}, 0)"),
    "ladder": lambda a, b, n, show: (min(max(a - b, _ZERO), n), f"min(max({show(a)}-{show(b)}, 0), {show(n)})"),
    "ladder_over": lambda a, b, n, show: (max(a - b - n, _ZERO), f"max({show(a)}-{show(b)}-{show(n)}, 0)"),
    "bonus_if_met": lambda a, b, n, show: (Fraction(a <= b), f"[{show(a)}≤{show(b)}]"),
    "bonus_if_over": lambda a, b, n, show: (Fraction(a > b), f"[{show(a)}>{show(b)}]"),
    "share_rank": lambda a, b, n, show: (a if b == n else _ZERO, f"{show(a)}×[第{show(b)}名]"),
}


def _by_place(towns: list[_Town], step: CompensationStep, shown: int) -> None:
    """The last or first places pay, receive or are marked; those that tie for a place all count."""
    keyed = []
    for town in towns:
        try:
            keyed.append((town.score if step.a == "score" else _term(town, step.a), town))
        except _LackingError as lacking:
            town.reasons.append(f"缺{lacking}，不参加结算")
    keyed.sort(key=lambda pair: pair[0], reverse=(step.b == "desc") != (step.kind == "pay_last"))
    if not keyed or step.count < 1:
        return
    edge = keyed[min(step.count, len(keyed)) - 1][0]
    chosen = [town for place, (value, town) in enumerate(keyed) if place < step.count or value == edge]
    for town in chosen:
        if len(chosen) > step.count:
            town.reasons.append("名次并列，并列者都计入")
        if step.kind == "mark_first":
            town.receives = True
            town.steps.append(step.words)
            continue
        amount = Fraction(step.coefficient) * (-1 if step.kind == "pay_last" else 1)
        town.amount += amount
        town.steps.append(f"{step.words} {_text(abs(amount), shown)} 万元")


def _share_pool(towns: Sequence[_Town], step: CompensationStep) -> None:
    pool = -sum((town.amount for town in towns if town.amount < 0), _ZERO)
    receivers = [town for town in towns if town.receives]
    for town in receivers:
        town.amount += pool / len(receivers)
        town.steps.append(f"{step.words}：{_text(pool, 4)}/{len(receivers)} = {_text(pool / len(receivers), 4)} 万元")


def _named(step: CompensationStep) -> list[str]:
    """Columns a step reads, those it can do without included."""
    names = [term.partition("|")[0] for term in (step.a, step.b)]
    marks = ("", "score", "asc", "desc")
    return [name for name in names if name not in marks and _number(name) is None]


def _columns(step: CompensationStep) -> list[str]:
    """Columns a step cannot do without."""
    terms = [step.a] if step.kind in ("pay_last", "take_first", "mark_first") else [step.a, step.b]
    return [term for term in terms if term and term != "score" and "|" not in term and _number(term) is None]


def _term(town: _Town, term: str) -> Fraction:
    fixed = _number(term)
    if fixed is not None:
        return fixed
    name, _, otherwise = term.partition("|")
    found = _number(town.cells.get(name))
    if found is None and otherwise:
        found = _number(otherwise)
    if found is None:
        raise _LackingError(name)
    return found


def _number(cell: object) -> Fraction | None:
    """A cell as the exact fraction of its printed decimal."""
    try:
        found = Decimal(str(cell).strip())
    except InvalidOperation:
        return None
    return Fraction(found) if found.is_finite() else None


def _rounded(value: Fraction, decimals: int) -> float:
    return float(round(value, decimals))


def _text(value: Fraction, decimals: int) -> str:
    text = f"{float(round(value, decimals)):.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
