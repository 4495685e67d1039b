"""排放口首个小时超限: the first valid hour over its limit. Passing hours are kept nowhere, so judging and telling are one."""

from __future__ import annotations

from typing import Any

from qingyuan.bureau.judging.actions.outlets import evaluate
from qingyuan.bureau.judging.queries.observations import Episodes
from qingyuan.bureau.judging.queries.rules import OUTLET_HOUR, Changed, WarningRule
from qingyuan.bureau.registers.models import Point


def watch(changed: Changed, episodes: Episodes) -> list[Any]:
    """Judge the changed hours of outlets against the limit of their day."""
    return evaluate(changed.of(Point.Kind.OUTLET), episodes)


RULE = WarningRule(code=OUTLET_HOUR, name="排放口首个小时超限", order=10, watch=watch)
