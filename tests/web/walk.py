"""Every address of the pages, found by walking the address table, with the objects that fill its blanks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from web.factories import County

OPEN = {"accounts:sign_in", "web:language", "healthz"}
# Every address of the pages, by what it hangs on. One that stands in none of these sets fails the walk.
OF_NOBODY = {"web:language", "web:appearance"}
OF_ONESELF = {
    "accounts:password", "accounts:sign_out", "accounts:tokens", "web:about", "web:calendar", "web:more", "web:settings",
    "web:today", "web:freshness", "exports:exports", "accounts:hand_over", "outbox:inbox", "outbox:bell", "outbox:read",
}  # fmt: skip
LISTS = {
    "accounts:users", "alerts:alerts", "alerts:findings", "cases:cases", "cases:leads", "imports:imports",
    "monitoring:availability", "monitoring:freshness", "monitoring:issued", "monitoring:points", "quality:flags",
    "firms:all_limits", "line:devices", "firms:emissions", "firms:emissions_csv", "firms:emissions_xlsx",
    "firms:enterprises", "line:gateway", "line:requests", "firms:tags", "firms:transmission", "web:audit",
    "web:components", "web:county_air", "web:map", "web:map_features", "web:reports", "web:results", "web:search", "web:sections",
    "books:books", "web:indicators", "web:paper",
}  # fmt: skip
FORMS = {
    "web:first_steps", "accounts:user_new", "cases:lead_new", "imports:devices", "imports:limits", "imports:points",
    "imports:boundary", "imports:enterprises", "imports:people", "books:new_book",
}  # fmt: skip
OF_ONE_DISTRICT = {
    "firms:limits", "firms:recomputed", "firms:recomputed_count", "firms:outlet_emissions",
    "firms:emission_hours", "monitoring:point", "monitoring:series", "monitoring:stops", "firms:enterprise",
    "line:device", "line:device_tail", "line:device_asked", "alerts:alert", "alerts:finding", "cases:lead",
    "cases:case", "cases:exhibit", "cases:record", "quality:operate", "firms:outlet", "web:map_card", "firms:outlet_hours",
    "firms:outlet_hour", "firms:tag_record", "firms:tag_exhibit", "books:book_row", "books:book_edit",
}  # fmt: skip
WRITES = {
    "alerts:alert_lead", "alerts:finding_lead", "alerts:alert", "cases:step", "cases:decide", "firms:tag_withdraw",
    "line:follow", "line:adopt", "line:ask_time", "line:ask_fetch",
    "line:request_withdraw", "line:in_use", "firms:tag", "firms:tag_check", "firms:tag_supply",
    "firms:outlet_meters", "monitoring:keep", "quality:undo", "monitoring:stop_end",
    "cases:take", "cases:informant_call", "cases:informant_reveal", "books:book_do", "books:book_unseal",
}  # fmt: skip
# Addresses of single rows that no district owns: they hang on a capability or on the person.
OF_A_CAPABILITY = {
    "firms:limits_undo",
    "accounts:user", "accounts:user_active", "accounts:user_password", "accounts:token_revoke", "imports:job",
    "imports:progress", "imports:run", "imports:undo", "imports:bad_rows", "imports:mapping",
    "exports:export", "exports:progress", "exports:download",
}  # fmt: skip
# Of a whole book: lists and files within the reader's scope, and what hangs on the book's own right.
OF_A_BOOK = {
    "books:book", "books:book_new", "books:book_import", "books:book_columns", "books:book_template", "books:book_export",
    "books:book_features", "books:book_many",
}  # fmt: skip
CLASSES = (OF_A_BOOK, OPEN, OF_NOBODY, OF_ONESELF, LISTS, FORMS, OF_ONE_DISTRICT, WRITES, OF_A_CAPABILITY)
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
