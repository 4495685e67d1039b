"""The description of the API names every answer that an operation can give, not only the good one."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI

METHODS = ("get", "post", "put", "patch", "delete")
REFUSALS = {
    "400": "请求读不懂：请求体不是 UTF-8 的 JSON，或地址、主机名不对",
    "401": "没有可用的令牌或会话",
    "403": "没有权限，或令牌范围不够",
    "404": "没有这一项，或不在数据范围内",
    "409": "状态已变，或已由他人办理",
    "422": "请求的形式或内容不对，逐项说明",
    "429": "同一会话的上一个长时段查询还没有答完",
    "507": "磁盘已满",
}
REFUSAL: dict[str, Any] = {
    "type": "object",
    "title": "Refusal",
    "required": ["error", "message"],
    "properties": {
        "error": {"type": "string", "description": "原因的代码"},
        "message": {"type": "string", "description": "得到什么、应为什么、怎么办"},
        "field": {"type": "string", "description": "说的是哪一项；空为整个请求"},
        "faults": {"type": "array", "items": {"type": "object"}, "description": "422 时逐项的问题"},
    },
}
_BODY = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}


class DescribedApi(NinjaAPI):
    """NinjaAPI whose OpenAPI description holds the refusals too."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        """The description, with the refusals of each operation."""
        told = super().get_openapi_schema(*args, **kwargs)
        told.setdefault("components", {}).setdefault("schemas", {})["Refusal"] = REFUSAL
        for path, operations in told["paths"].items():
            for method in METHODS:
                if method in operations:
                    self._refusals(path, method, operations[method])
        return told

    def _refusals(self, path: str, method: str, operation: dict[str, Any]) -> None:
        """All that can be: who has no token, no right, no such thing, a wrong form, a long question, a full disk."""
        changing = method != "get"
        possible = {code for code in REFUSALS if code != "409" or changing}
        if "{" not in path and not changing:
            possible.discard("404")
        answers = operation.setdefault("responses", {})
        for code in sorted(possible):
            answers.setdefault(code, {"description": REFUSALS[code], "content": _BODY})
