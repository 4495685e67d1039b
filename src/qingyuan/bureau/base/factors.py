"""Factor codes as the bureau's items."""

from __future__ import annotations

from qingyuan.rules import UnknownFactorError, rule_book


def item_of(code: str, system_type: str = "") -> tuple[str, str]:
    """(item, unit) of a factor code, of 2017 or of 2005, under a device's ST; an unknown code stands for itself, with no
    unit. The only translation of codes in the bureau: readings, limits, device list, pages and API all ask here.
    """
    try:
        factor = rule_book().factor(code, system_type)
    except UnknownFactorError:
        return code, ""
    return factor.item or factor.code, factor.unit


def code_of(code: str, system_type: str = "") -> str:
    """The code of 2017 of the factor that a code names; an unknown code stands for itself."""
    try:
        return rule_book().factor(code, system_type).code
    except UnknownFactorError:
        return code
