"""Lists come in pages with an exact count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from ninja import Schema
from pydantic import Field

M = TypeVar("M", bound=Model)


class Paging(Schema):
    """Which page. `page_size` at most 500."""

    page: int = Field(1, ge=1, le=1_000_000, description="第几页，从 1 起")
    page_size: int = Field(50, ge=1, le=500, description="每页条数，至多 500")


def page_of(rows: QuerySet[M], paging: Paging, shape: Callable[[M], Any]) -> dict[str, Any]:
    """One page of a queryset, with the exact count of all rows."""
    start = (paging.page - 1) * paging.page_size
    return {
        "items": [shape(row) for row in rows[start : start + paging.page_size]],
        "count": rows.count(),
        "page": paging.page,
        "page_size": paging.page_size,
    }
