"""What the simulator refuses."""

from __future__ import annotations

from collections.abc import Sequence


class SimulateError(Exception):
    """Base of this package's errors."""


class UnknownFaultError(SimulateError):
    """A fault that the load tool does not know, or a share that is none."""

    def __init__(self, got: str, known: Sequence[str]) -> None:
        names = "、".join(known)
        super().__init__(f"故障：收到“{got}”，应为 名称 或 名称=份额（0 到 1），名称为 all 或 {names}；请修改 --faults")
        self.got, self.known = got, tuple(known)


class NoSuchKindError(SimulateError):
    """A command that no device of the chosen editions uploads."""

    def __init__(self, got: str, known: Sequence[str]) -> None:
        super().__init__(f"上传种类：收到“{got}”，所选版本的设备能上传的是 {'、'.join(known)}；请修改 --kinds")
        self.got, self.known = got, tuple(known)
