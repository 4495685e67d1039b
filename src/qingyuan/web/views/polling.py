"""What pages ask for again and again: answered 304 before anything is rendered, where nothing can have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.translation import get_language

from qingyuan.bureau.accounts.policies.rights import scope_of
from qingyuan.web.doors import person


def polled(
    request: HttpRequest, mark: tuple[object, ...], make: Callable[[], HttpResponse], *, is_last: bool = False
) -> HttpResponse:
    """The answer of `make` with its ETag, or 304 where the browser has that of just this mark already.

    mark: all that the answer depends on, beside the reader's scope, the language and the address. is_last: the polling
    ends with this answer, which is given in any case.
    """
    user = person(request)
    scope = scope_of(user)
    reach = (user.pk, scope.everywhere, sorted(scope.area_ids), scope.organisation_id, sorted(scope.capabilities))
    told = repr((mark, reach, get_language(), request.get_full_path()))
    tag = f'"{hashlib.sha256(told.encode()).hexdigest()[:20]}"'
    if not is_last and request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    response = make()
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response
