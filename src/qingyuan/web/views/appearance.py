from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from qingyuan.web.context import THEMES

YEAR = 365 * 24 * 3600


def _back(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return redirect(wanted if safe else "/")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language of this session."""
    code = request.POST.get("language", "")
    if code in dict(settings.LANGUAGES):
        request.session["language"] = code
    return _back(request)


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the system; navigation wide or narrow."""
    response = _back(request)
    theme, nav = request.POST.get("theme"), request.POST.get("nav")
    if theme in THEMES:
        response.set_cookie("qy_theme", theme, max_age=YEAR, samesite="Lax", httponly=True)
    elif theme == "system":
        response.delete_cookie("qy_theme")
    if nav in {"wide", "narrow"}:
        response.set_cookie("qy_nav", nav, max_age=YEAR, samesite="Lax", httponly=True)
    return response


def more(request: HttpRequest) -> HttpResponse:
    """All places, for the phone's bottom bar."""
    return render(request, "web/more.html")
