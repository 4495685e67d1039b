from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.running import Installation


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running installation that takes unknown stations into use."""
    running = Installation(tmp_path_factory.mktemp("running") / "data", "--adopt-unknown")
    running.healthy()
    yield running
    running.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "data"
