from __future__ import annotations

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require_everywhere
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.calendar.plan_text import plan_days
from qingyuan.bureau.base.errors import Invalid, Missing
from qingyuan.bureau.base.models import HolidayPlan

FIRST_YEAR = 2004


def keep_plan(actor: User | None, year: int, text: str, document: str) -> HolidayPlan:
    """Keep the announced plan of a year, in the caller's transaction. Raises NotAllowed, Missing, Invalid."""
    require_everywhere(actor, "manage_system")
    if not document.strip():
        raise Missing("没有填写文号或来源；请写明依据，如“国务院办公厅关于 2027 年部分节假日安排的通知”", "document")
    this_year = clock.beijing(clock.now()).year
    if not FIRST_YEAR <= year <= this_year + 2:
        raise Invalid(f"得到年份 {year}，应为 {FIRST_YEAR} 到 {this_year + 2}", "year")
    days = plan_days(text, year)
    plan = HolidayPlan.objects.create(
        year=year, days=days, document=document.strip()[:200], entered_at=clock.now(), entered_by=actor
    )
    record(actor, "calendar.plan", plan, f"录入 {year} 年放假安排：{document.strip()}", {"days": len(days)})
    return plan
