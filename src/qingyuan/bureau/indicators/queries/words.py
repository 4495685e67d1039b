"""What issued figures are called."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from qingyuan.bureau.indicators.queries.county_year import TARGET_GOOD_SHARE, TARGET_PM25

INDICATORS = (
    (TARGET_PM25, _("年度目标：PM₂.₅ 年均浓度（µg/m³）")),
    (TARGET_GOOD_SHARE, _("年度目标：优良天数比率（%）")),
    ("PM2_5.year", _("核定：PM₂.₅ 年均浓度（µg/m³）")),
    ("good_share.year", _("核定：优良天数比率（%）")),
    ("AQI.day", _("发布：县域日 AQI")),
    ("PM2_5.day", _("发布：县域 PM₂.₅ 日均浓度（µg/m³）")),
    ("class.month", _("核定：断面月水质类别")),
)


def indicator_word(indicator: str) -> Any:
    """The indicator's word; one that came in through the API is shown by its own name."""
    return dict(INDICATORS).get(indicator, indicator)
