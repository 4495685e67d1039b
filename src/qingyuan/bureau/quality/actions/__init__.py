"""Flagging readings: by the rules, and by people."""

from qingyuan.bureau.quality.actions.check import check
from qingyuan.bureau.quality.actions.operations import operate, undo

__all__ = ["check", "operate", "undo"]
