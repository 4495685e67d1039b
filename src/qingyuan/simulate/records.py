"""The county as data: what a bureau's registers would hold. Frozen, JSON in and out."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

Line = tuple[tuple[float, float], ...]
"""Longitude and latitude pairs, degrees, CGCS2000."""
Averaging = Literal["hour", "day"]
Medium = Literal["gas", "water"]
Body = Literal["river", "lake"]


@dataclass(frozen=True)
class Town:
    """A town or sub-district with its polygon (closed ring)."""

    code: str
    name: str
    lon: float
    lat: float
    population: int
    polygon: Line


@dataclass(frozen=True)
class WaterBody:
    """A named river or lake."""

    code: str
    name: str
    kind: Body


@dataclass(frozen=True)
class Reach:
    """A directed stretch of water from node to node; a lake is a slow reach. Flow is the mean at its end."""

    code: str
    water_body: str
    from_node: str
    to_node: str
    downstream: str
    length_km: float
    velocity_m_s: float
    flow_m3_s: float
    is_lake: bool
    line: Line


@dataclass(frozen=True)
class Channel:
    """One factor that a device sends. statistics: sub-items of its interval data, without Flag."""

    factor: str
    name: str
    unit: str
    decimals: int
    statistics: tuple[str, ...]
    point: str


@dataclass(frozen=True)
class Device:
    """A data logger. kind tells what it watches; point is the code of its place; operator an organisation."""

    mn: str
    st: str
    kind: Literal["gas", "water", "air", "river", "power"]
    point: str
    password: str
    operator: str
    channels: tuple[Channel, ...]


@dataclass(frozen=True)
class SectionTarget:
    """The class that a section should reach, for one of three purposes."""

    kind: Literal["function_zone", "assessment", "incentive"]
    water_class: str
    basis: str


@dataclass(frozen=True)
class WaterStation:
    """A section with an automatic station, `km` below the top of its reach."""

    code: str
    name: str
    body: Body
    reach: str
    km: float
    town: str
    lon: float
    lat: float
    level: str
    is_border: bool
    targets: tuple[SectionTarget, ...]


@dataclass(frozen=True)
class AirStation:
    """An ambient air station."""

    code: str
    name: str
    kind: Literal["standard", "town", "micro"]
    town: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Limit:
    """What an outlet must keep: upper (and lower for pH) as printed text, by averaging time and statistic."""

    factor: str
    upper: str
    lower: str
    unit: str
    averaging: Averaging
    statistic: str
    basis: str


@dataclass(frozen=True)
class Outlet:
    """A discharge outlet. Gas: stack and reference oxygen; water: where it enters the network. flow in the
    unit of its flow channel (m3/s gas, L/s water) at full load."""

    code: str
    name: str
    enterprise: str
    medium: Medium
    lon: float
    lat: float
    flow: float
    schedule: str
    stack_height_m: float
    stack_area_m2: float
    gas_temperature_c: float
    reference_o2: float | None
    reach: str
    km: float
    limits: tuple[Limit, ...]
    typical_share: tuple[tuple[str, float], ...]
    """Factor and the share of its limit at which the outlet usually runs."""


@dataclass(frozen=True)
class PowerMeter:
    """A meter on a production or treatment unit of an outlet."""

    code: str
    name: str
    enterprise: str
    outlet: str
    unit: Literal["production", "treatment"]
    rated_kw: float
    factor: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Enterprise:
    """A fictional firm."""

    code: str
    name: str
    short_name: str
    industry: str
    industry_key: str
    town: str
    lon: float
    lat: float
    permit_class: str
    contact: str


@dataclass(frozen=True)
class Organisation:
    """A body of the county; parent is another organisation's code or empty."""

    code: str
    name: str
    kind: Literal["upper", "bureau", "department", "town_office", "enterprise", "operator"]
    town: str
    parent: str


@dataclass(frozen=True)
class DemoUser:
    """A person who can sign in to the demonstration. Roles as the accounts book names them; no password here."""

    login: str
    name: str
    roles: tuple[str, ...]
    organisation: str
    town: str


@dataclass(frozen=True)
class County:
    """The whole fictional county."""

    seed: int
    code: str
    name: str
    city: str
    lon: float
    lat: float
    outline: Line
    towns: tuple[Town, ...]
    water_bodies: tuple[WaterBody, ...]
    reaches: tuple[Reach, ...]
    water_stations: tuple[WaterStation, ...]
    air_stations: tuple[AirStation, ...]
    enterprises: tuple[Enterprise, ...]
    outlets: tuple[Outlet, ...]
    power_meters: tuple[PowerMeter, ...]
    devices: tuple[Device, ...]
    organisations: tuple[Organisation, ...]
    users: tuple[DemoUser, ...]

    def to_dict(self) -> dict[str, Any]:
        """The county as JSON-ready dictionaries and lists."""
        return asdict(self)

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> County:
        """The county of a dictionary that `to_dict` wrote. KeyError names a missing field."""
        county: County = _thaw(County, data)
        return county


def _thaw(kind: Any, data: Any) -> Any:
    """Rebuild a value of an annotated type from JSON."""
    origin = get_origin(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{field.name: _thaw(hints[field.name], data[field.name]) for field in fields(kind)})
    if origin is tuple:
        arguments = get_args(kind)
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_thaw(arguments[0], one) for one in data)
        return tuple(_thaw(argument, one) for argument, one in zip(arguments, data, strict=True))
    if origin in (Union, types.UnionType):
        return None if data is None else _thaw(get_args(kind)[0], data)
    return float(data) if kind is float else data
