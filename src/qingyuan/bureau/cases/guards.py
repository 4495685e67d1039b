"""What must hold before a case may go on. Each guard says in words what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qingyuan.bureau.base.errors import Missing, WrongState
from qingyuan.bureau.cases.models import Case, Lead

Guard = Callable[[Case, Mapping[str, Any]], None]


def rectifications_done(case: Case, given: Mapping[str, Any]) -> None:
    """Every rectification that was ordered is done."""
    waiting = [r.measure for r in case.rectifications.filter(done_at__isnull=True)]
    if waiting:
        raise WrongState(f"还有 {len(waiting)} 项整改没有登记完成：{'；'.join(waiting[:3])}")


def has_evidence(case: Case, given: Mapping[str, Any]) -> None:
    """The hands put at least one piece of evidence into the file."""
    if not given.get("_has_files") and not case.exhibits.exclude(kind="readings").exists():
        raise Missing("卷内还没有办理证据；请上传照片、报告或数据截图后再报请核实", "files")


def children_decided(case: Case, given: Mapping[str, Any]) -> None:
    """Every child lead of an investigation is decided, every child case closed."""
    open_leads = case.child_leads.filter(state=Lead.State.NEW).count()
    open_cases = case.children.filter(closed_at__isnull=True).count()
    if open_leads or open_cases:
        raise WrongState(f"还有 {open_leads} 条下级线索未研判、{open_cases} 个下级案件未办结")


def upper_replied(case: Case, given: Mapping[str, Any]) -> None:
    """A case that came from above closes only with the reply to hand back."""
    if case.upper_order_number and not (given.get("upper_reply") or case.upper_reply):
        raise Missing(f"上级交办单 {case.upper_order_number} 还没有回复内容；请填写后再办结", "upper_reply")


GUARDS: dict[str, Guard] = {
    "rectifications_done": rectifications_done,
    "has_evidence": has_evidence,
    "children_decided": children_decided,
    "upper_replied": upper_replied,
}
