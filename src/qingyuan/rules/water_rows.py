"""The rows of the tables that evaluations of water are made with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from qingyuan.rules.table import Provenance


@dataclass(frozen=True)
class BasinRating:
    """A rating by shares [%]: of sections in class I to III at least, beyond V below; None where not asked."""

    good_from: Decimal | None
    bad_below: Decimal | None
    name_zh: str
    name_en: str
    origin: Provenance


@dataclass(frozen=True)
class WaterWarning:
    """A level of a deterioration warning: classes lost since last year at least, and worse than a class."""

    scheme: str
    level: int
    name_zh: str
    worse_by: int
    worse_than: str
    origin: Provenance


@dataclass(frozen=True)
class TliItem:
    """Sub-index 10 (constant + slope ln x), weighted by r squared."""

    item: str
    name_zh: str
    unit: str
    constant: Decimal
    slope: Decimal
    r: Decimal
    origin: Provenance


@dataclass(frozen=True)
class TliState:
    """A trophic state up to a bound; None: no bound."""

    upper: Decimal | None
    upper_included: bool
    name_zh: str
    name_en: str
    origin: Provenance


@dataclass(frozen=True)
class BlackOdorousLimit:
    """Bounds of light and heavy black-odorous water; direction low: worse below, high: worse above."""

    item: str
    name_zh: str
    unit: str
    direction: str
    light: Decimal
    heavy: Decimal
    origin: Provenance


@dataclass(frozen=True)
class BloomLevel:
    """A bloom level from a cell density [cells/L] and from a share of the area [%]."""

    density_from: Decimal
    area_from: Decimal
    name_zh: str
    origin: Provenance


@dataclass(frozen=True)
class CompensationRule:
    """One row of a section compensation scheme.

    kind load: amount per tonne above the target; kind step: amount for an exceedance multiple above
    `multiple_above` and up to `multiple_to` (None: no bound).
    """

    scheme: str
    kind: str
    item: str
    amount: Decimal
    unit: str
    multiple_above: Decimal | None
    multiple_to: Decimal | None
    origin: Provenance


@dataclass(frozen=True)
class SourceLimit:
    """A limit for drinking-water sources (supplementary or specific items)."""

    code: str
    name_zh: str
    unit: str
    limit: Decimal
    note: str
    origin: Provenance


@dataclass(frozen=True)
class TrendSize:
    """The critical value of the rank correlation for n periods, one-sided 5 %."""

    n: int
    at_05: Decimal
    origin: Provenance
