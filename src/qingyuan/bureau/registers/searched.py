"""What of the registers is searched besides the books."""

from __future__ import annotations

from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.search.source import Source

POINTS = Source(
    code="points",
    name="点位",
    model=Point,
    rows=Point.objects.all,
    fields=("name", "code"),
    seen=visible_points,
    areas=("answers", "area"),
    owners=("owner", "operator"),
    spoken=("name",),
)
