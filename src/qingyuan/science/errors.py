"""What the functions of this package refuse."""

from __future__ import annotations

from collections.abc import Iterable


class ScienceError(Exception):
    """Base of every error of the scientific functions. Trying again does not help; the input must change."""


class MissingColumnError(ScienceError):
    """A frame lacks a column that the function cannot do without."""

    def __init__(self, missing: Iterable[str], found: Iterable[str]) -> None:
        self.missing, self.found = tuple(missing), tuple(found)
        super().__init__(
            f"got columns {', '.join(self.found) or 'none'}; expected also {', '.join(self.missing)}; "
            "rename or add the columns"
        )


class BadArgumentError(ScienceError):
    """An argument outside the values it may take."""

    def __init__(self, name: str, got: object, expected: str) -> None:
        self.name, self.got, self.expected = name, got, expected
        super().__init__(f"{name}: got {got!r}; expected {expected}")
