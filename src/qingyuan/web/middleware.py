"""What every page passes: language, content security policy, sign-in."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import urlencode

from qingyuan.bureau.base.told import told
from qingyuan.full_disk import WORDS, is_full_disk
from qingyuan.rules import NoRuleError

log = logging.getLogger(__name__)
INSUFFICIENT = 507
NUL = "地址或内容里有不能用的字符（NUL），或内容太长；请去掉或改短后重试"
DAYS = "日期或数字超出范围，没有规则或无法计算；请换一个"
_YEAR = re.compile(r"year (-?\d+ )?(is )?out of range|year must be")
Handler = Callable[[HttpRequest], HttpResponse]

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEALTH = "/healthz"
OPEN_PATHS = ("/sign-in/", HEALTH, "/static/", "/api/", "/language/", "/favicon.ico")


class ContentSecurityPolicyMiddleware:
    """Nothing is loaded from outside, nothing inline runs."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class NotKeptMiddleware:
    """What a signed-in person is answered is kept by no browser and no one between; polled parts are asked for again."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(settings.STATIC_URL) and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        return response


class FullDiskMiddleware:
    """A full disk is told in words, on a page or as JSON, and is no fault of the program."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer where the disk is full; None leaves the error to others."""
        if not is_full_disk(error):
            return None
        log.error("the disk is full: %s", error)
        if request.path.startswith("/api/"):
            return JsonResponse({"error": "full", "message": WORDS, "field": ""}, status=INSUFFICIENT)
        return render(request, "web/full.html", {"words": WORDS}, status=INSUFFICIENT)


class PlainTextMiddleware:
    """An address with a NUL in it names nothing, and a database server takes none: refused in words."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" not in request.path and "%00" not in request.META.get("QUERY_STRING", ""):
            return self.get_response(request)
        if request.path.startswith("/api/"):
            return JsonResponse({"error": "form", "message": NUL, "field": ""}, status=422)
        return HttpResponse(told(NUL), status=400, content_type="text/plain; charset=utf-8")

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """What the database cannot hold is a wrong input, not a fault of ours."""
        if not isinstance(error, DataError):
            return None
        return HttpResponse(told(NUL), status=400, content_type="text/plain; charset=utf-8")


class OutOfCalendarMiddleware:
    """A day at the end of the calendar, or before the first rule, is a wrong question, not a fault of ours."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Where a time cannot be reckoned with; None leaves the error to others."""
        past_the_end = isinstance(error, OverflowError) or (
            isinstance(error, ValueError) and bool(_YEAR.match(str(error)))
        )
        if not past_the_end and not isinstance(error, NoRuleError):
            return None
        log.warning("out of the calendar at %s: %s", request.path, error)
        if request.path.startswith("/api/"):
            return JsonResponse({"error": "form", "message": DAYS, "field": ""}, status=422)
        return HttpResponse(told(DAYS), status=400, content_type="text/plain; charset=utf-8")


class LanguageMiddleware:
    """Chinese unless this session chose English."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_asked = request.path != HEALTH  # which must answer also where the sessions cannot be read
        code = request.session.get("language", settings.LANGUAGE_CODE) if is_asked else settings.LANGUAGE_CODE
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", code)
            return response


class SignInRequiredMiddleware:
    """Every page needs a signed-in user; a first password must be changed before anything else."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN_PATHS):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")
        if request.user.must_change_password and request.path not in {"/password/", "/sign-out/"}:
            return redirect("/password/")
        return self.get_response(request)
