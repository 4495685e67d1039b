"""A kept file given out to a browser."""

from __future__ import annotations

from django.http import HttpResponse

from qingyuan.bureau.cases.evidence import read
from qingyuan.bureau.cases.models import Evidence
from qingyuan.bureau.downloads import named


def file_answer(evidence: Evidence, name: str) -> HttpResponse:
    """The content, checked against its digest: pictures shown, all else saved, nothing in it run. EvidenceDamaged."""
    answer = HttpResponse(read(evidence), content_type=evidence.media_type)
    named(answer, name, inline=evidence.media_type.startswith("image/"))
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-SHA256"] = evidence.sha256
    return answer
