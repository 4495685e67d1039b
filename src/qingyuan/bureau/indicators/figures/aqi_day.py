"""县域日 AQI: the county's index of the last whole day."""

from __future__ import annotations

from qingyuan.bureau.indicators.queries.county_year import Target
from qingyuan.bureau.indicators.queries.indicator import Asked, Behind, Figure, Indicator


def figure(asked: Asked) -> Figure:
    """By the stations of the dated roster."""
    day = asked.day
    if day is None:
        return Figure(None, "没有日数据")
    issued = Target(day.issued["AQI"], "上级发布") if "AQI" in day.issued else None
    return Figure(None if day.aqi is None else float(day.aqi), day.reason, issued)


def rows(asked: Asked) -> list[Behind]:
    """The county's daily values of the six items."""
    day = asked.day
    return [] if day is None else [Behind(item, value) for item, value in day.values.items()]


INDICATOR = Indicator(
    code="AQI.day",
    name="县域日 AQI",
    unit="",
    period="day",
    order=30,
    issued="发布：县域日 AQI",
    figure=figure,
    rows=rows,
    meaning="最近一个完整日县域各评价点位六项污染物日均值的算术平均所对应的指数（HJ 633）。",
)
