from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No right to do this: said in words, with what to do."""
    return render(request, "web/refusal.html", {"kind": "forbidden", "reason": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing here, or outside the person's scope: the two are not told apart. A script is answered in JSON."""
    if request.path.startswith("/api/"):
        message = "没有这个接口；接口说明在 /api/v1/docs"
        return JsonResponse({"error": "not_found", "message": message, "field": ""}, status=404)
    return render(request, "web/refusal.html", {"kind": "not_found"}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours; the page needs nothing that may be broken too."""
    return HttpResponse(render_to_string("web/broken.html"), status=500)
