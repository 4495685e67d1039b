"""Whether an error says that there is no room left, and what a person is told then."""

from __future__ import annotations

import errno

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
PHRASES = ("disk is full", "no space left", "disk full", "could not extend file")
WORDS = (
    "磁盘已满，这一步没有保存，也没有改动任何记录；请系统管理员清理磁盘或扩容后重试（`qingyuan doctor` 说明哪里不够）"
)


def is_full_disk(error: BaseException | None) -> bool:
    """True for a full disk or quota, whoever reports it: the system, SQLite, a database server; also as the cause."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        text = str(error).lower()
        if any(phrase in text for phrase in PHRASES):
            return True
        error = error.__cause__ or error.__context__
    return False
