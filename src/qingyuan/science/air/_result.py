"""The answer of the index while it is gathered, and its words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from qingyuan.rules import RuleBook
from qingyuan.science.air._iaqi import ABSENT
from qingyuan.science.rounding import Integers, Mask

MISSING, NEGATIVE, UNREADABLE, BEYOND, DOUBTFUL = range(5)
ODD = (NEGATIVE, UNREADABLE, DOUBTFUL)
_FEW = 4096
WITHHELD = "项目不全且AQI不大于100，按HJ 633-2026 5.3.1不发布"
_WORDS = {
    MISSING: "缺{}",
    NEGATIVE: "{}为负值，按缺测",
    UNREADABLE: "{}不是数值，按缺测",
    BEYOND: "{}超出分级上限，不计分指数",
    DOUBTFUL: "{}超出合理范围，按缺测，请核对单位",
}


class Result:
    """The result while it is being gathered, one row per row of the frame."""

    def __init__(self, rows: int, names: tuple[str, ...]) -> None:
        self.names = names
        self.iaqi: dict[str, Integers] = {name: np.full(rows, ABSENT, dtype=np.int64) for name in names}
        self.aqi: Integers = np.full(rows, ABSENT, dtype=np.int64)
        self.primary: Integers = np.zeros(rows, dtype=np.int64)
        self.reason: Integers = np.zeros(rows, dtype=np.int64)
        self.doubled: Mask = np.zeros(rows, dtype=np.bool_)
        self.withheld: Mask = np.zeros(rows, dtype=np.bool_)
        self.standard: Integers = np.full(rows, ABSENT, dtype=np.int64)
        self.standards: list[str] = []

    def columns(self, book: RuleBook) -> list[pl.Series]:
        words = [pl.Series(f"IAQI_{name}", values) for name, values in self.iaqi.items()]
        numbers = pl.DataFrame([*words, pl.Series("AQI", self.aqi)]).select(
            pl.when(pl.all() >= 0).then(pl.all()).cast(pl.Int16)
        )
        bands = book.aqi_categories
        band = np.searchsorted([known.aqi_to for known in bands], self.aqi)
        place = np.where(self.aqi < 0, len(bands), band)
        standards = pl.Series([*self.standards, None], dtype=pl.String)
        return [
            *numbers.get_columns(),
            _words("primary", self.primary, lambda code: ",".join(_listed(code, self.names))),
            pl.Series("category", [*(b.category_zh for b in bands), None], dtype=pl.String).gather(place),
            pl.Series("level", [*(b.level for b in bands), None], dtype=pl.String).gather(place),
            standards.gather(np.where(self.standard < 0, len(self.standards), self.standard)).alias("standard"),
            _words("reason", self._reason_codes(), self._reason_text),
        ]

    def _reason_codes(self) -> Integers:
        unknown = self.standard < 0
        extra = np.where(self.doubled, 4, 0) + np.where(unknown, 2, 0) + np.where(self.withheld, 1, 0)
        codes: Integers = self.reason * 8 + extra
        return codes

    def _reason_text(self, code: int) -> str:
        parts = []
        if code & 2:
            parts.append("时间缺失或早于任何AQI标准")
        for kind, word in _WORDS.items():
            found = _listed((code >> 3) >> (kind * len(self.names)), self.names)
            if found:
                parts.append(word.format("、".join(found)))
        if code & 4:
            parts.append("同一站点同一时间有多行")
        if code & 1:
            parts.append(WITHHELD)
        return "；".join(parts)


def _listed(code: int, names: tuple[str, ...]) -> list[str]:
    return [name for place, name in enumerate(names) if code >> place & 1]


def _words(name: str, codes: Integers, word: Callable[[int], str]) -> pl.Series:
    if len(codes) and codes.min() >= 0 and codes.max() < _FEW:
        distinct = np.flatnonzero(np.bincount(codes))
        places = np.zeros(_FEW, dtype=np.int64)
        places[distinct] = np.arange(len(distinct))
        place = places[codes]
    else:
        distinct, place = np.unique(codes, return_inverse=True)
    return pl.Series(name, [word(int(code)) for code in distinct], dtype=pl.String).gather(place)
