"""What can go wrong with the rule book."""

from __future__ import annotations

from datetime import date


class RulesError(Exception):
    """Base of every error of the rule book. None of them gets better by trying again."""


class RuleDataError(RulesError):
    """A data file of the rule book is wrong: refused at load, so that no figure is judged by it."""

    def __init__(self, file: str, row: int, got: str, expected: str) -> None:
        """`row` counts from 1 with the header as row 1; 0 means the file as a whole."""
        self.file, self.row, self.got, self.expected = file, row, got, expected
        place = file if "/" in file else f"rules/data/{file}"
        super().__init__(f"{place}, row {row}: got {got}; expected {expected}; mend the data file")


class NoRuleError(RulesError):
    """No rule is in force for what was asked."""

    def __init__(self, what: str, on: date | None = None) -> None:
        self.what, self.on = what, on
        when = "" if on is None else f" on {on.isoformat()}"
        super().__init__(f"no rule for {what}{when}; add a dated row under rules/data or ask for another date")


class BadPlaceError(RulesError):
    """A place that is no administrative code, or for which no single set of packs is known."""

    def __init__(self, got: str, expected: str = "a code of 2, 4 or 6 digits (GB/T 2260), as 320000 or 321282") -> None:
        self.got, self.expected = got, expected
        super().__init__(f"place {got!r}; expected {expected}")


class UnknownFactorError(RulesError):
    """A code or name that the factor tables do not have."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"unknown factor {code!r}; expected an HJ 212 code or an item name; map it first")
