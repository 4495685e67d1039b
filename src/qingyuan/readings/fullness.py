"""Telling a full disk from everything else that can go wrong while writing."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from qingyuan.readings.errors import StoreFull

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_WORDS = ("No space left on device", "os error 28", "Disk quota exceeded")  # of engines that keep no number


@contextmanager
def said_when_full(name: str) -> Iterator[None]:
    """Raises StoreFull in place of whatever a library says when the disk takes no more."""
    try:
        yield
    except StoreFull:
        raise
    except Exception as error:
        by_number = isinstance(error, OSError) and error.errno in _FULL
        if by_number or any(words in str(error) for words in _WORDS):
            raise StoreFull(name, str(error)) from error
        raise
