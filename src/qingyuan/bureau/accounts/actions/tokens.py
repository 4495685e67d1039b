from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import ApiToken, User
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, NotAllowed

SCOPES = {"read": "读取", "write": "读取和办理"}
_SYNONYMS = {"all": "write", "*": "write", "admin": "write", "rw": "write"}


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(
    actor: User | None, user: User, name: str, scopes: Sequence[str], expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A bearer token that acts as the user within the scopes; its text is returned this once. Raises Invalid, NotAllowed.

    Only for oneself: with another's token one would act as that person. actor None: the command line of the server.
    """
    if actor is not None and actor.pk != user.pk:
        raise NotAllowed("只能为自己建立令牌；请由本人在“接口令牌”中建立")
    chosen = sorted({_SYNONYMS.get(s, s) for s in scopes})
    unknown = [s for s in chosen if s not in SCOPES]
    if unknown or not chosen:
        raise Invalid(f"得到范围“{'、'.join(unknown) or '空'}”，应为：{'、'.join(SCOPES)}", "scopes")
    secret = "qy_" + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user, name=name, digest=_digest(secret), scopes=chosen, created_at=clock.now(), expires_at=expires_at
        )
        record(actor, "token.create", token, f"为 {user.username} 建立令牌“{name}”，范围 {'、'.join(chosen)}")
    return token, secret


def revoke_token(actor: User | None, token: ApiToken) -> None:
    """The token is no longer accepted."""
    if actor is not None and actor.pk != token.user_id and not can(actor, "manage_users"):
        raise NotAllowed("只能撤销自己的令牌")
    with transaction.atomic():
        ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=clock.now())
        record(actor, "token.revoke", token, f"撤销 {token.user.username} 的令牌“{token.name}”")


def user_of_token(secret: str) -> tuple[User, list[str]] | None:
    """The user and the scopes behind a bearer token; None if it is unknown, revoked or past its end."""
    token = ApiToken.objects.select_related("user").filter(digest=_digest(secret)).first()
    if token is None or not token.user.is_active or not token.is_live(clock.now()):
        return None
    return token.user, list(token.scopes)
