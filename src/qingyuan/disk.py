"""What is written is safe only once the disk says so."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """See a file safe on the disk, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
