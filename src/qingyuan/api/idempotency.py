"""`Idempotency-Key`: a repeated request is answered as the first one was, and changes nothing again."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from qingyuan import clock
from qingyuan.api.auth import user_of
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.models import IdempotencyKey

F = TypeVar("F", bound=Callable[..., Any])


def once(view: F) -> F:
    """Wrap a changing operation that returns a JSON-ready dictionary."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return view(request, *args, **kwargs)
        if len(key) > 120:
            raise Invalid(f"Idempotency-Key 有 {len(key)} 个字符，至多 120 个")
        user, route = user_of(request), f"{request.method} {request.path}"[:120]
        digest = hashlib.sha256(request.body).hexdigest()
        known = IdempotencyKey.objects.filter(user=user, route=route, key=key).first()
        if known is None:
            try:
                with transaction.atomic():
                    answer = view(request, *args, **kwargs)
                    plain = json.loads(json.dumps(answer, cls=DjangoJSONEncoder))
                    IdempotencyKey.objects.create(
                        key=key,
                        user=user,
                        route=route,
                        request_digest=digest,
                        response=plain,
                        status=200,
                        at=clock.now(),
                    )
                return answer
            except IntegrityError:
                known = IdempotencyKey.objects.filter(user=user, route=route, key=key).first()
                if known is None:
                    raise
        if known.request_digest != digest:
            raise Invalid("这个 Idempotency-Key 已用于另一个内容不同的请求；请换一个")
        return known.response

    # The framework reads names of types in the module of the function it gets, which would be this one.
    wrapped.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
    return cast(F, wrapped)
