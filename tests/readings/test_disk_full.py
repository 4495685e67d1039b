"""The disk takes no more, at each place where something is written: said clearly, nothing lost, reading goes on."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from qingyuan.readings import StoreFull, TieredStore, open_store
from qingyuan.readings.archive import piece
from qingyuan.readings.archive.log import Log
from readings.samples import reading

FULL = OSError(errno.ENOSPC, "No space left on device")


def values(store: TieredStore) -> list[float | None]:
    return [r.value for r in store.window([s.id for s in store.series()], 0, 2**40)]


def fails_at(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, nth: int) -> Callable[[], None]:
    """The nth call of it, and every later one, finds no space; returns what frees space."""
    real, calls = getattr(owner, name), []

    def failing(*args: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) >= nth:
            raise FULL
        return real(*args, **more)

    monkeypatch.setattr(owner, name, failing)
    return lambda: monkeypatch.setattr(owner, name, real)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        pytest.param(piece.PieceWriter, "write", id="file"),
        pytest.param(piece, "sync", id="made-safe"),
        pytest.param(Log, "commit", id="log"),
    ],
)
@pytest.mark.parametrize("fully", [False, True], ids=["move", "rewrite"])
def test_full_while_putting_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, fully: bool
) -> None:
    store = open_store(tmp_path)
    for part in range(2):
        store.append([reading(h, float(h), origin=2 + part) for h in range(part * 50, part * 50 + 50)])
        if fully:
            store.compact()
    files = set((tmp_path / "archive").rglob("*.parquet"))
    free = fails_at(monkeypatch, owner, name, 1)
    with pytest.raises(StoreFull) as caught:
        store.compact(fully=fully)
    assert caught.value.can_retry
    assert values(store) == [float(h) for h in range(100)]
    assert set((tmp_path / "archive").rglob("*.parquet")) == files, "what was half written is gone"
    free()
    kept = store.compact(fully=fully)
    assert kept.moved == 100 * (not fully)
    assert kept.rewritten == 2 * fully
    assert values(store) == [float(h) for h in range(100)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Six megabytes of memory as a file system."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)], capture_output=True, check=False
        ).returncode
    )
    if not mounted:
        pytest.skip("this machine lets us mount no small file system; the injected faults above were tried")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


def try_hard(store: TieredStore) -> None:
    while True:
        store.compact()
        store.append([reading(h, h / 8, origin=h) for h in range(8000)])


def test_disk_that_is_really_full(small_disk: Path) -> None:
    store = open_store(small_disk / "store")
    store.append([reading(h, h / 8) for h in range(8000)])
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    for left in (0, 64 << 10, 256 << 10):
        os.truncate(filler, max(0, filler.stat().st_size - left))
        with pytest.raises(StoreFull):
            try_hard(store)
        assert values(store) == [h / 8 for h in range(8000)]
    filler.unlink()
    store.compact()
    assert values(store) == [h / 8 for h in range(8000)]
    assert store.waiting() == 0
