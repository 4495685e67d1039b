"""Surface water: class of a section by GB 3838, main pollutants and periods by 环办〔2011〕22号."""

from __future__ import annotations

from qingyuan.science.water._balance import BALANCE_COLUMNS, balance
from qingyuan.science.water._cells import numbers_of, whole_dates
from qingyuan.science.water._change import basin_change, section_change
from qingyuan.science.water._classify import BODIES, ITEMS, Profile, classify, item_classes, worse_than
from qingyuan.science.water._compensate import compensate
from qingyuan.science.water._cwqi import city_cwqi, cwqi
from qingyuan.science.water._doubts import row_doubts, unknown_items
from qingyuan.science.water._evaluate import By, evaluate
from qingyuan.science.water._grades import black_odorous, bloom_level, blooms
from qingyuan.science.water._multiple import exceedance_multiple
from qingyuan.science.water._periods import PERIODS, Period, with_doubts_of_rows
from qingyuan.science.water._rank import rank
from qingyuan.science.water._remaining import remaining, remaining_mean
from qingyuan.science.water._shares import basin_rating, closing_percentages
from qingyuan.science.water._source import judge_source
from qingyuan.science.water._targets import KINDS, read_targets
from qingyuan.science.water._trend import trend, trends
from qingyuan.science.water._trophic import TLI_COLUMNS, tli, tli_state, tli_weights
from qingyuan.science.water._warning import warning_level

__all__ = [
    "BALANCE_COLUMNS",
    "BODIES",
    "ITEMS",
    "KINDS",
    "PERIODS",
    "TLI_COLUMNS",
    "By",
    "Period",
    "Profile",
    "balance",
    "basin_change",
    "basin_rating",
    "black_odorous",
    "bloom_level",
    "blooms",
    "city_cwqi",
    "classify",
    "closing_percentages",
    "compensate",
    "cwqi",
    "evaluate",
    "exceedance_multiple",
    "item_classes",
    "judge_source",
    "numbers_of",
    "rank",
    "read_targets",
    "remaining",
    "remaining_mean",
    "row_doubts",
    "section_change",
    "tli",
    "tli_state",
    "tli_weights",
    "trend",
    "trends",
    "unknown_items",
    "warning_level",
    "whole_dates",
    "with_doubts_of_rows",
    "worse_than",
]
