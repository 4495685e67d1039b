"""A county's own books come at run time: their one table is watched from the start, their rows are found book by book."""

from __future__ import annotations

from qingyuan.bureau.local.models import LocalRow
from qingyuan.bureau.search.source import Source

ROWS = Source(
    code="",
    name="",
    model=LocalRow,
    rows=LocalRow.objects.none,
    fields=("key", "name"),
    seen=lambda _user: LocalRow.objects.none(),
    areas=("answers", "area"),
    owners=("firm",),
)
