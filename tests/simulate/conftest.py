"""One county, one script, one set of instruments for all tests of the simulator."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qingyuan.simulate.county import County, build_county
from qingyuan.simulate.events import Event, build_script
from qingyuan.simulate.frames import Speaker
from qingyuan.simulate.instrument import Instruments

ANCHOR = datetime(2026, 11, 20, 13, 7, tzinfo=UTC)


@pytest.fixture(scope="session")
def anchor() -> int:
    return int(ANCHOR.timestamp())


@pytest.fixture(scope="session")
def county() -> County:
    return build_county(1)


@pytest.fixture(scope="session")
def events(county: County) -> tuple[Event, ...]:
    return build_script(county, ANCHOR)


@pytest.fixture(scope="session")
def instruments(county: County, events: tuple[Event, ...]) -> Instruments:
    return Instruments(county, events)


@pytest.fixture(scope="session")
def speaker(instruments: Instruments) -> Speaker:
    return Speaker(instruments)
