"""Choices of models and lists in the language of the page: models keep them in Chinese, since what is stored is Chinese."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _

Pairs = Iterable[tuple[object, str | Promise]]


def in_words(word: str | Promise) -> str:
    """One word in the language of the page; a stored name, of which the catalogue knows nothing, as it is."""
    return _(str(word)) if str(word) else ""


def words_of(choices: Pairs) -> Callable[[], list[tuple[str, str]]]:
    """The choices of a form's field; a form calls it when it is made, so that each reader gets his language."""
    kept = list(choices)
    return lambda: [(str(value), in_words(word)) for value, word in kept]
