"""优良天数比率: good days among those of the year so far that could be judged."""

from __future__ import annotations

from qingyuan.bureau.indicators.queries.county_year import ISSUED_GOOD_SHARE
from qingyuan.bureau.indicators.queries.indicator import Asked, Behind, Figure, Indicator


def figure(asked: Asked) -> Figure:
    """Nothing is said of the year while fewer days are valid than the rule book asks for."""
    year = asked.year
    return Figure(year.good_share if year.is_told else None, year.lack, year.issued_good, year.target_good)


def rows(asked: Asked) -> list[Behind]:
    """The days with the index that is taken; a day without one does not count."""
    return [Behind(d.day.isoformat(), d.taken_aqi, "AQI" in d.issued, d.reason or d.category) for d in asked.days]


INDICATOR = Indicator(
    code=ISSUED_GOOD_SHARE,
    name="优良天数比率",
    unit="%",
    period="year",
    order=20,
    decimals=1,
    issued="核定：优良天数比率（%）",
    target="年度目标：优良天数比率（%）",
    figure=figure,
    rows=rows,
    meaning="今年以来空气质量为优、良的天数占能够评价的天数的百分比（HJ 633、HJ 663）。",
)
