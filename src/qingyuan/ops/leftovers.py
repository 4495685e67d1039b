"""What a killed backup or restore left half done: known by the number of the process in its name."""

from __future__ import annotations

import shutil
from pathlib import Path

from qingyuan import process

LEFTOVER = ".qingyuan-"
"""How such files and folders begin; the number of the process follows."""


def sweep_leftovers(folder: Path) -> int:
    """Take away what a killed backup or restore left: copies of everything, half done. Returns how many."""
    done = 0
    for path in folder.glob(f"{LEFTOVER}*"):
        number = path.name.removeprefix(LEFTOVER).partition("-")[0]
        if number.isdigit() and not process.is_alive(int(number)):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
            done += 1
    return done
