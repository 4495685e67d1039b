"""Areas that came before the one they lie in get it as soon as it is there."""

from __future__ import annotations

from qingyuan.bureau.accounts.actions.tree import alone, place_areas
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.registry import book_of


def settle_areas(actor: User | None) -> None:
    """Every area that can be placed is placed, each with a version of its own; the dated tree follows."""
    for area, above in alone():
        save(None, book_of("areas"), {"above": above}, area, reason="按代码归入上级区域")
        return  # what was just saved has settled the rest
    place_areas(actor)
