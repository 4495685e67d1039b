"""Beijing civil time of instants, and how production follows shifts and weeks."""

from __future__ import annotations

import numpy as np

from qingyuan.simulate.noise import Floats, Seconds, bounded, key

BEIJING_OFFSET = 8 * 3600
HOUR, DAY = 3600, 86400


def local_hour(seconds: Seconds) -> Floats:
    """Hour of the Beijing day, 0 to 24."""
    return ((seconds + BEIJING_OFFSET) % DAY) / HOUR


def local_weekday(seconds: Seconds) -> Seconds:
    """Beijing day of the week, Monday = 0."""
    return ((seconds + BEIJING_OFFSET) // DAY + 3) % 7


def year_angle(seconds: Seconds) -> Floats:
    """Position in the year, radians, 0 at the new year (mean year, good enough for weather)."""
    return (seconds + BEIJING_OFFSET) / (365.2425 * DAY) * 2 * np.pi


def ramp(value: Floats, width: float) -> Floats:
    """0 below zero, 1 above `width`, smooth between."""
    share = np.clip(value / width, 0, 1)
    return share * share * (3 - 2 * share)


def window(seconds: Seconds, start: float, end: float, rise: float) -> Floats:
    """1 between two instants, 0 outside, rising and falling within `rise` seconds inside the ends."""
    return ramp(seconds - start, rise) * ramp(end - seconds, rise)


def activity(schedule: str, name: str, seconds: Seconds) -> Floats:
    """Load of a plant, 0 to about 1, by its schedule: continuous, two_shifts or day_shift (closed on Sunday)."""
    hour = local_hour(seconds)
    wander = 0.05 * bounded(key("load", name), seconds, 8 * HOUR) + 0.02 * bounded(key("load2", name), seconds, HOUR)
    late = (key("phase", name) % 60) / 60
    if schedule == "continuous":
        return 0.92 + wander
    if schedule == "two_shifts":
        open_share = ramp(hour - 5.5 - late, 0.6) * ramp(22.5 - late - hour, 0.6)
        return (0.34 + 0.58 * open_share) * (1 + wander)
    open_share = ramp(hour - 7.5 - late / 2, 0.5) * ramp(20.5 - late / 2 - hour, 0.5)
    return np.where(local_weekday(seconds) == 6, 0.0, 0.94 * open_share * (1 + wander))
