"""数据中断: told by the watch over arrivals, since what does not come changes nothing."""

from __future__ import annotations

from qingyuan.bureau.judging.queries.rules import SILENCE, WarningRule

RULE = WarningRule(code=SILENCE, name="数据中断", order=40, lead_after="lead.silence.minutes")
