from __future__ import annotations

from qingyuan.bureau.values.models.emissions import EmissionDue, KeptEmission
from qingyuan.bureau.values.models.limits import Limit, LimitImport, LimitRows
from qingyuan.bureau.values.models.stops import PlannedStop
from qingyuan.bureau.values.models.tags import Tag, TagEvent, TagExhibit

__all__ = [
    "EmissionDue",
    "KeptEmission",
    "Limit",
    "LimitImport",
    "LimitRows",
    "PlannedStop",
    "Tag",
    "TagEvent",
    "TagExhibit",
]
