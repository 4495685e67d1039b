"""Is a reading to be believed: typed rules over series, asked in order, flags instead of changes."""

from __future__ import annotations

from qingyuan.science.quality._company import Neighbour, Pair
from qingyuan.science.quality._gaps import Gap, gap_rule_for
from qingyuan.science.quality._judge import Quality, judge, touched
from qingyuan.science.quality._rule import Rule
from qingyuan.science.quality._shape import Rate, Spike, Step, Stuck
from qingyuan.science.quality._single import DetectionLimit, DeviceFlag, Negative, Range, Sentinel
from qingyuan.science.quality._track import Span, Track, track
from qingyuan.science.quality._typed import rules_for

__all__ = [
    "DetectionLimit",
    "DeviceFlag",
    "Gap",
    "Negative",
    "Neighbour",
    "Pair",
    "Quality",
    "Range",
    "Rate",
    "Rule",
    "Sentinel",
    "Span",
    "Spike",
    "Step",
    "Stuck",
    "Track",
    "gap_rule_for",
    "judge",
    "rules_for",
    "touched",
    "track",
]
