"""What the pages of imports show. Imports belong to the bureau: who may import sees them all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from qingyuan import clock
from qingyuan.bureau.accounts.models import Area
from qingyuan.bureau.judging.queries.waiting import waiting_to_be_judged
from qingyuan.bureau.monitoring.models import ImportJob
from qingyuan.bureau.registers.models import Point, RosterEntry, SectionTarget


@dataclass(frozen=True)
class Step:
    """What comes next after an import: words, how many it is about, where to go; settled when nothing is left."""

    name: str
    words: str | Promise
    count: int
    link: str
    is_settled: bool = False


def job_rows() -> QuerySet[ImportJob]:
    """All imports, the newest first."""
    return ImportJob.objects.select_related("created_by", "undone_by").order_by("-created_at", "-id")


def percent(job: ImportJob) -> int:
    """How far a job is."""
    return 100 * job.rows_done // job.rows_total if job.rows_total else 0


def bad_rows_file(job: ImportJob) -> Path | None:
    """The file of bad rows with their reasons, if the job has one."""
    path = Path(job.errors_file) if job.errors_file else None
    return path if path and path.is_file() else None


def next_steps(job: ImportJob) -> list[Step]:
    """Points made, what waits to be judged, and what county figures still lack, each with a way there."""
    codes = sorted(set((job.told.get("points") or {}).values()))
    points = list(Point.objects.filter(code__in=codes))
    made = job.told.get("made") or []
    found = []
    if made:
        kind = points[0].kind if points else ""
        words = _("新建了 %(n)d 个点位") % {"n": len(made)}
        found.append(Step("points_made", words, len(made), f"{reverse('monitoring:points')}?kind={kind}", True))
    found.append(_to_judge(job))
    found += _to_see(job, points)
    found += _lacking(points)
    if not Area.objects.filter(kind=Area.Kind.COUNTY).exclude(geometry=None).exists():
        found.append(Step("boundary", _("还没有县域边界：地图和镇街归属用不上"), 1, reverse("imports:boundary")))
    return found


def _to_judge(job: ImportJob) -> Step:
    """What is in the queue before the figures of this import are there, with how far it is; hours first, then days."""
    waiting = waiting_to_be_judged()
    link = reverse("imports:job", args=[job.pk])
    if waiting.hours:
        told = {"n": waiting.hours, "percent": waiting.percent}
        words = _("还有 %(n)d 个序列小时等待评价，已完成 %(percent)d%%；之后算日均值") % told
    elif waiting.days:
        words = _("小时都已评价；还有 %(n)d 个点位日等待算日均值和日评价") % {"n": waiting.days}
    else:
        words = _("读数都已评价")
    return Step("to_judge", words, waiting.hours + waiting.days, link, not (waiting.hours or waiting.days))


def _to_see(job: ImportJob, points: list[Point]) -> list[Step]:
    """Where what came in is to be seen: the days of its last year, and a point of it."""
    span = job.told.get("span") or []
    if not span or not points:
        return []
    last = clock.beijing(datetime.fromtimestamp(span[1] - 1, UTC))
    first = min(points, key=lambda p: p.code)
    words = _("看 %(name)s 的曲线") % {"name": first.name}
    found = [Step("chart", words, 1, reverse("monitoring:point", args=[first.code]), True)]
    if any(point.kind == Point.Kind.AIR for point in points):
        words = _("看 %(year)d 年的日评价") % {"year": last.year}
        found.insert(0, Step("days", words, 1, f"{reverse('web:county_air')}?year={last.year}", True))
    return found


def _lacking(points: list[Point]) -> list[Step]:
    """What the points of the import lack before they count for the county."""
    found = []
    ids = [point.pk for point in points]
    listed = set(RosterEntry.objects.filter(point__in=ids).values_list("point_id", flat=True))
    aimed = set(SectionTarget.objects.filter(section__point__in=ids).values_list("section__point_id", flat=True))
    air = [p for p in points if p.kind == Point.Kind.AIR and p.pk not in listed]
    water = [p for p in points if p.kind == Point.Kind.WATER and p.pk not in aimed]
    nowhere = [p for p in points if p.area_id is None]
    page = reverse("imports:points")
    if air:
        found.append(Step("roster", _("%(n)d 个空气站不在名册：不计入县域评价") % {"n": len(air)}, len(air), page))
    if water:
        found.append(Step("targets", _("%(n)d 个断面没有考核目标") % {"n": len(water)}, len(water), page))
    if nowhere:
        found.append(Step("area", _("%(n)d 个点位没有所属区域") % {"n": len(nowhere)}, len(nowhere), page))
    return found
