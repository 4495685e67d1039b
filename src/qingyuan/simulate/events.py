"""What happens in the county by script: the truth that only the simulator knows."""

from __future__ import annotations

import json
import math
import os
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any

from qingyuan.simulate.calendar import BEIJING_OFFSET, DAY, HOUR
from qingyuan.simulate.records import County


class EventKind(StrEnum):
    """The kinds of truth."""

    EXCEEDANCE = "exceedance"
    TREATMENT_OFF = "treatment_off"
    NIGHT_BYPASS = "night_bypass"
    INSTRUMENT_FAULT = "instrument_fault"
    MAINTENANCE = "maintenance"
    CALIBRATION = "calibration"
    START_UP = "start_up"
    SHUTDOWN = "shutdown"
    COMMUNICATION_LOSS = "communication_loss"
    TAMPERING_STUCK = "tampering_stuck"
    TAMPERING_CLIP = "tampering_clip"
    TAMPERING_PARAMETER = "tampering_parameter"


@dataclass(frozen=True)
class Event:
    """One thing that happens at one point. start, end: seconds UTC. factors: touched channels, empty = all.

    level: strength (share of the limit for an exceedance, slope for a changed parameter). flag: the data flag that
    the device sends meanwhile. is_honest: whether what it sends tells what happens.
    """

    id: str
    kind: EventKind
    point: str
    start: int
    end: int
    factors: tuple[str, ...]
    level: float
    flag: str
    is_honest: bool
    is_resent: bool
    label_zh: str

    def touches(self, factor: str) -> bool:
        """Whether a channel is touched."""
        return not self.factors or factor in self.factors


def build_script(county: County, anchor: datetime) -> tuple[Event, ...]:
    """The events of the month before an anchor and of the live time after it, by `data/script.toml`.

    The anchor is the aware instant at which the demonstration goes live. Same county and anchor, same events.
    """
    text = files("qingyuan.simulate").joinpath("data/script.toml").read_text(encoding="utf-8")
    script = tomllib.loads(text)
    at = int(anchor.timestamp())
    events = [_event(county, row, _start(row, at), f"E{number:03d}") for number, row in enumerate(script["event"], 1)]
    for number, row in enumerate(script["recurring"], 1):
        events += _repeated(county, row, at, number, script["horizon_days"] * DAY)
    return tuple(sorted(events, key=lambda event: (event.start, event.id)))


def _start(row: dict[str, Any], anchor: int) -> int:
    if "hours" in row:
        return anchor + round(float(row["hours"]) * HOUR)
    midnight = (anchor + BEIJING_OFFSET) // DAY * DAY - BEIJING_OFFSET
    return midnight + int(row["day"]) * DAY + round(float(row["at"]) * HOUR)


def _repeated(county: County, row: dict[str, Any], anchor: int, number: int, horizon: int) -> Iterator[Event]:
    step = round(row["every_hours"] * HOUR)
    border = anchor // HOUR * HOUR
    first = (border if "border_hours" in row else anchor) + round(
        float(row["border_hours"] if "border_hours" in row else row["first_hours"]) * HOUR
    )
    for turn in range(math.ceil(horizon / step)):
        start = first + turn * step
        yield _event(
            county, {**row, "target": row["targets"][turn % len(row["targets"])]}, start, f"L{number}{turn:04d}"
        )


def _event(county: County, row: dict[str, Any], start: int, identifier: str) -> Event:
    return Event(
        id=identifier,
        kind=EventKind(row["kind"]),
        point=find_target(county, row["target"]),
        start=start,
        end=start + round(row["last_hours"] * HOUR),
        factors=tuple(row.get("factors", ())),
        level=float(row.get("level", 0.0)),
        flag=row.get("flag", "N"),
        is_honest=row.get("honest", True),
        is_resent=row.get("resent", False),
        label_zh=row["label"],
    )


def find_target(county: County, target: str) -> str:
    """The point that a script row names: `boiler:2` (third such firm's first outlet), or a station's code."""
    profile, colon, number = target.partition(":")
    if not colon:
        return target
    firms = [firm.code for firm in county.enterprises if firm.industry_key == profile]
    firm = firms[int(number)]
    return next(outlet.code for outlet in county.outlets if outlet.enterprise == firm)


def write_truth(path: Path, county: County, events: tuple[Event, ...]) -> None:
    """Write the truth labels, one JSON line each, for scoring by people; the system has no name for this file."""
    devices = {channel.point: device.mn for device in county.devices for channel in device.channels}
    owners = {outlet.code: outlet.enterprise for outlet in county.outlets}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        for event in events:
            row = asdict(event)
            row["start"], row["end"] = (
                datetime.fromtimestamp(instant, UTC).isoformat() for instant in (event.start, event.end)
            )
            row |= {"mn": devices.get(event.point, ""), "enterprise": owners.get(event.point, "")}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    os.replace(part, path)
