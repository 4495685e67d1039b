from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from postgresql_server import server
from qingyuan.readings import Limits, Receipt, Store, TieredStore, open_store
from qingyuan.readings.tail import PostgresqlDatabase


class Flushing(TieredStore):
    """Every append leaves the tail at once, so that every question is answered by the archive."""

    def append(self, *args: Any, **more: Any) -> Receipt:
        try:
            return super().append(*args, **more)
        finally:
            self.compact()


class Halves(TieredStore):
    """Every other append leaves the tail together with the one before it: questions meet both."""

    appended = 0

    def append(self, *args: Any, **more: Any) -> Receipt:
        self.appended += 1
        if self.appended % 2 == 0:
            self.compact()
        return super().append(*args, **more)


class Compacting(TieredStore):
    """Every append is rewritten with all that was there before."""

    def append(self, *args: Any, **more: Any) -> Receipt:
        try:
            return super().append(*args, **more)
        finally:
            self.compact(fully=True)


def _as(kind: type[TieredStore]) -> Callable[[Path], Store]:
    def opened(folder: Path) -> Store:
        store = open_store(folder)
        store.__class__ = kind
        return store

    return opened


# Every engine behind the port, and every way its rows may lie, runs through the same suite: add its opener here.
ENGINES: dict[str, Callable[[Path], Store]] = {
    "tail": open_store,
    "archive": _as(Flushing),
    "halves": _as(Halves),
    "compacted": _as(Compacting),
}


SERVER: dict[str, type[TieredStore]] = {"server": TieredStore, "server-halves": Halves}


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    with server("readings") as url:
        yield url


def open_on_server(folder: Path, url: str, kind: type[TieredStore] = TieredStore) -> TieredStore:
    """A store whose tail is a schema of its own in the server; the same folder finds the same one."""
    folder.mkdir(parents=True, exist_ok=True)
    namespace = f"t{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
    return kind(PostgresqlDatabase(url, namespace), folder / "archive", Limits())


@pytest.fixture(
    params=[
        *ENGINES,
        *(pytest.param(n, marks=[pytest.mark.postgres, pytest.mark.xdist_group("readings-server")]) for n in SERVER),
    ]
)
def opener(request: pytest.FixtureRequest) -> Callable[[Path], Store]:
    if request.param in ENGINES:
        return ENGINES[request.param]
    url, kind = request.getfixturevalue("server_url"), SERVER[request.param]
    return lambda folder: open_on_server(folder, url, kind)


@pytest.fixture
def store(opener: Callable[[Path], Store], tmp_path: Path) -> Iterator[Store]:
    """A fresh store of each engine."""
    opened = opener(tmp_path / "store")
    yield opened
    opened.close()
