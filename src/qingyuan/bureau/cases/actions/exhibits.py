from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from django.core.files.uploadedfile import UploadedFile

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.cases.models import Case, Exhibit, Lead
from qingyuan.bureau.evidence.actions.files import Upload, keep
from qingyuan.bureau.evidence.models import Evidence

FileLike: TypeAlias = "Upload | UploadedFile[Any]"


def keep_files(files: Iterable[FileLike]) -> list[tuple[Upload, Evidence]]:
    """Keep the files on disk, before the transaction that puts them into a lead or case."""
    kept = []
    for file in files:
        upload = file if isinstance(file, Upload) else Upload(file.name or "file", file.read())
        kept.append((upload, keep(upload)))
    return kept


def keep_statement(name: str, statement: dict[str, Any]) -> tuple[Upload, Evidence]:
    """Keep a statement of the system (readings at the moment of decision) as evidence."""
    content = json.dumps(statement, ensure_ascii=False, indent=1, sort_keys=True).encode()
    upload = Upload(f"{name}.json", content, name)
    return upload, keep(upload)


def put_in(
    kept: Sequence[tuple[Upload, Evidence]],
    actor: User | None,
    *,
    lead: Lead | None = None,
    case: Case | None = None,
    kind: str = "",
    captured_at: datetime | None = None,
) -> list[dict[str, str]]:
    """Add kept files as exhibits; returns what a time line shows of them."""
    shown = []
    for upload, evidence in kept:
        chosen = kind or ("photo" if evidence.media_type.startswith("image/") else "file")
        Exhibit.objects.create(
            evidence=evidence,
            lead=lead,
            case=case,
            title=upload.title or upload.name,
            file_name=upload.name[:200],
            kind=chosen,
            captured_at=captured_at,
            added_at=clock.now(),
            added_by=actor,
        )
        shown.append({"name": upload.name, "sha256": evidence.sha256})
    return shown
