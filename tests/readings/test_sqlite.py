"""The embedded engine's own promises: versions, a full disk, many readers and writers of one file."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from qingyuan.readings import Message, StoreFull, StoreTooNew, TieredStore, open_store
from qingyuan.readings.tail.schema import VERSION
from readings.samples import KEY, reading


def test_file_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.close()
    with sqlite3.connect(tmp_path / "readings.sqlite") as file:
        file.execute(f"PRAGMA user_version={VERSION + 1}")
    with pytest.raises(StoreTooNew) as caught:
        open_store(tmp_path)
    assert (caught.value.got, caught.value.expected) == (VERSION + 1, VERSION)


def limit_pages(store: TieredStore, pages: int) -> None:
    store._tail.database.run(f"PRAGMA max_page_count={pages}")


def test_full_disk_keeps_nothing_of_the_batch_then_recovers(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append([reading(0, 1.0)], messages=[Message(1, b"k1", 1, "MN", "2061", "stored")], offset=(0, 10))
    limit_pages(store, 1)
    flood = [reading(h, float(h), origin=2) for h in range(1, 20_000)]
    with pytest.raises(StoreFull) as caught:
        store.append(flood, messages=[Message(2, b"k2", 2, "MN", "2061", "stored")], offset=(10, 20))
    assert caught.value.can_retry
    number = store.series_of([KEY])[KEY].id
    assert [r.value for r in store.window([number], 0, 2**40)] == [1.0]
    assert store.offset() == 10
    assert [m.origin for m in store.messages()] == [1]
    assert len(store.dirty_since(10)) == 1
    limit_pages(store, 1_000_000)
    store.append(flood, messages=[Message(2, b"k2", 2, "MN", "2061", "stored")], offset=(10, 20))
    assert len(store.window([number], 0, 2**40)) == 20_000
    assert store.offset() == 20


def test_store_opened_for_the_first_time_by_several_at_once(tmp_path: Path) -> None:
    """Serve and work opened a new store in the same moment; the second died of "table already exists".

    The version was read before the write lock was taken."""
    barrier = threading.Barrier(6)
    problems: list[BaseException] = []

    def start() -> None:
        barrier.wait()
        try:
            open_store(tmp_path)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_reader_in_another_thread_sees_whole_batches(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append([reading(0)])
    number = store.series_of([KEY])[KEY].id
    seen: list[int] = []

    def read() -> None:
        while not done.is_set():
            seen.append(len(store.window([number], 0, 2**40)))

    done = threading.Event()
    reader = threading.Thread(target=read)
    reader.start()
    for n in range(10):
        store.append([reading(1 + n * 50 + k, origin=n + 2) for k in range(50)])
    done.set()
    reader.join()
    assert {n % 50 for n in seen} <= {1}
    assert seen == sorted(seen)


def test_two_writers_race_for_one_stretch_of_the_journal(tmp_path: Path) -> None:
    first, second = open_store(tmp_path), open_store(tmp_path)
    barrier = threading.Barrier(2)
    added: list[int] = []

    def take(store: TieredStore) -> None:
        barrier.wait()
        receipt = store.append(
            [reading(0), reading(1)], messages=[Message(1, b"k", 1, "M", "2061", "stored")], offset=(0, 9)
        )
        added.append(receipt.added)

    threads = [threading.Thread(target=take, args=(s,)) for s in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(added) == [0, 2]
    assert first.offset() == 9


def test_copy_made_while_writing_is_whole(tmp_path: Path) -> None:
    store = open_store(tmp_path / "a")
    store.append([reading(h) for h in range(100)])
    (tmp_path / "b").mkdir()
    store.backup_to(tmp_path / "b" / "readings.sqlite")
    copy = open_store(tmp_path / "b")
    number = copy.series_of([KEY])[KEY].id
    assert len(copy.window([number], 0, 2**40)) == 100


def test_tallies_count_outcomes_and_duplicates(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append(
        [], messages=[Message(1, b"a", 5, "MN", "2061", "stored"), Message(2, b"a", 6, "MN", "2061", "stored")]
    )
    assert sorted(store.tallies("MN")) == [("MN", "duplicate", 1, 6), ("MN", "stored", 1, 5)]
