from __future__ import annotations

import hashlib
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from qingyuan import clock, config
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies import require
from qingyuan.bureau.audit.actions import record
from qingyuan.bureau.errors import Invalid
from qingyuan.bureau.imports.actions.run import run_job
from qingyuan.bureau.imports.models import ImportJob, ImportProfile
from qingyuan.bureau.imports.queries import BUILT_IN

LEASE = timedelta(minutes=5)


def folder() -> Path:
    """Where imported files lie, under their digest."""
    path = config.data_dir() / "imports"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _keep(file: Path | UploadedFile[Any]) -> tuple[str, str]:
    """Copy the file under its digest; (name, digest)."""
    name = file.name or "file"
    temporary = folder() / f".{hashlib.sha256(name.encode()).hexdigest()[:12]}.part"
    if isinstance(file, Path):
        shutil.copyfile(file, temporary)
    else:
        with temporary.open("wb") as out:
            for chunk in file.chunks():
                out.write(chunk)
    with temporary.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    temporary.replace(path_of(digest, name))
    return name, digest


def path_of(digest: str, name: str) -> Path:
    """The kept file; its suffix stays, so that it opens with a double click."""
    return folder() / f"{digest}{''.join(Path(name).suffixes[-2:]).lower()}"


def start_import(
    actor: User | None,
    file: Path | UploadedFile[Any],
    profile_name: str = "",
    mapping: dict[str, Any] | None = None,
    dry_run: bool = False,
    queued: bool = True,
) -> ImportJob:
    """Take a file in. queued: the work process runs it; else the caller does. Raises Invalid for an unknown profile."""
    require(actor, "import")
    version = 0
    if profile_name and mapping is None and profile_name not in BUILT_IN:
        profile = ImportProfile.objects.filter(name=profile_name).order_by("-version").first()
        if profile is None:
            names = [*BUILT_IN, *ImportProfile.objects.values_list("name", flat=True).distinct()]
            raise Invalid(f"没有导入方案“{profile_name}”；已有：{'、'.join(names)}", "profile_name")
        mapping, version = profile.mapping, profile.version
    name, digest = _keep(file)
    with transaction.atomic():
        job = ImportJob.objects.create(
            file_name=name[:200],
            file_digest=digest,
            profile_name=profile_name,
            profile_version=version,
            mapping=mapping or {},
            dry_run=dry_run,
            state=ImportJob.State.QUEUED if queued else ImportJob.State.RUNNING,
            created_at=clock.now(),
            created_by=actor,
            started_at=None if queued else clock.now(),
            lease_until=None if queued else clock.SystemClock().now() + LEASE,
        )
        record(actor, "import.start", job, f"导入 {name}" + ("（试运行）" if dry_run else ""), {"sha256": digest})
    return job


def run_next_job() -> bool:
    """Run the oldest waiting job, if there is one. Compare-and-set: two workers never run the same one."""
    job = ImportJob.objects.filter(state=ImportJob.State.QUEUED).order_by("pk").first()
    if job is None:
        return False
    now = clock.SystemClock().now()
    taken = ImportJob.objects.filter(pk=job.pk, state=ImportJob.State.QUEUED).update(
        state=ImportJob.State.RUNNING, started_at=clock.now(), lease_until=now + LEASE
    )
    if taken:
        job.refresh_from_db()
        run_job(job)
    return True


def sweep_lost_jobs() -> int:
    """Jobs that a killed worker left running wait again; what they had taken in is recognised and not doubled."""
    now = clock.SystemClock().now()
    lost = ImportJob.objects.filter(state=ImportJob.State.RUNNING, lease_until__isnull=False, lease_until__lt=now)
    return lost.update(state=ImportJob.State.QUEUED, rows_done=0)
