"""The raw journal: what was acknowledged is there, whole and in order, whatever happened to the process or the disk."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.intake.errors import JournalDamaged, JournalFull
from qingyuan.intake.journal import Journal, Mark, NewRecord, Record, RecordKind


def new(number: int, size: int = 40, kind: RecordKind = RecordKind.FRAME, marks: int = 0) -> NewRecord:
    payload = (b"%06d" % number) * (size // 6)
    return NewRecord(kind, payload, f"10.0.0.{number % 250}:{number}", 1_700_000_000_000_000 + number, marks)


def read_all(journal: Journal) -> list[Record]:
    found: list[Record] = []
    position = 0
    while part := list(journal.read(position, 7)):
        found += part
        position = part[-1].next_position
    return found


def payloads(journal: Journal) -> list[bytes]:
    return [r.payload for r in read_all(journal)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def only_segment(folder: Path) -> Path:
    (path,) = folder.glob("*.qyj")
    return path


def test_records_come_back_as_they_went_in(folder: Path) -> None:
    records = [
        new(1), new(2, kind=RecordKind.REJECTED), new(3, size=0), new(4, marks=Mark.ADOPT),
        NewRecord(RecordKind.FILE, bytes(range(256)), "", 5), NewRecord(RecordKind.STATEMENT, b"\r\n##", "对端", -1),
    ]  # fmt: skip
    journal = Journal(folder)
    positions = journal.append(records)
    found = list(journal.read(0))
    assert [(r.kind, r.payload, r.peer, r.received_us, r.marks) for r in found] == [tuple(r) for r in records]
    assert [r.position for r in found] == positions
    assert [r.next_position for r in found] == [*positions[1:], journal.end()]


def test_positions_find_their_record(folder: Path) -> None:
    journal = Journal(folder, segment_bytes=200)
    positions = [journal.append([new(n)])[0] for n in range(20)]
    for number, position in enumerate(positions):
        record = journal.read_at(position)
        assert record is not None
        assert record.payload == new(number).payload
    with pytest.raises(JournalDamaged):
        journal.read_at(positions[3] + 1)
    assert journal.read_at(journal.end()) is None


def test_segments_roll_and_read_as_one(folder: Path) -> None:
    journal = Journal(folder, segment_bytes=300)
    for n in range(30):
        journal.append([new(n), new(100 + n)])
    bases = [base for base, _ in journal.segments()]
    assert len(bases) > 5
    assert bases == sorted(bases)
    assert payloads(journal) == [p for n in range(30) for p in (new(n).payload, new(100 + n).payload)]
    assert payloads(Journal(folder)) == payloads(journal)


def test_record_larger_than_what_is_read_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qingyuan.intake.journal.READ_BYTES", 64)
    journal = Journal(folder)
    journal.append([new(1), new(2, size=6000), new(3)])
    assert [len(p) for p in payloads(journal)] == [36, 6000, 36]


def test_torn_tail_at_every_byte(folder: Path) -> None:
    """Whatever a crash left of the last record: the reader stops before it, the next writer cuts it off."""
    journal = Journal(folder)
    journal.append([new(1), new(2)])
    sound = journal.end()
    journal.append([new(3)])
    whole = only_segment(folder).read_bytes()
    for size in range(sound, len(whole)):
        only_segment(folder).write_bytes(whole[:size])
        assert payloads(Journal(folder)) == [new(1).payload, new(2).payload]
        writer = Journal(folder)
        assert writer.append([new(4)]) == [sound]
        assert payloads(writer) == [new(1).payload, new(2).payload, new(4).payload]
        writer.close()


def test_torn_tail_of_zeros(folder: Path) -> None:
    """Some file systems leave the length but not the bytes."""
    Journal(folder).append([new(1)])
    with only_segment(folder).open("ab") as file:
        file.write(bytes(500))
    assert payloads(Journal(folder)) == [new(1).payload]
    Journal(folder).append([new(2)])
    assert payloads(Journal(folder)) == [new(1).payload, new(2).payload]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(place=st.floats(0, 0.999), bit=st.integers(0, 7), is_closed=st.booleans())
def test_any_changed_bit_is_noticed(tmp_path_factory: Any, place: float, bit: int, is_closed: bool) -> None:
    """The checksum did not cover kind, marks and peer length: a frame could turn into rejected bytes unseen."""
    folder = tmp_path_factory.mktemp("journal")
    journal = Journal(folder)
    positions = journal.append([new(n) for n in range(4)])
    data = bytearray(only_segment(folder).read_bytes())
    at = positions[1] + int(place * (positions[2] - positions[1]))
    data[at] ^= 1 << bit
    only_segment(folder).write_bytes(data)
    if is_closed:
        (folder / f"{len(data):020d}.qyj").touch()
    seen: list[Record] = []
    with pytest.raises(JournalDamaged) as caught:
        seen.extend(Journal(folder).read(0))
    assert caught.value.position == positions[1]
    with pytest.raises(JournalDamaged):
        list(Journal(folder).read(positions[1]))
    assert [r.payload for r in Journal(folder).read(positions[2])] == [new(2).payload, new(3).payload]


def test_damage_in_the_last_segment_is_not_cut_off(folder: Path) -> None:
    """A flipped bit in the last segment made the next writer cut off every acknowledged record after it.

    Whatever did not decode was taken for a torn tail; now what has sound records after it is kept and told."""
    journal = Journal(folder)
    positions = journal.append([new(n) for n in range(5)])
    data = bytearray(only_segment(folder).read_bytes())
    data[positions[1] + 40] ^= 1
    only_segment(folder).write_bytes(data)
    writer = Journal(folder)
    assert writer.append([new(9)]) == [len(data)]
    assert (folder / f"{0:020d}.qyj").read_bytes() == bytes(data)
    assert [r.payload for r in writer.read(positions[2])] == [new(n).payload for n in (2, 3, 4, 9)]
    with pytest.raises(JournalDamaged):
        list(writer.read(0))


def test_below_the_free_space_kept_for_others_nothing_is_taken(folder: Path) -> None:
    journal = Journal(folder)
    journal.append([new(1)])
    before = only_segment(folder).read_bytes()
    journal.min_free_bytes = 2**62
    with pytest.raises(JournalFull) as caught:
        journal.append([new(2)])
    assert caught.value.can_retry
    assert only_segment(folder).read_bytes() == before
    journal.min_free_bytes = 0
    journal.append([new(3)])
    assert payloads(journal) == [new(1).payload, new(3).payload]


def test_disk_full_in_the_middle_of_a_batch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(folder)
    journal.append([new(1)])
    before = only_segment(folder).read_bytes()
    real, left = os.pwrite, [30]

    def scarce(handle: int, data: bytes, offset: int) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        part = data[: left[0]]
        left[0] -= len(part)
        return real(handle, part, offset)

    monkeypatch.setattr(os, "pwrite", scarce)
    with pytest.raises(JournalFull, match="No space left"):
        journal.append([new(2), new(3)])
    assert only_segment(folder).read_bytes() == before
    monkeypatch.undo()
    journal.append([new(4)])
    assert payloads(journal) == [new(1).payload, new(4).payload]


def test_disk_full_when_a_new_segment_begins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No room for the next segment's file killed the gateway's writer: it never acknowledged again.

    The error of `open` was no JournalFull, and the closed segment was closed a second time."""
    journal = Journal(folder, segment_bytes=100)
    journal.append([new(1, size=120)])
    real = os.open

    def refused(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if str(path).endswith(".qyj"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", refused)
    for _ in range(2):
        with pytest.raises(JournalFull):
            journal.append([new(2)])
    monkeypatch.undo()
    journal.append([new(3)])
    assert len(journal.segments()) == 2
    assert payloads(journal) == [new(1, size=120).payload, new(3).payload]


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from qingyuan.intake.errors import JournalFull
from qingyuan.intake.journal import Journal, NewRecord, RecordKind
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
journal, kept = Journal(Path(sys.argv[1])), 0
try:
    while kept < 1000:
        journal.append([NewRecord(RecordKind.FRAME, b"x" * 100, "p", kept)])
        kept += 1
except JournalFull:
    print(kept)
"""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, env=_env()
    )


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}


def test_the_kernel_refuses_more_bytes(folder: Path) -> None:
    done = run(_LIMITED, str(folder))
    assert done.returncode == 0, done.stderr
    kept = int(done.stdout)
    assert 0 < kept < 60
    journal = Journal(folder)
    assert len(read_all(journal)) == kept
    journal.append([new(1)])
    assert len(read_all(journal)) == kept + 1


_WRITER = """
import sys
from pathlib import Path
from qingyuan.intake.journal import Journal, NewRecord, RecordKind
journal = Journal(Path(sys.argv[1]), segment_bytes=4000)
for n in range(150):
    (position, _) = journal.append([NewRecord(RecordKind.FRAME, f"{sys.argv[2]}-{n}-{k}".encode(), "p", n) for k in (0, 1)])
    print(position)
"""


def test_two_processes_write_at_once(folder: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(folder), name], stdout=subprocess.PIPE, text=True, env=_env()
        )
        for name in "ab"
    ]
    positions = {name: [int(x) for x in w.communicate()[0].split()] for name, w in zip("ab", writers, strict=True)}
    found = {r.position: r.payload.decode() for r in read_all(Journal(folder))}
    assert len(found) == 600
    for name, given_positions in positions.items():
        assert [found[p] for p in given_positions] == [f"{name}-{n}-0" for n in range(150)]


def test_reader_sees_nothing_of_an_append_under_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records written but not yet fsynced were read; cut off again, they left the reader's offset beyond the end."""
    journal, reader = Journal(folder), Journal(folder)
    journal.append([new(1)])
    written = threading.Event()
    seen: list[bytes] = []
    waited: list[bool] = []
    real = os.fsync

    def read() -> None:
        written.wait(5)
        seen.extend(r.payload for r in reader.read(0))

    def slow(handle: int) -> None:
        written.set()
        reading.join(0.2)
        waited.append(reading.is_alive())
        real(handle)

    reading = threading.Thread(target=read)
    reading.start()
    monkeypatch.setattr(os, "fsync", slow)
    journal.append([new(2)])
    monkeypatch.undo()
    reading.join(5)
    assert waited == [True]
    assert seen == [new(1).payload, new(2).payload]


def test_close_lets_go_of_the_files(folder: Path) -> None:
    journal = Journal(folder)
    journal.append([new(1)])
    handles = (journal._file, journal._lock)
    journal.close()
    for handle in handles:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(handle)
