from __future__ import annotations

from qingyuan.bureau.calendar.actions.keep_plan import keep_plan

__all__ = ["keep_plan"]
