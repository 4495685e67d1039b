from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified


def unchanged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response with its ETag, or 304 if the browser already has just that."""
    tag = f'"{hashlib.sha256(response.content).hexdigest()[:20]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response
