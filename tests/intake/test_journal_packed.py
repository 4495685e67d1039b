"""Closed segments are compressed: every record at its position, damage said as of a plain one, no crash loses any."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.frames import frame
from qingyuan.intake import journal_packed
from qingyuan.intake.errors import JournalDamaged
from qingyuan.intake.journal import Journal, NewRecord, Record, RecordKind
from qingyuan.intake.journal_damage import STRANGER, UNREADABLE
from qingyuan.intake.journal_packed import is_whole, opened, pack, pack_closed, size_of

BLOCK = 4096


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_packed, "BLOCK", BLOCK)


def filled(folder: Path, segments: int = 3, size: int = 30_000) -> tuple[Journal, list[Record]]:
    """A journal of so many segments, the last of them open, and what it holds."""
    journal, number = Journal(folder, segment_bytes=size), 0
    while len(journal.segments()) < segments:
        raws = [frame(f"a21002-Avg={number + n}.5,a21002-Flag=N") for n in range(20)]
        journal.append([NewRecord(RecordKind.FRAME, raw, "10.0.0.1:9000", number + n) for n, raw in enumerate(raws)])
        number += 20
    return journal, list(journal.read(0, 10**6))


def packed(journal: Journal, most: int = 99) -> int:
    return pack_closed(journal.segments(), journal.end(), most)


def test_every_record_stands_at_its_position(tmp_path: Path) -> None:
    journal, records = filled(tmp_path / "journal")
    end, plain = journal.end(), sum(path.stat().st_size for _, path in journal.segments())
    assert packed(journal) == 2
    assert [path.suffix for _, path in journal.segments()] == [".qyz", ".qyz", ".qyj"]
    assert sum(path.stat().st_size for _, path in journal.segments()) < plain / 2
    assert (journal.end(), journal.damages(end)) == (end, [])
    assert list(journal.read(0, 10**6)) == records
    for record in records[:: len(records) // 17]:
        assert journal.read_at(record.position) == record
    assert journal.check() == (len(records), [])
    again = Journal(tmp_path / "journal", segment_bytes=30_000)
    (position,) = again.append([NewRecord(RecordKind.FRAME, b"##", "p", 1)])
    assert position == end


@settings(max_examples=30, deadline=None)
@given(
    data=st.binary(max_size=3 * BLOCK), reads=st.lists(st.tuples(st.integers(0, 3 * BLOCK), st.integers(0, 2 * BLOCK)))
)
def test_any_part_reads_as_of_the_plain_one(tmp_path_factory: Any, data: bytes, reads: list[tuple[int, int]]) -> None:
    path = tmp_path_factory.mktemp("part") / f"{0:020d}.qyj"
    path.write_bytes(data)
    target = pack(path)
    assert not path.exists()
    assert is_whole(target)
    assert size_of(target) == len(data)
    with opened(target) as segment:
        for offset, length in reads:
            assert segment.read(offset, length) == data[offset : offset + length]


def test_only_what_is_closed_and_read(tmp_path: Path) -> None:
    journal, _ = filled(tmp_path / "journal")
    bases = [base for base, _ in journal.segments()]
    assert pack_closed(journal.segments(), bases[1] - 1, 99) == 0
    assert pack_closed(journal.segments(), bases[1], 99) == 1
    assert pack_closed(journal.segments(), journal.end(), 1) == 1
    assert packed(journal) == 0


def test_a_bad_block_is_told_by_its_positions_and_the_rest_is_read(tmp_path: Path) -> None:
    journal, records = filled(tmp_path / "journal")
    packed(journal)
    _, path = journal.segments()[0]
    data = bytearray(path.read_bytes())
    data[-50] ^= 1  # in the last block of the first segment
    path.write_bytes(data)
    assert not is_whole(path)
    with pytest.raises(JournalDamaged):
        list(journal.read(0, 10**6))
    left = list(journal.read(0, 10**6, skips_damage=True))
    lost = [record for record in records if record not in left]
    assert 0 < len(lost) <= BLOCK // 100
    assert [record for record in records if record in left] == left
    (damage,) = journal.damages()
    assert damage.kind == UNREADABLE
    assert damage.begin == lost[0].position
    assert damage.end >= lost[-1].next_position


@pytest.mark.parametrize("length", [0, 3, 40, 60])
def test_a_head_that_is_cut_short(tmp_path: Path, length: int) -> None:
    journal, records = filled(tmp_path / "journal")
    packed(journal)
    base, path = journal.segments()[1]
    os.truncate(path, length)
    until = journal.segments()[2][0]
    left = [record for record in records if not base <= record.position < until]
    assert list(journal.read(0, 10**6, skips_damage=True)) == left
    assert any(found.begin == base and found.end == until for found in journal.check()[1])


def test_killed_while_it_was_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each step: the half file is no segment, of two whole ones the plain one counts, the next look finishes."""
    journal, records = filled(tmp_path / "journal")
    _, path = journal.segments()[0]

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    for step in ("is_whole", "sync"):
        with monkeypatch.context() as patch:
            patch.setattr(journal_packed, step, killed)
            with pytest.raises(KeyboardInterrupt):
                pack(path)
        assert path.exists()
        path.with_suffix(journal_packed.HALF).write_bytes(b"half")
        assert list(journal.read(0, 10**6)) == records
        assert [one for one in journal.damages() if one.kind == STRANGER] == []
    assert packed(journal) == 2
    assert list(journal.read(0, 10**6)) == records


def test_what_does_not_read_back_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, records = filled(tmp_path / "journal")
    monkeypatch.setattr(journal_packed, "is_whole", lambda path: False)
    with pytest.raises(OSError, match="does not read back"):
        packed(journal)
    assert [path.suffix for _, path in journal.segments()] == [".qyj"] * 3
    assert sorted(p.suffix for p in (tmp_path / "journal").iterdir() if p.suffix in {".qyz", ".packing"}) == []
    assert list(journal.read(0, 10**6)) == records


def test_readers_beside_it_miss_nothing(tmp_path: Path) -> None:
    journal, records = filled(tmp_path / "journal", segments=8, size=8_000)
    wrong: list[str] = []
    done = threading.Event()

    def read() -> None:
        own, choice = Journal(tmp_path / "journal"), random.Random(1)
        while not done.is_set():
            record = choice.choice(records)
            if own.read_at(record.position) != record:
                wrong.append("one")
            if [r.position for r in own.read(0, 10**6)] != [r.position for r in records]:
                wrong.append("all")
        own.close()

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    while packed(journal, 1):
        pass
    done.set()
    for thread in threads:
        thread.join(20)
    assert wrong == []
    assert len(list((tmp_path / "journal").glob("*.qyz"))) == 7


def test_the_last_ones_lost_nothing_is_written_into_a_packed_one(tmp_path: Path) -> None:
    journal, records = filled(tmp_path / "journal")
    packed(journal)
    journal.close()
    segments = journal.segments()
    segments[2][1].unlink()
    again = Journal(tmp_path / "journal", segment_bytes=30_000)
    (position,) = again.append([NewRecord(RecordKind.FRAME, b"##", "p", 1)])
    assert position >= segments[2][0]
    assert is_whole(segments[1][1])
    assert [r.position for r in again.read(0, 10**6)][:-1] == [
        r.position for r in records if r.position < segments[2][0]
    ]
