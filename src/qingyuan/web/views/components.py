"""The living page of the components: each with its states, made of nothing but samples."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from qingyuan import clock
from qingyuan.bureau.base.marks import STATES
from qingyuan.web.doors import needs
from qingyuan.web.pieces import Piece

SPAN = timedelta(days=10)  # from start to deadline of the samples
LEFT = (timedelta(days=8), timedelta(days=4), timedelta(hours=3), timedelta(hours=-5))  # calm, half, urgent, over
ENDED = (timedelta(hours=-1), timedelta(hours=1))  # in time, late
KINDS = ("photo", "readings", "file")


@needs("manage_system")
def components(request: HttpRequest) -> HttpResponse:
    """Figure, trend, deadline, status, evidence, empty, error, progress, table."""
    now = clock.now()
    context = {
        "now": now,
        "deadlines": [{"start": now + left - SPAN, "at": now + left} for left in LEFT],
        "ended": [{"start": now - SPAN, "at": now, "ended": now + late} for late in ENDED],
        "states": sorted(STATES),
        "pieces": _pieces(now),
        "errors": [_("浓度须是数字，得到“十二”。"), _("日期须写作 2026-01-31，得到“1/32”。")],
        "works": [(0, "queued"), (40, "running"), (100, "done")],
        "rows": [("NOx", 48.2, 50), ("SO2", 61.5, 50), ("PM", None, 10)],
    }
    return render(request, "settings/components.html", context)


def _pieces(now: datetime) -> list[Piece]:
    made = []
    for number, kind in enumerate(KINDS):
        digest = hashlib.sha256(kind.encode()).hexdigest()
        by = _("示例")
        made.append(Piece(number, _("附件"), 800 << 5 * number, now, by, digest, digest, kind, is_original=number < 2))
    return made
