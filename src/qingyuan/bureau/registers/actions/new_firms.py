"""Firms that a list of other things names and the register does not know, made because somebody asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.registry import book_of


def make_firms(actor: User | None, column: str, words: Sequence[str]) -> Mapping[str, int]:
    """A site for each name; its key by the name."""
    return {word: save(actor, book_of("enterprises"), {"name": word}, reason="随清单登记").pk for word in words}
