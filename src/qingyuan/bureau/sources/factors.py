"""Factor codes as the bureau's items."""

from __future__ import annotations

from qingyuan.rules import UnknownFactorError, rule_book


def item_of(code: str) -> tuple[str, str]:
    """(item, unit) of a factor code; an unknown code stands for itself, with no unit."""
    try:
        factor = rule_book().factor(code)
    except UnknownFactorError:
        return code, ""
    return factor.item or code, factor.unit
