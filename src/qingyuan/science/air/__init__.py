"""Air quality: index of HJ 633, values of station-days and city-days by GB 3095 and HJ 663."""

from __future__ import annotations

from qingyuan.science.air._city import city_values
from qingyuan.science.air._columns import ITEMS, Averaging, Stamps
from qingyuan.science.air._day import day_values
from qingyuan.science.air._doubts import missing_hours, time_doubts
from qingyuan.science.air._index import Standard, aqi

__all__ = [
    "ITEMS",
    "Averaging",
    "Stamps",
    "Standard",
    "aqi",
    "city_values",
    "day_values",
    "missing_hours",
    "time_doubts",
]
