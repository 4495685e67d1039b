"""The bureau's check of an enterprise's tag."""

from __future__ import annotations

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, Missing, WrongState
from qingyuan.bureau.base.judge_again import judge_again
from qingyuan.bureau.values.models import Tag, TagEvent

MOST_WORDS = 300
VERDICTS = {
    TagEvent.Verb.ACCEPTED: Tag.Check.ACCEPTED,
    TagEvent.Verb.REFUSED: Tag.Check.REFUSED,
    TagEvent.Verb.ASKED: Tag.Check.ASKED,
}


def check_tag(actor: User, row: Tag, verdict: str, reason: str = "", seen: int | None = None) -> Tag:
    """Accept a tag, refuse it, or ask for material; a refused one no longer counts and its hours are judged again.

    reason: required unless accepted. seen: the number of the last event that the person had before them; a newer one
    refuses the decision. What was decided can be decided anew; every decision stays on record. Raises NotAllowed,
    Invalid, Missing, WrongState.
    """
    require(actor, "check_tag", row.outlet.point.answering_id)
    if verdict not in VERDICTS:
        raise Invalid(f"得到“{verdict}”，应为：{'、'.join(VERDICTS)}", "verdict")
    reason = reason.strip()
    if not reason and verdict != TagEvent.Verb.ACCEPTED:
        raise Missing("不予认可或要求补充材料须写理由，企业会看到", "reason")
    if len(reason) > MOST_WORDS:
        raise Invalid(f"理由有 {len(reason)} 字，至多 {MOST_WORDS} 字", "reason")
    state, now = VERDICTS[TagEvent.Verb(verdict)], clock.now()
    with transaction.atomic():
        known = Tag.objects.select_for_update().get(pk=row.pk)
        last = known.events.order_by("pk").last()
        if known.withdrawn_at is not None:
            raise WrongState("该标记已由企业撤回，无须核查")
        if seen is not None and seen != (last.pk if last else 0):
            raise WrongState("该标记在您打开本页后有了新的进展；请重新查看后再决定")
        if known.check_state == state and last is not None and last.verb != TagEvent.Verb.SUPPLIED:
            raise WrongState(f"该标记已是“{state.label}”")
        touched = Tag.objects.filter(pk=row.pk, check_state=known.check_state, checked_at=known.checked_at).update(
            check_state=state, checked_at=now
        )
        if touched != 1:
            raise WrongState("该标记刚由他人核查；请重新查看后再决定")
        TagEvent.objects.create(tag=row, verb=verdict, at=now, actor=actor, note=reason)
        record(actor, f"tag.{verdict}", row, f"核查标记 {row}：{state.label}", {"reason": reason} if reason else None)
    if Tag.Check.REFUSED in {known.check_state, state} and known.check_state != state:
        judge_again([row.outlet.point.code], row.start, row.end)
    row.refresh_from_db()
    return row
