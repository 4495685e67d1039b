"""What the enterprise does with its tags: makes them, supplies material, takes them back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, Missing, NotAllowed, WrongState
from qingyuan.bureau.base.judge_again import judge_again
from qingyuan.bureau.evidence.actions.files import Upload, keep
from qingyuan.bureau.evidence.models import Evidence
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.models import Tag, TagEvent, TagExhibit
from qingyuan.bureau.values.queries.tag_kinds import check_kind
from qingyuan.science.intervals import Interval
from qingyuan.science.sources import finding_due

MOST_FILES = 10
Kept = list[tuple[Upload, Evidence]]


def tag(
    actor: User,
    outlet: Outlet,
    kind: str,
    start: datetime,
    end: datetime,
    item: str = "",
    note: str = "",
    files: Sequence[Upload] = (),
) -> Tag:
    """The enterprise says what a stretch of its data is. Possible until noon of the day after the data's day.

    kind: one that the rule book has for the outlet's medium and industry. A stretch longer than the time limit of its
    kind is kept; the hours beyond it are judged as without a tag (see `tag_kinds.remarks`). It counts until the bureau
    refuses it. Raises NotAllowed, Invalid.
    """
    require(actor, "tag")
    _must_be_own(actor, outlet)
    check_kind(outlet, kind, item, clock.beijing(start).date())
    if end <= start:
        raise Invalid("标记的结束时间应晚于开始时间", "end")
    now = clock.now()
    deadline = finding_due(Interval(start, end))
    if now > deadline:
        raise Invalid(
            f"{clock.beijing(start):%m-%d %H:%M} 的数据须在 {clock.beijing(deadline):%m-%d %H:%M} 前标记，现已截止",
            "start",
        )
    kept = _keep(files)
    with transaction.atomic():
        row = Tag.objects.create(
            outlet=outlet, item=item, kind=kind, start=start, end=end, note=note, made_by=actor, made_at=now
        )
        _put_in(row, actor, kept, now)
        record(actor, "tag.make", row, f"标记 {outlet} {item or '全部项目'} {row.kind}", _digests(kept))
    judge_again([outlet.point.code], start, end)
    return row


def supply(actor: User, row: Tag, note: str, files: Sequence[Upload] = ()) -> TagEvent:
    """Give material for a tag after it was made: asked for, or against a refusal. The bureau looks at it again.

    The tag counts or not as before, until the bureau decides. Raises NotAllowed, Missing, Invalid, WrongState.
    """
    require(actor, "tag")
    _must_be_own(actor, row.outlet)
    if not note.strip() and not files:
        raise Missing("请写说明，或附上材料", "note")
    kept, now = _keep(files), clock.now()
    with transaction.atomic():
        if Tag.objects.filter(pk=row.pk, withdrawn_at__isnull=True).update(supplied_at=now) != 1:
            raise WrongState("该标记已撤回，不能再补充材料")
        _put_in(row, actor, kept, now)
        event = TagEvent.objects.create(tag=row, verb=TagEvent.Verb.SUPPLIED, at=now, actor=actor, note=note.strip())
        record(actor, "tag.supply", row, f"为标记 {row} 补充材料 {len(kept)} 份", _digests(kept))
    return event


def withdraw_tag(actor: User, row: Tag) -> None:
    """Take a tag back; it stays on record."""
    require(actor, "tag")
    if row.made_by_id != actor.pk:
        raise NotAllowed("只能撤回自己做的标记")
    with transaction.atomic():
        if Tag.objects.filter(pk=row.pk, withdrawn_at__isnull=True).update(withdrawn_at=clock.now()) != 1:
            raise WrongState("该标记已撤回")
        record(actor, "tag.withdraw", row, f"撤回标记 {row}")
    judge_again([row.outlet.point.code], row.start, row.end)


def _must_be_own(actor: User, outlet: Outlet) -> None:
    if not visible_points(actor).filter(pk=outlet.point_id).exists():
        raise NotAllowed(f"{actor} 不能标记“{outlet}”的数据")


def _keep(files: Sequence[Upload]) -> Kept:
    if len(files) > MOST_FILES:
        raise Invalid(f"一次附了 {len(files)} 个文件，至多 {MOST_FILES} 个；请分次补充", "files")
    return [(upload, keep(upload)) for upload in files]


def _put_in(row: Tag, actor: User, kept: Kept, at: datetime) -> None:
    for upload, evidence in kept:
        TagExhibit.objects.create(tag=row, evidence=evidence, file_name=upload.name[:200], added_at=at, added_by=actor)


def _digests(kept: Kept) -> dict[str, list[str]]:
    return {"files": [evidence.sha256 for _, evidence in kept]} if kept else {}
