"""What the frame around every page shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from qingyuan import __version__, clock
from qingyuan.bureau.accounts.policies.rights import can, roles_of, scope_of
from qingyuan.bureau.accounts.queries.county import county_name
from qingyuan.bureau.accounts.queries.people import scope_words
from qingyuan.bureau.alerts.policies import listed_alerts
from qingyuan.bureau.cases.queries.pages import late_cases, waiting_leads
from qingyuan.web.first_steps import is_demo
from qingyuan.web.navigation import DOCK, PLACES, Place, place_of

THEMES = {"light", "dark"}


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
    leads, late_leads = waiting_leads(user, clock.now())
    counts = {
        "alerts": listed_alerts(user).filter(ended_at__isnull=True, acknowledged_at__isnull=True).count(),
        "leads": leads,
    }

    def entries(places: tuple[Place, ...]) -> list[dict[str, Any]]:
        return [
            {"path": p.path, "word": p.word, "sign": p.sign, "here": p.path == here, "count": counts.get(p.count, 0)}
            for p in places
            if not p.capability or can(user, p.capability)
        ]

    return base | {
        "late_cases": late_cases(user, clock.now()) if can(user, "view") else 0,
        "late_leads": late_leads,
        "navigation": entries(PLACES),
        "dock": entries(DOCK),
        "nav_width": "narrow" if request.COOKIES.get("qy_nav") == "narrow" else "wide",
        "may": scope_of(user).capabilities,
        "scope": scope_words(user),
        "role_words": _("、").join(dict.fromkeys(_(a.get_role_display()) for a in roles_of(user))),
    }
