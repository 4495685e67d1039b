"""PM₂.₅ 年均浓度: the mean of the county's valid days of the year so far."""

from __future__ import annotations

from qingyuan.bureau.indicators.queries.county_year import ISSUED_PM25
from qingyuan.bureau.indicators.queries.indicator import Asked, Behind, Figure, Indicator


def figure(asked: Asked) -> Figure:
    """Nothing is said of the year while fewer days are valid than the rule book asks for."""
    year = asked.year
    return Figure(year.pm25 if year.is_told else None, year.lack, year.issued_pm25, year.target_pm25)


def rows(asked: Asked) -> list[Behind]:
    """The days, the issued value of a day in place of ours."""
    return [
        Behind(d.day.isoformat(), d.issued.get("PM2_5", d.values["PM2_5"]), "PM2_5" in d.issued, d.reason)
        for d in asked.days
    ]


INDICATOR = Indicator(
    code=ISSUED_PM25,
    name="PM₂.₅ 年均浓度",
    unit="ug/m3",
    period="year",
    order=10,
    decimals=1,
    issued="核定：PM₂.₅ 年均浓度（µg/m³）",
    target="年度目标：PM₂.₅ 年均浓度（µg/m³）",
    figure=figure,
    rows=rows,
    meaning="今年以来县域各有效日 PM₂.₅ 日均浓度的算术平均（HJ 663）。",
)
