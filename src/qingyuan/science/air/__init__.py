"""Air quality: index of HJ 633, values and figures of stations and cities by GB 3095 and HJ 663."""

from __future__ import annotations

from qingyuan.science.air._change import change_rate, compare, moving_mean
from qingyuan.science.air._city import city_values
from qingyuan.science.air._columns import ITEMS, Averaging, Stamps
from qingyuan.science.air._compare import compare_years
from qingyuan.science.air._compensate import compensate
from qingyuan.science.air._composite import composite, rank, rank_change
from qingyuan.science.air._day import day_values
from qingyuan.science.air._deduct import deduct
from qingyuan.science.air._doubts import cell_doubts, gap_doubts, missing_hours, time_doubts, unknown_doubts
from qingyuan.science.air._evaluate import By, evaluate, summarise
from qingyuan.science.air._exempt import exempt_items, with_exemptions
from qingyuan.science.air._figures import bounds_by_name
from qingyuan.science.air._heavy import heavy_levels
from qingyuan.science.air._index import Standard, aqi
from qingyuan.science.air._notes import hour_doubts, with_notes
from qingyuan.science.air._period import PERIODS, PeriodName
from qingyuan.science.air._rolling import rolling_ozone
from qingyuan.science.air._trend import trends

__all__ = [
    "ITEMS",
    "PERIODS",
    "Averaging",
    "By",
    "PeriodName",
    "Stamps",
    "Standard",
    "aqi",
    "bounds_by_name",
    "cell_doubts",
    "change_rate",
    "city_values",
    "compare",
    "compare_years",
    "compensate",
    "composite",
    "day_values",
    "deduct",
    "evaluate",
    "exempt_items",
    "gap_doubts",
    "heavy_levels",
    "hour_doubts",
    "missing_hours",
    "moving_mean",
    "rank",
    "rank_change",
    "rolling_ozone",
    "summarise",
    "time_doubts",
    "trends",
    "unknown_doubts",
    "with_exemptions",
    "with_notes",
]
