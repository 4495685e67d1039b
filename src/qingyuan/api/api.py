"""The API object: authentication, routes, errors as JSON."""

from __future__ import annotations

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import AuthenticationError, HttpError, ValidationError

from qingyuan import __version__
from qingyuan.api.auth import Session, Token
from qingyuan.api.described import DescribedApi
from qingyuan.api.faults import faults_of
from qingyuan.api.routes import (
    alerts,
    arrivals,
    books,
    cases,
    devices,
    exports,
    monitoring,
    outlets,
    quality,
    sources,
    system,
)
from qingyuan.bureau.base.errors import BureauError, NotAllowed, WrongState
from qingyuan.bureau.base.long_questions import Busy
from qingyuan.intake.files import FileError
from qingyuan.rules import NoRuleError

TOO_MANY = 429
STATUS: dict[type[BureauError], int] = {NotAllowed: 403, WrongState: 409, Busy: TOO_MANY}

api = DescribedApi(
    title="清源接口",
    version=__version__,
    description="令牌：`qingyuan token create --user 用户 --scope read`，以 `Authorization: Bearer` 传送。"
    "时间一律带时区；列表有准确总数；改变状态的请求可带 `Idempotency-Key`。",
    auth=[Token(), Session()],
    docs_url=None,
    urls_namespace="api",
)
for router in (
    alerts.router,
    arrivals.router,
    books.router,
    cases.router,
    devices.router,
    exports.router,
    monitoring.router,
    outlets.router,
    quality.router,
    sources.router,
    system.router,
):
    api.add_router("", router)


@api.exception_handler(BureauError)
def refused(request: HttpRequest, error: BureauError) -> HttpResponse:
    """A domain rule says no: 403 not allowed, 409 wrong state, 429 another long question is open, 422 the rest."""
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 422)
    body = {"error": error.code, "message": error.message, "field": error.field, **error.more}
    answer = api.create_response(request, body, status=status)
    if status == TOO_MANY:
        answer.headers["Retry-After"] = "5"
    return answer


@api.exception_handler(AuthenticationError)
def unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """No token, or one that is unknown, expired or withdrawn."""
    message = "没有可用的令牌；请以 Authorization: Bearer 传送有效的令牌（qingyuan token create）"
    return api.create_response(request, {"error": "not_signed_in", "message": message, "field": ""}, status=401)


@api.exception_handler(Http404)
def absent(request: HttpRequest, error: Http404) -> HttpResponse:
    """Nothing there, or outside the caller's scope: the two are not told apart."""
    return api.create_response(request, {"error": "not_found", "message": "没有这一项", "field": ""}, status=404)


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A request whose body cannot be read as JSON at all."""
    message = f"请求读不懂（{error}）；请求体应为 UTF-8 的 JSON"
    return api.create_response(request, {"error": "form", "message": message, "field": ""}, status=error.status_code)


@api.exception_handler(FileError)
def bad_file(request: HttpRequest, error: FileError) -> HttpResponse:
    """A file that cannot be read."""
    return api.create_response(request, {"error": "file", "message": str(error), "field": "file"}, status=422)


@api.exception_handler(NoRuleError)
def no_rule(request: HttpRequest, error: NoRuleError) -> HttpResponse:
    """A day before the first rule, or after the last."""
    day = f"{error.on} " if error.on else ""
    message = f"{day}没有可用的规则（{error.what}）；请换一个日期"
    return api.create_response(request, {"error": "no_rule", "message": message, "field": ""}, status=422)


@api.exception_handler(DataError)
def unfit(request: HttpRequest, error: DataError) -> HttpResponse:
    """Text that the database cannot hold: too long, or with a NUL in it."""
    message = "内容太长，或含有不能保存的字符；请改短或去掉后重试"
    return api.create_response(request, {"error": "invalid", "message": message, "field": ""}, status=422)


@api.exception_handler(ValidationError)
def wrong_form(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A request that is not of the documented form; an address that can name nothing is not found."""
    if error.errors and all(e["loc"][:1] == ("path",) for e in error.errors):
        return api.create_response(request, {"error": "not_found", "message": "没有这一项", "field": ""}, status=404)
    faults = faults_of(request, error.errors)
    said = "；".join(f"{fault['where'].rpartition('.')[2]} {fault['message']}" for fault in faults[:3])
    body = {"error": "form", "message": f"请求格式不对：{said}", "faults": faults}
    return api.create_response(request, body, status=422)
