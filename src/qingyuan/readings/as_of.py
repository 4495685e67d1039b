"""The store as it was known at an instant: the same questions, answered from what had been received by then."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qingyuan.readings.model import Bucket, Flag, Reading

if TYPE_CHECKING:
    from qingyuan.readings.port import Store


class AsOf:
    """A view; `second` is inclusive. What was received later does not exist for it."""

    def __init__(self, store: Store, second: int) -> None:
        self.store, self.second = store, second

    def window(self, series: Sequence[int], start: int, end: int) -> list[Reading]:
        """See `Store.window`."""
        return self.store.window(series, start, end, as_of=self.second)

    def buckets(
        self,
        series: Sequence[int],
        start: int,
        end: int,
        width: int,
        *,
        anchor: int = 0,
        step: int = 0,
        without: Sequence[str] = (),
    ) -> list[Bucket]:
        """See `Store.buckets`."""
        return self.store.buckets(
            series, start, end, width, anchor=anchor, step=step, without=without, as_of=self.second
        )

    def coverage(self, series: Sequence[int], start: int, end: int) -> dict[int, int]:
        """See `Store.coverage`."""
        return self.store.coverage(series, start, end, as_of=self.second)

    def revisions(self, series: int, start: int, end: int) -> list[Reading]:
        """See `Store.revisions`."""
        return [r for r in self.store.revisions(series, start, end) if r.received_at <= self.second]

    def flags(self, series: Sequence[int], start: int, end: int) -> list[Flag]:
        """See `Store.flags`."""
        return self.store.flags(series, start, end, as_of=self.second)

    def export(self, series: Sequence[int], start: int, end: int, out: Path) -> int:
        """See `Store.export`."""
        return self.store.export(series, start, end, out, as_of=self.second)
