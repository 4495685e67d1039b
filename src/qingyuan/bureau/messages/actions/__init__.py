"""Posting, sending and reading messages; telling what comes round."""

from qingyuan.bureau.messages.actions.dues import remind
from qingyuan.bureau.messages.actions.sending import mark_read, post, send_next, send_waiting

__all__ = ["mark_read", "post", "remind", "send_next", "send_waiting"]
