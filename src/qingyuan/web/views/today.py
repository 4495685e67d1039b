from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingyuan import clock
from qingyuan.bureau.accounts.policies.rights import can, scope_of
from qingyuan.bureau.monitoring.queries.arrival_states import ARRIVAL_WORDS, arrival_summary
from qingyuan.bureau.monitoring.queries.opening import opening
from qingyuan.bureau.overview.queries.today import gather
from qingyuan.bureau.overview.queries.watermark import watermark
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.web.doors import person
from qingyuan.web.first_steps import AWAY, first_steps, is_demo, may_take
from qingyuan.web.own import gather_own
from qingyuan.web.views.polling import polled


def today(request: HttpRequest) -> HttpResponse:
    """The first page: of the bureau, or of a firm; who has no register to see is led to the settings."""
    user = person(request)
    if not can(user, "view"):
        return redirect("web:settings")
    if "view" not in scope_of(user).capabilities:
        return render(request, "web/own.html", {"own": gather_own(user, clock.now())})
    context: dict[str, Any] = {"today": gather(user, clock.now())}
    context["opening"] = opening(visible_points(user).values_list("code", flat=True))
    if may_take(user) and request.COOKIES.get(AWAY) != "away" and not is_demo():
        context["steps_left"] = [step for step in first_steps() if step.state != "done"]
    return render(request, "web/today.html", context)


def freshness(request: HttpRequest) -> HttpResponse:
    """The dot in the frame, polled; answers 304 while nothing changed."""
    user = person(request)
    if not can(user, "view"):
        return HttpResponse("")
    now = clock.now()

    def made() -> HttpResponse:
        context = {"summary": arrival_summary(user, now), "words": ARRIVAL_WORDS}
        return render(request, "web/parts/freshness.html", context)

    return polled(request, watermark(now), made)
