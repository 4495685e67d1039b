"""What may be asked of devices without a person: the clock to be set, missing data to be sent. Off unless switched on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from qingyuan import clock
from qingyuan.bureau.line.models import Device, Follow, RequestPolicy
from qingyuan.rules import rule_book


@dataclass(frozen=True)
class Policy:
    """What holds for the installation now; the figures are the person's, else those of the rule tables."""

    time_sync: bool
    fetch_history: bool
    drift_s: float
    back: timedelta

    def sets_time(self, device: Device) -> bool:
        """Whether the clock of a device is to be set."""
        return _holds(device.time_sync, self.time_sync)

    def fetches(self, device: Device) -> bool:
        """Whether data that a device has stored are to be fetched."""
        return _holds(device.fetch_history, self.fetch_history)


def policy_row() -> RequestPolicy:
    """The one row; a new one (all off) where none was ever kept."""
    return RequestPolicy.objects.order_by("pk").first() or RequestPolicy()


def policy(now: datetime) -> Policy:
    """The policy in force."""
    row = policy_row()
    return Policy(
        row.time_sync,
        row.fetch_history,
        figure("time.drift_s", now) if row.drift_s is None else float(row.drift_s),
        timedelta(days=figure("fetch.back_days", now) if row.back_days is None else row.back_days),
    )


def figure(key: str, now: datetime) -> float:
    """A figure of the table `device_requests`, as it holds on the day."""
    return float(rule_book().request_rows.on(key, clock.beijing(now).date()).value)


def _holds(own: str, general: bool) -> bool:
    return general if own == Follow.INSTALLATION else own == Follow.ON
