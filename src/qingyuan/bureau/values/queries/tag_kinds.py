"""Which tags an enterprise can put on an outlet, and what a tag does less than it seems to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from qingyuan import clock
from qingyuan.bureau.base import display
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.models import Tag
from qingyuan.rules import Certainty, TagRule, rule_book

ANY = "*"


@dataclass(frozen=True)
class TagKind:
    """A tag that can be put on an outlet. rule None: a condition of the outlet's own limits, of which no rule speaks."""

    name: str
    rule: TagRule | None


def kinds_of(outlet: Outlet, day: date) -> list[TagKind]:
    """The tags for that outlet on that day: those of devices, for flue gas those of the industry's working conditions,
    and the conditions of the outlet's own limits. The plain 正常 is left out: it says nothing."""
    industries = {ANY} | ({outlet.judged_as or ANY} if outlet.medium == Outlet.Medium.GAS else set())
    rules = rule_book().tag_rows.all_on(day)
    found = {
        r.name_zh: TagKind(r.name_zh, r)
        for (_name, industry), r in rules.items()
        if industry in industries and r.effect != "judged"
    }
    for condition in (
        outlet.limits.standing().exclude(condition="").order_by("condition").values_list("condition", flat=True)
    ):
        found.setdefault(condition, TagKind(condition, None))
    return list(found.values())


def check_kind(outlet: Outlet, kind: str, item: str, day: date) -> None:
    """Whether the tag can be put on this outlet and item at all. Raises Invalid."""
    kinds = {k.name: k.rule for k in kinds_of(outlet, day)}
    if kind not in kinds:
        raise Invalid(f"得到标记“{kind}”，该排放口的介质和行业可用：{'、'.join(kinds)}", "kind")
    limits = outlet.limits.standing().values_list("item", "condition")
    limited = sorted({name for name, _condition in limits})
    if item and item not in limited:
        raise Invalid(f"得到项目“{item}”，该排放口的限值项目是：{'、'.join(limited)}；不填为全部项目", "item")
    rule = kinds[kind]
    if item and rule is not None and not covers(rule, item) and (item, kind) not in limits:
        raise Invalid(f"“{kind}”只豁免 {'、'.join(rule.items)}，标在 {item} 上不改变判定；请选对项目", "item")


def covers(rule: TagRule, item: str) -> bool:
    """Whether the tag bears on the item at all."""
    return ANY in rule.items or item in rule.items


def remarks(row: Tag, others: Iterable[Tag] = ()) -> list[str]:
    """What whoever tags or checks should know: hours beyond the time limit, items not covered, tags end to end.

    Hours beyond the limit of a condition tag are judged as if there were no tag: a remark, not a refusal.
    others: tags of the same outlet and kind that count, itself perhaps among them.
    """
    rule = rule_book().tag_rule(row.kind, row.outlet.judged_as or ANY, clock.beijing(row.start).date())
    if rule is None:
        own = row.outlet.limits.standing().filter(condition=row.kind).exists()
        return [] if own else [_("规则中没有此标记，不改变判定")]
    said = []
    if not row.item and ANY not in rule.items:
        names = "、".join(display.item_symbol(i) for i in rule.items)
        said.append(_("“%(kind)s”只豁免 %(items)s，其他项目照常判定") % {"kind": row.kind, "items": names})
    if rule.effect != "exempt":
        least = int(rule_book().validity("tag.hour.minutes", clock.beijing(row.start).date()))
        if _most_of_an_hour(row) < timedelta(minutes=least):
            said.append(
                _("“%(kind)s”在每个小时里都不足 %(minutes)s 分钟，不改变判定") % {"kind": row.kind, "minutes": least}
            )
    if rule.limit_hours is None:
        return said
    limit, facts = timedelta(hours=rule.limit_hours), {"kind": row.kind, "hours": rule.limit_hours}
    if row.end - row.start > limit:
        from_then = clock.beijing(row.start + limit)
        said.append(
            _("“%(kind)s”的时限是 %(hours)s 小时，%(at)s 起的数据照常判定")
            % {**facts, "at": f"{from_then:%m-%d %H:%M}"}
        )
    first, last = _run(row, others)
    if last - first > limit and (first, last) != (row.start, row.end):
        together = f"{(last - first).total_seconds() / 3600:g}"
        said.append(
            _("与前后相接的同类标记合计 %(together)s 小时，超过“%(kind)s”的时限 %(hours)s 小时，请核对是否拆分")
            % {**facts, "together": together}
        )
    if said and rule.origin.certainty is Certainty.SETTING:
        said.append(_("该时限是本系统的设置，出处未核实"))
    return said


def _most_of_an_hour(row: Tag) -> timedelta:
    """The largest part of one hour that a tag covers."""
    turn = row.start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return max(min(row.end, turn) - row.start, min(row.end - turn, timedelta(hours=1)))


def _run(row: Tag, others: Iterable[Tag]) -> tuple[datetime, datetime]:
    """The stretch that tags of one kind and item cover without a gap around this one."""
    alike = [
        o for o in others if o.pk != row.pk and o.kind == row.kind and ("" in {o.item, row.item} or o.item == row.item)
    ]
    first, last = row.start, row.end
    for other in sorted(alike, key=lambda o: o.start, reverse=True):
        if other.start <= first <= other.end:
            first = other.start
    for other in sorted(alike, key=lambda o: o.start):
        if other.start <= last <= other.end:
            last = other.end
    return first, last
