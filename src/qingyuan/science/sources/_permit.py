"""A permit's limits held against the rows of standards: looser, not comparable, of another unit, or missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from qingyuan.rules import ANY_INDUSTRY, EmissionLimit, RuleBook, RulesError, rule_book

FEW = 3  # rows of a standard that are listed one by one


class Check(StrEnum):
    """What holding a limit against the standards came to. `unknown`: no row of a standard speaks of it."""

    WITHIN = "within"
    LOOSER = "looser"
    CANNOT_TELL = "cannot_tell"
    WRONG_UNIT = "wrong_unit"
    WRONG_STATE = "wrong_state"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PermitLimit:
    """A limit as the permit states it. text: basis, standard, class and process in words, by which rows are picked.

    averaging: hour or day. condition: empty for all hours. reference_o2 [%]. converted: on the value at the reference
    oxygen, not the measured one.
    """

    item: str
    unit: str
    averaging: str
    upper: Decimal | None
    lower: Decimal | None = None
    condition: str = ""
    reference_o2: float | None = None
    is_converted: bool = False
    text: str = ""


@dataclass(frozen=True)
class Checked:
    """One outcome: what was got, what the standards say, what to do. is_doubtful: their rows are not verified."""

    check: Check
    item: str
    got: str
    expected: str
    advice: str
    is_doubtful: bool = False

    @property
    def is_fine(self) -> bool:
        """Nothing has to be done."""
        return self.check in (Check.WITHIN, Check.UNKNOWN)


def plain(text: str) -> str:
    """A standard's name as it is compared: no blanks, capital letters."""
    return "".join(text.split()).upper()


def rows_for(
    limit: PermitLimit, medium: str, industry: str, day: date, *, book: RuleBook | None = None
) -> tuple[EmissionLimit, ...]:
    """The rows of standards that speak of the limit's item: of the standards its text names, else of the industry.

    Classes and processes that the text names narrow them. Of the industry only rows of the nation and of the book's
    place are taken; a standard that is named counts wherever it comes from.
    """
    book = book or rule_book()
    return tuple(row for row in _of_text(limit.text, medium, industry, day, book) if row.item == limit.item)


def _of_text(text: str, medium: str, industry: str, day: date, book: RuleBook) -> list[EmissionLimit]:
    said = plain(text)
    rows = [row for row in book.emission_limits(day) if row.medium == medium]
    named = [row for row in rows if plain(row.origin.standard) in said]
    if not named:
        named = [row for row in rows if industry in row.industries and row.holds_at(book.place)]
    for part in ("source_class", "process"):
        told = {word for row in named if (word := getattr(row, part)) and plain(word) in said}
        named = _narrowed(named, part, told)
    return named


def _narrowed(rows: list[EmissionLimit], part: str, told: set[str]) -> list[EmissionLimit]:
    """Of each limit the rows of a class (or process) that was told; where it has none of these, those without one."""
    exact = {_what(row) for row in rows if getattr(row, part) in told}
    return [
        row
        for row in rows
        if not told or getattr(row, part) in told or (not getattr(row, part) and _what(row) not in exact)
    ]


def _what(row: EmissionLimit) -> tuple[str, str, str, str, str]:
    return (row.origin.standard, row.medium, row.item, row.condition, row.averaging)


def check_limit(
    limit: PermitLimit, medium: str, industry: str, day: date, *, book: RuleBook | None = None
) -> list[Checked]:
    """How a limit stands to the rows of standards in force on `day`; at least one outcome.

    Notes
    -----
    Looser: above all rows that may apply. Above some and not above others: cannot tell, for the class or the process
    decides and the permit does not say. Equal is within. A limit for a condition is held against rows of that
    condition only. Other reference oxygen, or a limit on the measured value where the standard asks for the converted
    one, is told beside.
    """
    book = book or rule_book()
    if not _measures_the_item(limit, book):
        unit = _unit_of(limit.item, book)
        return [
            Checked(
                Check.WRONG_UNIT,
                limit.item,
                limit.unit,
                f"可换算为 {unit} 的单位",
                "改正单位；换算不了的限值不能判定",
            )
        ]
    rows = rows_for(limit, medium, industry, day, book=book)
    same = [r for r in rows if r.averaging == limit.averaging and r.condition == limit.condition]
    if not same:
        return [_unknown(limit, rows)]
    if not _convertible(limit, same, book):
        return [
            Checked(
                Check.WRONG_UNIT,
                limit.item,
                limit.unit,
                f"可换算为 {same[0].unit} 的单位（{same[0].origin.standard}）",
                "改正单位",
            )
        ]
    return [_strictness(limit, same, book), *_state(limit, same)]


def _unit_of(item: str, book: RuleBook) -> str:
    if item in book.items:
        return book.items[item].unit
    return book.factors[item].unit if item in book.factors else ""


def _measures_the_item(limit: PermitLimit, book: RuleBook) -> bool:
    into = _unit_of(limit.item, book)
    if not into or into not in book.units:
        return limit.unit in book.units
    try:
        book.conversion(limit.unit, into)
    except RulesError:
        return False
    return True


def _convertible(limit: PermitLimit, rows: Sequence[EmissionLimit], book: RuleBook) -> bool:
    try:
        for row in rows:
            book.conversion(limit.unit, row.unit)
    except RulesError:
        return False
    return True


def _unknown(limit: PermitLimit, rows: Sequence[EmissionLimit]) -> Checked:
    what = f"工况“{limit.condition}”" if limit.condition else {"hour": "小时均值", "day": "日均值"}[limit.averaging]
    if rows:
        names = "、".join(dict.fromkeys(row.origin.standard for row in rows))
        return Checked(Check.UNKNOWN, limit.item, what, f"{names} 没有{what}的限值行", "没有可比的限值行，以许可证为准")
    return Checked(
        Check.UNKNOWN,
        limit.item,
        limit.text or "未写依据",
        "规则库中有该标准或该行业的限值行",
        "请人工核对；或在依据里写明标准号",
    )


def _text(rows: Sequence[EmissionLimit]) -> str:
    """The rows in words: each of a standard that has few, else how far they reach."""
    of: dict[str, list[EmissionLimit]] = {}
    for row in rows:
        of.setdefault(row.origin.standard, []).append(row)
    return "；".join(_reach(name, found) if len(found) > FEW else _each(found) for name, found in of.items())


def _each(rows: Sequence[EmissionLimit]) -> str:
    parts = []
    for row in rows:
        words = "，".join(word for word in (row.source_class, row.process) if word)
        bound = "～".join(_plain(b) for b in (row.lower, row.upper) if b is not None)
        parts.append(f"{row.origin.standard} {bound}{_sign(row.unit)}{f'（{words}）' if words else ''}")
    return "；".join(dict.fromkeys(parts))


def _reach(name: str, rows: Sequence[EmissionLimit]) -> str:
    bounds = [b for row in rows for b in (row.lower, row.upper) if b is not None]
    ends = dict.fromkeys((_plain(min(bounds)), _plain(max(bounds))))
    return f"{name} {'～'.join(ends)}{_sign(rows[0].unit)}（按类别、工艺分 {len(rows)} 档）"


def _plain(bound: Decimal) -> str:
    return format(bound.normalize(), "f")


def _sign(unit: str) -> str:
    return "" if unit == "1" else f" {unit}"


def _strictness(limit: PermitLimit, rows: Sequence[EmissionLimit], book: RuleBook) -> Checked:
    over = [_is_looser(limit, row, book) for row in rows]
    doubtful = any(row.origin.certainty == "setting" for row in rows)
    bounds = (b for b in (limit.lower, limit.upper) if b is not None)
    got = "～".join(_plain(b) for b in bounds) + _sign(limit.unit)
    expected = _text(rows)
    if all(over):
        advice = "核对许可证；许可限值不应宽于标准"
        return Checked(Check.LOOSER, limit.item, got, expected, advice, doubtful)
    if any(over):
        advice = "在“类别”“工艺”或依据里写明适用哪一档"
        return Checked(Check.CANNOT_TELL, limit.item, got, expected, advice, doubtful)
    return Checked(Check.WITHIN, limit.item, got, expected, "", doubtful)


def _is_looser(limit: PermitLimit, row: EmissionLimit, book: RuleBook) -> bool:
    def into(bound: Decimal) -> Decimal:
        source, target = book.units[limit.unit], book.units[row.unit]
        return bound * source.factor / target.factor + (source.offset - target.offset) / target.factor

    above = row.upper is not None and (limit.upper is None or into(limit.upper) > row.upper)
    below = row.lower is not None and (limit.lower is None or into(limit.lower) < row.lower)
    return above or below


def _state(limit: PermitLimit, rows: Sequence[EmissionLimit]) -> list[Checked]:
    references = {row.reference_o2 for row in rows}
    if None in references:
        return []
    known = sorted(float(r) for r in references if r is not None)
    expected = f"基准氧含量 {'、'.join(f'{r:g}' for r in known)} %（{rows[0].origin.standard}）"
    doubtful = any(row.origin.certainty == "setting" for row in rows)
    if not limit.is_converted:
        return [
            Checked(
                Check.WRONG_STATE, limit.item, "实测值", f"折算值，{expected}", "核对统计量：标准按折算值判", doubtful
            )
        ]
    if limit.reference_o2 is not None and limit.reference_o2 not in known:
        got = f"基准氧含量 {limit.reference_o2:g} %"
        return [Checked(Check.WRONG_STATE, limit.item, got, expected, "核对基准氧含量", doubtful)]
    return []


def missing_items(
    limits: Iterable[PermitLimit], medium: str, industry: str, day: date, *, book: RuleBook | None = None
) -> list[Checked]:
    """Items that the standards of an outlet's limits (or, where none is named, of its industry) know and it has no
    limit for. Manual tests and standards of all industries, where the process decides, do not ask for one.
    """
    book = book or rule_book()
    held = list(limits)
    text = " ".join(limit.text for limit in held)
    known = {limit.item for limit in held}
    rows: dict[str, list[EmissionLimit]] = {}
    for row in _of_text(text, medium, industry, day, book):
        if row.item not in known and row.averaging != "test" and ANY_INDUSTRY not in row.industries:
            rows.setdefault(row.item, []).append(row)
    return [
        Checked(
            Check.MISSING,
            item,
            "没有限值",
            _text([row for row in found if not row.condition] or found),
            "核对许可证是否许可该项目；确无此项时不必处理",
            any(row.origin.certainty == "setting" for row in found),
        )
        for item, found in rows.items()
    ]
