"""Keys for rows that bring none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any


def name_as_key(most: int) -> Callable[[Mapping[str, Any], Callable[[str], bool]], str]:
    """The key of a row that brings none: its name, with a number where another row has it."""

    def key(values: Mapping[str, Any], is_taken: Callable[[str], bool]) -> str:
        return free_key(str(values.get("name") or ""), most, is_taken)

    return key


def free_key(word: str, most: int, is_taken: Callable[[str], bool]) -> str:
    """The word itself where no row has it, else the word with the next number."""
    found, number = word[:most], 1
    while is_taken(found):
        number += 1
        found = f"{word[: most - len(str(number)) - 1]}-{number}"
    return found


def next_number(letter: str) -> Callable[[Mapping[str, Any], Callable[[str], bool]], str]:
    """The key of a row that has no number of its own: the next one that is free."""
    return lambda values, is_taken: next(key for n in count(1) if not is_taken(key := f"{letter}{n}"))
