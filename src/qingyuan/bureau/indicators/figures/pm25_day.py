"""县域 PM₂.₅ 日均浓度: the county's PM2.5 of the last whole day."""

from __future__ import annotations

from qingyuan.bureau.indicators.queries.county_year import Target
from qingyuan.bureau.indicators.queries.indicator import Asked, Behind, Figure, Indicator


def figure(asked: Asked) -> Figure:
    """By the stations of the dated roster."""
    day = asked.day
    if day is None:
        return Figure(None, "没有日数据")
    issued = Target(day.issued["PM2_5"], "上级发布") if "PM2_5" in day.issued else None
    value = day.values.get("PM2_5")
    return Figure(value, "" if value is not None else day.reason, issued)


def rows(asked: Asked) -> list[Behind]:
    """The days of the last month, to see it among them."""
    return [Behind(d.day.isoformat(), d.values.get("PM2_5"), False, d.reason) for d in asked.days[-30:]]


INDICATOR = Indicator(
    code="PM2_5.day",
    name="县域 PM₂.₅ 日均浓度",
    unit="ug/m3",
    period="day",
    order=40,
    issued="发布：县域 PM₂.₅ 日均浓度（µg/m³）",
    figure=figure,
    rows=rows,
    meaning="最近一个完整日县域各评价点位 PM₂.₅ 日均浓度的算术平均（HJ 663）。",
)
