"""The commands of the command line, one module a theme: arguments in, one call, words out."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

MODULES = {
    "running": ("up", "serve", "work", "gateway", "demo", "_setup"),
    "data": ("verify", "evaluate", "report"),
    "importing": ("import",),
    "air": ("air",),
    "water": ("water",),
    "rules": ("rules",),
    "calendar": ("calendar",),
    "readings": ("readings",),
    "replay": ("replay",),
    "devices": ("devices", "simulate"),
    "limits": ("limits",),
    "places": ("points", "places", "enterprises"),
    "books": ("books",),
    "hj212": ("hj212",),
    "people": ("token", "user"),
    "upkeep": ("backup", "restore", "bundle", "doctor", "search"),
}
"""By module the commands it brings: a role that runs for months does not load what the other commands need."""

Add = Callable[[Any], None]


def needed(command: str) -> list[Add]:
    """What adds the commands of the module that brings this one; of all modules where no module does."""
    chosen = [module for module, commands in MODULES.items() if command in commands]
    return [add for module in chosen or MODULES for add in import_module(f"{__name__}.{module}").ALL]
