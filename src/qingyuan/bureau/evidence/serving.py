"""A kept file given out to a browser."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingyuan.bureau.base.downloads import named
from qingyuan.bureau.evidence.actions.files import EvidenceDamaged, read
from qingyuan.bureau.evidence.models import Evidence
from qingyuan.bureau.evidence.queries.given import GivenFile


def file_answer(evidence: Evidence, name: str) -> HttpResponse:
    """The content, checked against its digest: pictures shown, all else saved, nothing in it run. EvidenceDamaged."""
    return _answer(read(evidence), name, evidence.media_type, evidence.sha256)


def given_answer(given: GivenFile) -> HttpResponse:
    """What `shown_files.give` gives a reader; the digest is that of the original as it is kept."""
    answer = _answer(given.content, given.name, given.media_type, given.sha256)
    if not given.is_original:
        answer["X-Content-Copy"] = "plain"
    return answer


def damaged_answer(request: HttpRequest, error: EvidenceDamaged) -> HttpResponse:
    """The file is gone or changed on the disk: said in words, not as a fault of the page."""
    return render(request, "web/refusal.html", {"kind": "forbidden", "reason": str(error)}, status=409)


def _answer(content: bytes, name: str, media_type: str, sha256: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    named(answer, name, inline=media_type.startswith("image/"))
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-SHA256"] = sha256
    return answer
