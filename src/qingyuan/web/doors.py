"""Doors in front of views: a capability, and the errors of the domain shown beside the form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.base.errors import BureauError

View = Callable[..., HttpResponseBase]


def person(request: HttpRequest) -> User:
    """The signed-in user; the sign-in middleware lets nobody else through."""
    if not isinstance(request.user, User):
        raise PermissionDenied(_("请先登录。"))
    return request.user


def needs(*capabilities: str) -> Callable[[View], View]:
    """Only for users with at least one of the capabilities; others get 403."""

    def door(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(can(person(request), c) for c in capabilities):
                raise PermissionDenied(_("您的角色没有这项权限；如工作需要，请联系安全管理员。"))
            return view(request, *args, **kwargs)

        return inner

    return door


def attach(form: BaseForm, error: BureauError) -> None:
    """Put a domain error beside the field it names, else above the form; the page tells it in its language."""
    name = getattr(error, "field", "") or ""
    form.add_error(name if name in form.fields else None, str(error))
