from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q

from qingyuan import clock, config
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base import lease
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.monitoring.actions.import_run import run_job
from qingyuan.bureau.monitoring.actions.import_undo import run_undo
from qingyuan.bureau.monitoring.models import ImportJob, ImportProfile
from qingyuan.intake.files import importers

MOST_ATTEMPTS = 3
ORDERS, STAMPS = ("dmy", "mdy"), ("opens", "closes")
_GIVEN = ("point", "sheet", "header_row", "dates", "stamps")


def folder() -> Path:
    """Where imported files lie, under their digest."""
    path = config.data_dir() / "imports"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _keep(file: Path | UploadedFile[Any]) -> tuple[str, str]:
    """Copy the file under its digest; (name, digest). Two of one name at once lie in two places."""
    name = file.name or "file"
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=folder(), prefix=".", suffix=".part", delete=False) as out:
        temporary = Path(out.name)
        try:
            if isinstance(file, Path):
                with file.open("rb") as content:
                    shutil.copyfileobj(content, out)
            else:
                for chunk in file.chunks():
                    out.write(chunk)
            out.flush()
            with temporary.open("rb") as content:
                while chunk := content.read(1024**2):
                    digest.update(chunk)
            temporary.replace(path_of(digest.hexdigest(), name))
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return name, digest.hexdigest()


def path_of(digest: str, name: str) -> Path:
    """The kept file; its suffix stays, so that it opens with a double click."""
    suffix = "".join(Path(name).suffixes[-2:]).lower()
    return folder() / f"{digest}{suffix if len(suffix) < 16 and suffix.isprintable() else ''}"


def start_import(
    actor: User | None,
    file: Path | UploadedFile[Any],
    profile_name: str = "",
    mapping: dict[str, Any] | None = None,
    dry_run: bool = False,
    queued: bool = True,
    *,
    new_points: bool = False,
    given: dict[str, Any] | None = None,
) -> ImportJob:
    """Take a file in. queued: the work process runs it; else the caller does.

    new_points: points that are not registered are made. given: what is said of this file beside its profile: point,
    sheet, header_row, dates (dmy, mdy), stamps (opens, closes). Raises Invalid for an unknown profile or an odd word.
    """
    require(actor, "import")
    version = 0
    if profile_name and mapping is None and profile_name not in importers():
        profile = ImportProfile.objects.filter(name=profile_name).order_by("-version").first()
        if profile is None:
            names = [*importers(), *ImportProfile.objects.values_list("name", flat=True).distinct()]
            raise Invalid(f"没有导入方案“{profile_name}”；已有：{'、'.join(names)}", "profile_name")
        mapping, version = profile.mapping, profile.version
    said = {name: value for name, value in (given or {}).items() if name in _GIVEN and value not in ("", None, 0)}
    for name, allowed in (("dates", ORDERS), ("stamps", STAMPS)):
        if said.get(name) and said[name] not in allowed:
            raise Invalid(f"得到 {name}“{said[name]}”，应为 {'、'.join(allowed)}", name)
    name, digest = _keep(file)
    with transaction.atomic():
        job = ImportJob.objects.create(
            file_name=_clean(name),
            file_digest=digest,
            profile_name=profile_name,
            profile_version=version,
            mapping=mapping or {},
            dry_run=dry_run,
            new_points=new_points,
            given=said,
            state=ImportJob.State.QUEUED if queued else ImportJob.State.RUNNING,
            created_at=clock.now(),
            created_by=actor,
            started_at=None if queued else clock.now(),
            lease_until=None if queued else lease.until(),
        )
        record(actor, "import.start", job, f"导入 {name}" + ("（试运行）" if dry_run else ""), {"sha256": digest})
    return job


def _clean(name: str) -> str:
    """A file's name without folders and control characters, its suffix kept where it has to be cut."""
    plain = "".join(sign for sign in Path(name.replace("\\", "/")).name if sign.isprintable()) or "file"
    return plain if len(plain) <= 200 else plain[:180] + plain[-20:]


def run_next_job() -> bool:
    """Run the oldest waiting job, or undoing, if there is one. Compare-and-set: two workers never run the same one."""
    waiting = Q(state=ImportJob.State.QUEUED) | Q(state=ImportJob.State.UNDOING, lease_until__isnull=True)
    job = ImportJob.objects.filter(waiting).order_by("pk").first()
    if job is None:
        return False
    if job.state == ImportJob.State.UNDOING:
        mine = ImportJob.objects.filter(pk=job.pk, state=ImportJob.State.UNDOING, lease_until__isnull=True)
        if lease.take(mine):
            job.refresh_from_db()
            run_undo(job)
        return True
    queued = ImportJob.objects.filter(pk=job.pk, state=ImportJob.State.QUEUED)
    if lease.take(queued, state=ImportJob.State.RUNNING, started_at=clock.now(), attempts=job.attempts + 1):
        job.refresh_from_db()
        run_job(job)
    return True


def sweep_lost_jobs() -> int:
    """Jobs that a killed worker left running wait again; what they had taken in is recognised and not doubled.

    One that ended its worker several times ends as failed: the file is too much for this machine.
    """
    lost = lease.lost(ImportJob.objects.filter(state=ImportJob.State.RUNNING))
    lost.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=ImportJob.State.FAILED,
        finished_at=clock.now(),
        lease_until=None,
        message=f"读这个文件时后台进程中断了 {MOST_ATTEMPTS} 次，不再重试；请分成较小的文件",
    )
    again = lost.update(state=ImportJob.State.QUEUED, rows_done=0)
    undoing = lease.lost(ImportJob.objects.filter(state=ImportJob.State.UNDOING))
    return again + undoing.update(lease_until=None)
