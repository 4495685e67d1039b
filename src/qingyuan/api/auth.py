"""Who calls: a bearer token within its scopes, or a signed-in page with its CSRF token."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from qingyuan.bureau.accounts.actions.tokens import user_of_token
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import can, require
from qingyuan.bureau.base.errors import NotAllowed

_READING = {"GET", "HEAD", "OPTIONS"}


class _Right:
    """Which right an operation takes: asked before its form is read, so that who may not is told so and nothing else."""

    def __init__(self, *capabilities: str) -> None:
        super().__init__()
        self.capabilities = capabilities

    def admitted(self, user: User) -> User:
        """The user. Raises NotAllowed without any of the capabilities."""
        if self.capabilities and not any(can(user, capability) for capability in self.capabilities):
            require(user, self.capabilities[0])
        return user


class Token(_Right, HttpBearer):
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
        return self.admitted(user)


class Session(_Right, APIKeyCookie):
    """The session cookie of a signed-in page; changes need the CSRF token as on any form."""

    param_name = "sessionid"

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The signed-in user."""
        if request.user.is_authenticated and not request.user.must_change_password:
            return self.admitted(request.user)
        return None


def with_right(*capabilities: str) -> list[Any]:
    """The authentication of an operation that takes one of these capabilities."""
    return [Token(*capabilities), Session(*capabilities)]


def user_of(request: HttpRequest) -> User:
    """The authenticated user of an API request."""
    user = request.user
    assert isinstance(user, User)
    return user
