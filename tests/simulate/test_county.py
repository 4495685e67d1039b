"""The fictional county: complete, consistent, the same for the same seed."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise

import pytest

from qingyuan.simulate.county import County, build_county


def area(ring: tuple[tuple[float, float], ...]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))) / 2


def test_the_same_seed_gives_the_same_county_and_another_seed_another(county: County):
    assert build_county(1) == county
    assert build_county(2) != county


def test_json_and_back_is_identity(county: County):
    assert County.from_dict(json.loads(json.dumps(county.to_dict()))) == county


def test_it_has_what_the_demonstration_promises(county: County):
    assert len(county.towns) == 10
    assert len(county.water_stations) == 20
    assert Counter(station.kind for station in county.air_stations) == {"standard": 2, "town": 12, "micro": 6}
    assert len(county.enterprises) == 60
    assert 95 <= len(county.outlets) <= 105
    assert {meter.unit for meter in county.power_meters} == {"production", "treatment"}
    assert any(reach.is_lake for reach in county.reaches)
    assert any(station.is_border for station in county.water_stations)
    assert all(
        [target.kind for target in station.targets] == ["function_zone", "assessment", "incentive"]
        for station in county.water_stations
    )
    assert all(outlet.limits for outlet in county.outlets)


def test_codes_and_names_are_unique(county: County):
    for records, key in (
        (county.towns, "code"),
        (county.water_stations, "code"),
        (county.air_stations, "code"),
        (county.enterprises, "code"),
        (county.enterprises, "name"),
        (county.outlets, "code"),
        (county.power_meters, "code"),
        (county.devices, "mn"),
        (county.organisations, "code"),
        (county.users, "login"),
    ):
        values = [getattr(record, key) for record in records]
        assert len(set(values)) == len(values), key


def test_every_device_is_a_2017_logger_of_a_known_place(county: County):
    places = {place.code for place in (*county.outlets, *county.air_stations, *county.water_stations)}
    places |= {meter.code for meter in county.power_meters}
    watched = set()
    for device in county.devices:
        assert re.fullmatch(r"[0-9A-F]{24}", device.mn)
        watched |= {channel.point for channel in device.channels}
    assert watched == places


def test_the_towns_share_the_county_out(county: County):
    total = sum(area(town.polygon) for town in county.towns)
    assert total == pytest.approx(area(county.outline), rel=2e-3)


def test_every_reach_leads_to_the_border(county: County):
    reaches = {reach.code: reach for reach in county.reaches}
    for start in county.reaches:
        reach, seen = start, set()
        while reach.downstream:
            assert reach.code not in seen
            seen.add(reach.code)
            assert reaches[reach.downstream].from_node == reach.to_node
            reach = reaches[reach.downstream]
        assert reach.code == "R06"


def test_every_limited_factor_is_sent_by_the_outlets_logger(county: County):
    sent = {device.point: {channel.factor for channel in device.channels} for device in county.devices}
    for outlet in county.outlets:
        assert {limit.factor for limit in outlet.limits} <= sent[outlet.code]
        assert (outlet.reach != "") == (outlet.medium == "water")
