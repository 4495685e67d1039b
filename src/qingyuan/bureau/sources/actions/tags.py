from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies import require, visible_points
from qingyuan.bureau.audit.actions import record
from qingyuan.bureau.errors import Invalid, NotAllowed, WrongState
from qingyuan.bureau.sources.judge_again import judge_again
from qingyuan.bureau.sources.models import Outlet, Tag
from qingyuan.bureau.sources.queries import tag_kinds
from qingyuan.science.intervals import Interval
from qingyuan.science.sources import finding_due


def tag(actor: User, outlet: Outlet, kind: str, start: datetime, end: datetime, item: str = "", note: str = "") -> Tag:
    """The enterprise says what a stretch of its data is. Possible until noon of the day after the data's day."""
    require(actor, "tag")
    if not visible_points(actor).filter(pk=outlet.point_id).exists():
        raise NotAllowed(f"{actor} 不能标记“{outlet}”的数据")
    kinds = tag_kinds(outlet)
    if kind not in kinds:
        raise Invalid(f"得到标记“{kind}”，应为：{'、'.join(kinds)}", "kind")
    if end <= start:
        raise Invalid("标记的结束时间应晚于开始时间", "end")
    now = clock.now()
    deadline = finding_due(Interval(start, end))
    if now > deadline:
        raise Invalid(
            f"{clock.beijing(start):%m-%d %H:%M} 的数据须在 {clock.beijing(deadline):%m-%d %H:%M} 前标记，现已截止",
            "start",
        )
    with transaction.atomic():
        row = Tag.objects.create(
            outlet=outlet, item=item, kind=kind, start=start, end=end, note=note, made_by=actor, made_at=now
        )
        record(actor, "tag.make", row, f"标记 {outlet} {item or '全部项目'} {row.kind}")
    judge_again([outlet.point.code], start, end)
    return row


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
