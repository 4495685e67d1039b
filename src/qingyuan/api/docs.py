"""The documentation page of the API: made from the OpenAPI description, plain HTML, nothing loaded from outside."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingyuan.api.api import api

_METHODS = ("get", "post", "put", "patch", "delete")


def docs(request: HttpRequest) -> HttpResponse:
    """Every operation with its parameters and the form of its body, by register."""
    description: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/v1/")
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in description["paths"].items():
        for method in _METHODS:
            if method in operations:
                found = operations[method]
                groups.setdefault((found.get("tags") or ["其他"])[0], []).append(
                    _operation(path, method, found, description)
                )
    context = {"groups": groups.items(), "info": description["info"], "title": "接口说明"}
    return render(request, "api/docs.html", context)


def _operation(path: str, method: str, found: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    body = found.get("requestBody", {}).get("content", {})
    fields: list[dict[str, Any]] = []
    for content in body.values():
        fields += _fields(content.get("schema", {}), description)
    return {
        "path": path,
        "method": method.upper(),
        "summary": found.get("summary", ""),
        "text": found.get("description", ""),
        "parameters": [
            {
                "name": p["name"],
                "place": {"path": "路径", "query": "查询"}.get(p["in"], p["in"]),
                "type": _type(p.get("schema", {}), description),
                "required": p.get("required", False),
                "text": p.get("description") or p.get("schema", {}).get("description", ""),
            }
            for p in found.get("parameters", [])
        ],
        "fields": fields,
    }


def _resolve(schema: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if not reference:
        return schema
    found: dict[str, Any] = description["components"]["schemas"][reference.rsplit("/", 1)[-1]]
    return found


def _fields(schema: dict[str, Any], description: dict[str, Any]) -> list[dict[str, Any]]:
    schema = _resolve(schema, description)
    required = set(schema.get("required", []))
    return [
        {
            "name": name,
            "type": _type(part, description),
            "required": name in required,
            "text": part.get("description", ""),
            "default": json.dumps(part["default"], ensure_ascii=False) if "default" in part else "",
        }
        for name, part in schema.get("properties", {}).items()
    ]


def _type(schema: dict[str, Any], description: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " | ".join(_type(s, description) for s in schema["anyOf"] if s.get("type") != "null")
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}), description)}]"
    return str(schema.get("format") or schema.get("type") or "")
