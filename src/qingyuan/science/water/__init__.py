"""Surface water: class of a section by GB 3838, main pollutants and periods by 环办〔2011〕22号."""

from __future__ import annotations

from qingyuan.science.water._cells import numbers_of
from qingyuan.science.water._change import basin_change, section_change
from qingyuan.science.water._classify import BODIES, ITEMS, Profile, classify, worse_than
from qingyuan.science.water._doubts import row_doubts, unknown_items
from qingyuan.science.water._evaluate import By, evaluate
from qingyuan.science.water._periods import PERIODS, Period
from qingyuan.science.water._shares import basin_rating, closing_percentages
from qingyuan.science.water._targets import KINDS, exceedance_multiple, read_targets
from qingyuan.science.water._warning import warning_level

__all__ = [
    "BODIES",
    "ITEMS",
    "KINDS",
    "PERIODS",
    "By",
    "Period",
    "Profile",
    "basin_change",
    "basin_rating",
    "classify",
    "closing_percentages",
    "evaluate",
    "exceedance_multiple",
    "numbers_of",
    "read_targets",
    "row_doubts",
    "section_change",
    "unknown_items",
    "warning_level",
    "worse_than",
]
