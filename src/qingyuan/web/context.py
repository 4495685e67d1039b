"""What the frame around every page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from qingyuan import __version__, clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import can, roles_of, scope_of
from qingyuan.bureau.accounts.queries.county import county_name
from qingyuan.bureau.accounts.queries.people import scope_words
from qingyuan.bureau.alerts.policies import listed_alerts
from qingyuan.bureau.cases.queries.pages import late_cases, waiting_leads
from qingyuan.bureau.overview.queries.watermark import work_mark
from qingyuan.web.first_steps import is_demo
from qingyuan.web.navigation import DOCK, PLACES, Place, place_of

THEMES = {"light", "dark"}
MOST_KEPT = 2000


@dataclass(frozen=True)
class _Kept:
    """What was counted for a reader of a scope when all stood at a mark."""

    mark: tuple[object, ...]
    counts: dict[str, int]


_kept: dict[int, _Kept] = {}


def _counts(user: User) -> dict[str, int]:
    """What waits for the user: counted again only when something was done or warned of since, or a minute has passed."""
    now, scope = clock.now(), scope_of(user)
    reach = (scope.everywhere, frozenset(scope.area_ids), scope.organisation_id, scope.capabilities)
    mark = (work_mark(now), reach)
    kept = _kept.get(user.pk)
    if kept is not None and kept.mark == mark:
        return kept.counts
    leads, late_leads = waiting_leads(user, now)
    counts = {
        "alerts": listed_alerts(user).filter(ended_at__isnull=True, acknowledged_at__isnull=True).count(),
        "leads": leads,
        "late_leads": late_leads,
        "late_cases": late_cases(user, now) if can(user, "view") else 0,
    }
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[user.pk] = _Kept(mark, counts)
    return counts


def frame(request: HttpRequest) -> dict[str, Any]:
    """Version, navigation, counts, area scope, as-of, appearance. Signed out: only what the door needs."""
    user = getattr(request, "user", None)
    theme = request.COOKIES.get("qy_theme", "")
    base: dict[str, Any] = {
        "version": __version__,
        "county": county_name(),
        "theme": theme if theme in THEMES else "",
        "as_of": clock.now(),
        "is_demo": is_demo(),
    }
    if user is None or not user.is_authenticated or user.must_change_password:
        return base
    here = place_of(request.path)
    counts = _counts(user)

    def entries(places: tuple[Place, ...]) -> list[dict[str, Any]]:
        return [
            {"path": p.path, "word": p.word, "sign": p.sign, "here": p.path == here, "count": counts.get(p.count, 0)}
            for p in places
            if not p.capability or can(user, p.capability)
        ]

    return base | {
        "late_cases": counts["late_cases"],
        "late_leads": counts["late_leads"],
        "navigation": entries(PLACES),
        "dock": entries(DOCK),
        "nav_width": "narrow" if request.COOKIES.get("qy_nav") == "narrow" else "wide",
        "may": scope_of(user).capabilities,
        "scope": scope_words(user),
        "role_words": _("、").join(dict.fromkeys(_(a.get_role_display()) for a in roles_of(user))),
    }
