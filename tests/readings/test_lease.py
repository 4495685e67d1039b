"""Two that want to put the store in order: one does, the other is told; who is gone need not be waited for."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from qingyuan.readings import ArchiveBusy, Kept, LeaseHeld, LeaseLost, TieredStore, open_store
from qingyuan.readings.archive.compacting import compact
from qingyuan.readings.archive.flushing import Reached, flush
from qingyuan.readings.tail.lease import Lease
from readings.samples import reading


def test_second_is_refused_while_the_first_is_at_it(tmp_path: Path) -> None:
    first, second = open_store(tmp_path), open_store(tmp_path)
    first.append([reading(h) for h in range(10)])
    refused: list[str] = []

    def meanwhile(step: str) -> None:
        with pytest.raises(LeaseHeld) as caught:
            second.compact()
        assert caught.value.can_retry
        refused.append(step)

    assert first.compact(reached=meanwhile).moved == 10
    assert "flush: committed" in refused
    assert second.compact().moved == 0
    assert second.state().rows == 10


def test_two_at_once_move_every_row_once(tmp_path: Path) -> None:
    stores = [open_store(tmp_path) for _ in range(2)]
    stores[0].append([reading(h) for h in range(2000)])
    barrier = threading.Barrier(2)
    moved: list[int] = []

    def keep(store: object) -> None:
        barrier.wait()
        try:
            moved.append(store.compact().moved)  # type: ignore[attr-defined]
        except LeaseHeld:
            moved.append(0)

    threads = [threading.Thread(target=keep, args=(s,)) for s in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(moved) == [0, 2000]
    assert stores[0].state().rows == 2000


def test_lease_of_a_process_that_is_gone_is_taken_at_once(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append([reading(0)])
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    lease = Lease(store._tail.database)
    lease._holder = lease._holder.replace(f"/{os.getpid()}/", f"/{ended.pid}/")
    lease.__enter__()
    assert store.compact().moved == 1


def test_lease_that_ran_out_is_lost_before_anything_is_committed(tmp_path: Path) -> None:
    """A flusher that slept through its lease must not commit what its successor has moved already."""
    slow, quick = open_store(tmp_path), open_store(tmp_path)
    slow.append([reading(h) for h in range(10)])

    def sleeps(step: str) -> None:
        if step == "flush: noted":
            slow._tail.database.run("UPDATE lease SET until=0")
            assert quick.compact().moved == 10

    with pytest.raises(LeaseLost):
        slow.compact(reached=sleeps)
    assert quick.state()[:2] == (1, 10)
    files = list((tmp_path / "archive").rglob("*.parquet"))
    assert len(files) == 1, "the slow one took its files away"


def test_log_refuses_a_move_that_was_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a lease ever fail: the log itself takes each move once."""
    slow, quick = open_store(tmp_path), open_store(tmp_path)
    slow.append([reading(h) for h in range(10)])
    monkeypatch.setattr(Lease, "renew", lambda self: None)

    def sleeps(step: str) -> None:
        if step == "flush: files of a grain written" and not quick.state().rows:
            slow._tail.database.run("DELETE FROM lease")
            slow._tail.note_move(0, 0)
            assert quick.compact().moved == 10

    with pytest.raises(ArchiveBusy):
        slow.compact(reached=sleeps)
    assert quick.state()[:2] == (1, 10)


def test_rows_that_arrive_while_files_are_rewritten_stay(tmp_path: Path) -> None:
    """Rewriting takes away only the files it read; an overwrite would drop what another committed meanwhile."""
    slow, quick = open_store(tmp_path), open_store(tmp_path)
    for part in range(2):
        slow.append([reading(h, 1.0, origin=part) for h in range(part * 10, part * 10 + 10)])
        slow.compact()
    quick.append([reading(h, 2.0, origin=9) for h in range(20, 30)])

    def meanwhile(step: str) -> None:
        if step == "compact: file written" and quick.waiting():
            flush(quick._tail, quick._archive, Lease(quick._tail.database), lambda name: None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lease, "renew", lambda self: None)
        kept = compact_files(slow, meanwhile)
    assert kept.rewritten == 2
    assert quick.waiting() == 0
    assert [r.value for r in slow.window([1], 0, 2**40)] == [1.0] * 20 + [2.0] * 10


def test_two_that_rewrite_the_same_files_do_it_once(tmp_path: Path) -> None:
    slow, quick = open_store(tmp_path), open_store(tmp_path)
    for part in range(2):
        slow.append([reading(h, 1.0, origin=part) for h in range(part * 10, part * 10 + 10)])
        slow.compact()
    done: list[int] = []

    def meanwhile(step: str) -> None:
        if step == "compact: file written" and not done:
            done.append(1)
            done[0] = compact_files(quick, lambda name: None).rewritten

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lease, "renew", lambda self: None)
        with pytest.raises(ArchiveBusy):
            compact_files(slow, meanwhile)
    assert done == [2]
    assert slow.state()[:2] == (1, 20)
    assert len(list((tmp_path / "archive").rglob("*.parquet"))) == 3, "two replaced, one new; none of the loser"


def compact_files(store: TieredStore, reached: Reached) -> Kept:
    """Rewriting alone, as if no lease held anybody back."""
    return compact(store._archive, Lease(store._tail.database), reached, fully=True)


def test_a_lease_taken_by_a_clock_that_was_ahead_is_not_waited_for(tmp_path: Path) -> None:
    """Until the year in which that clock stood nothing would have moved to the archive."""
    store = open_store(tmp_path)
    database = store._tail.database
    with database.transaction():
        database.run("INSERT INTO lease (name, holder, until) VALUES ('keeper', 'elsewhere/1/x', ?)", (2**33,))
    with Lease(database):
        pass
