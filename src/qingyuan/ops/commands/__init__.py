"""The commands of the command line, one module a theme: arguments in, one call, words out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ROLES = frozenset({"up", "serve", "work", "gateway", "demo", "_setup"})
"""What runs as a process of its own; see `running`."""


def commands(name: str = "") -> tuple[Callable[[Any], None], ...]:
    """All commands; for a role only those of `running`, so that a small process does not load what the others use."""
    from qingyuan.ops.commands import running

    if name in ROLES:
        return running.ALL
    from qingyuan.ops.commands import air, data, devices, hj212, people, readings, replay, rules, upkeep, water

    modules = (data, air, water, rules, readings, replay, devices, hj212, people, upkeep)
    return (*running.ALL, *(add for module in modules for add in module.ALL))
