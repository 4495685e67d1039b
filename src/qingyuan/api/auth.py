"""Who calls: a bearer token within its scopes, or a signed-in page with its CSRF token."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from qingyuan.bureau.accounts.actions import user_of_token
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.errors import NotAllowed

_READING = {"GET", "HEAD", "OPTIONS"}


class Token(HttpBearer):
    """`Authorization: Bearer qy_…`. A token with scope `read` may not change anything."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The user behind the token."""
        found = user_of_token(token)
        if found is None:
            return None
        user, scopes = found
        if request.method not in _READING and "write" not in scopes:
            raise NotAllowed("令牌只有读取（read）范围，不能办理；请用带 write 范围的令牌")
        request.user = user
        return user


class Session(APIKeyCookie):
    """The session cookie of a signed-in page; changes need the CSRF token as on any form."""

    param_name = "sessionid"

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The signed-in user."""
        if request.user.is_authenticated and not request.user.must_change_password:
            return request.user
        return None


def user_of(request: HttpRequest) -> User:
    """The authenticated user of an API request."""
    user = request.user
    assert isinstance(user, User)
    return user
