"""The channels: each folder here holds `channel.py` with one `CHANNEL`."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qingyuan.bureau.messages.models import Delivery


@dataclass(frozen=True)
class Channel:
    """send: hands a delivery over, or raises; None where the row itself is what the person reads."""

    code: str
    name: str
    send: Callable[[Delivery], None] | None = None


@cache
def channels() -> dict[str, Channel]:
    """Every channel by its code."""
    found = [
        import_module(f"{__name__}.{module.name}.channel").CHANNEL
        for module in pkgutil.iter_modules(__path__)
        if module.ispkg
    ]
    return {channel.code: channel for channel in found}
