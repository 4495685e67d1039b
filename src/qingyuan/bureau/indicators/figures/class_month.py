"""断面月水质类别: issued by the higher authority; ours stands beside it on the page of the section."""

from __future__ import annotations

from qingyuan.bureau.indicators.queries.indicator import Indicator

INDICATOR = Indicator(
    code="class.month",
    name="断面月水质类别",
    unit="",
    period="month",
    order=50,
    issued="核定：断面月水质类别",
    is_number=False,
    meaning="国控、省控断面按月核定的水质类别，由上级发布。",
)
