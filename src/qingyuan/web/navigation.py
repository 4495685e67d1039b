"""The places of the navigation, in the order of the data's way."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Place:
    """One entry: its address, word, icon, the capability it needs, the count shown beside it."""

    path: str
    word: Promise | str
    sign: str
    capability: str = "view"
    count: str = ""


PLACES = (
    Place("/", _("今日"), "home"),
    Place("/monitoring/", _("监测"), "activity"),
    Place("/alerts/", _("预警"), "bell", count="alerts"),
    Place("/cases/", _("案件"), "briefcase", count="leads"),
    Place("/books/", _("台账"), "books"),
    Place("/evaluation/", _("评价"), "gauge"),
    Place("/reports/", _("报告"), "report"),
    Place("/map/", _("地图"), "map-2"),
    Place("/settings/", _("设置"), "settings", capability=""),
)
DOCK = (PLACES[0], PLACES[2], PLACES[3], PLACES[7], Place("/more/", _("更多"), "menu-2", capability=""))
HOMES = {
    "/findings/": "/alerts/",
    "/tags/": "/alerts/",
    "/outlets/": "/monitoring/",
    "/leads/": "/cases/",
    "/imports/": "/books/",
    "/exports/": "/monitoring/",
}  # addresses shown under another place


def place_of(path: str) -> str:
    """The navigation entry under which an address lies."""
    for start, home in HOMES.items():
        if path.startswith(start):
            return home
    for place in PLACES[1:]:
        if path.startswith(place.path):
            return place.path
    return "/" if path == "/" else ""
