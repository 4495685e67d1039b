from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qingyuan.readings import Store, open_store

# Every engine behind the port runs through the same suite: add its opener here.
ENGINES: dict[str, Callable[[Path], Store]] = {"sqlite": open_store}


@pytest.fixture(params=sorted(ENGINES))
def opener(request: pytest.FixtureRequest) -> Callable[[Path], Store]:
    return ENGINES[request.param]


@pytest.fixture
def store(opener: Callable[[Path], Store], tmp_path: Path) -> Iterator[Store]:
    """A fresh store of each engine."""
    opened = opener(tmp_path / "store")
    yield opened
    opened.close()
