"""What is wrong with a request, in the words of the house: what was got, what was expected."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest

_EXPECTED = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项，请去掉",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "float_parsing": "应为数",
    "float_type": "应为数",
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "string_type": "应为文字",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_attributes_type": "应为对象",
    "model_type": "应为对象",
}
_BOUNDS = {
    "string_too_long": ("max_length", "至多 %s 字"),
    "string_too_short": ("min_length", "至少 %s 字"),
    "greater_than_equal": ("ge", "应不小于 %s"),
    "less_than_equal": ("le", "应不大于 %s"),
    "greater_than": ("gt", "应大于 %s"),
    "less_than": ("lt", "应小于 %s"),
}
_LONGEST = 60


def faults_of(request: HttpRequest, errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Where each fault is, and what it is."""
    return [
        {"where": ".".join(map(str, e["loc"])), "message": fault_in_words(e, _given(request, e["loc"]))} for e in errors
    ]


def _given(request: HttpRequest, place: Sequence[Any]) -> Any:
    """What the caller sent at a place such as ("query", "since") or ("body", "body", "grain"); None where nothing is."""
    if place[:1] == ("query",):
        return request.GET.get(str(place[-1]))
    if place[:1] != ("body",):
        return None
    found: Any = json.loads(request.body or b"null")
    for name in place[2:]:
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and isinstance(name, int) and name < len(found):
            found = found[name]
        else:
            return None
    return found


def fault_in_words(fault: Mapping[str, Any], given: Any = None) -> str:
    """One fault of the validation; an unusual kind keeps the words of the validator. given: what was sent there."""
    kind, context = str(fault.get("type", "")), fault.get("ctx") or {}
    expected = _EXPECTED.get(kind) or _special(kind, context)
    if not expected:
        return str(fault.get("msg", ""))
    if kind == "missing" or given is None:
        return expected
    return f"得到 {str(given)[:_LONGEST]}，{expected}"


def _special(kind: str, context: Mapping[str, Any]) -> str:
    if kind in {"literal_error", "enum"}:
        return "应为 " + str(context.get("expected", "")).replace(" or ", "、").replace(", ", "、").replace("'", "")
    if kind.startswith(("datetime_", "timezone_")):
        return "应为时间，如 2026-11-01T08:00:00+08:00"
    if kind.startswith("date_"):
        return "应为日期，如 2026-11-01"
    name, words = _BOUNDS.get(kind, ("", ""))
    return words % context[name] if name in context else ""
