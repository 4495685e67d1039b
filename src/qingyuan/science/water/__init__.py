"""Surface water: class of a section by GB 3838, main pollutants by 环办〔2011〕22号."""

from __future__ import annotations

from qingyuan.science.water._cells import numbers_of
from qingyuan.science.water._classify import BODIES, ITEMS, Profile, classify, worse_than
from qingyuan.science.water._doubts import row_doubts, unknown_items

__all__ = ["BODIES", "ITEMS", "Profile", "classify", "numbers_of", "row_doubts", "unknown_items", "worse_than"]
