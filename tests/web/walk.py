"""Every address of the pages, found by walking the address table, with the objects that fill its blanks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from web.factories import County

OPEN = {"accounts:sign_in", "web:language", "healthz"}
NOT_PAGES = ("api/", "static/")  # the API has its own walk


@dataclass(frozen=True)
class Route:
    """A named address and the names of its blanks."""

    name: str
    blanks: tuple[str, ...]


def _walk(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[Route]:
    for pattern in patterns:
        if str(pattern.pattern).startswith(NOT_PAGES):
            continue
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, pattern.namespace or space)
        elif pattern.name:
            name = f"{space}:{pattern.name}" if space else pattern.name
            yield Route(name, tuple(pattern.pattern.regex.groupindex) if pattern.pattern else ())


def routes() -> list[Route]:
    """All named routes of the pages; those of the API have their own walk."""
    return list(_walk(get_resolver().url_patterns, ""))


def addresses(county: County, objects: dict[str, dict[str, object]]) -> dict[str, str]:
    """Route name to address, each blank filled by the row of that route's book."""
    made = {}
    for route in routes():
        fill = objects.get(route.name) or objects.get(route.name.split(":")[0], {})
        made[route.name] = reverse(route.name, kwargs={blank: fill[blank] for blank in route.blanks})
    return made
