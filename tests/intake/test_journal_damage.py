"""Acts of damage to the journal: each is said, nothing is acknowledged without a reader, no position is used twice."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from intake.frames import frame, numbered
from intake.test_gateway import connect
from intake.test_ingest import Line
from qingyuan.intake.gateway import Gateway, GatewaySettings
from qingyuan.intake.healing import SHOWN_SECONDS, heal
from qingyuan.intake.journal import Journal
from qingyuan.intake.journal_damage import Damage, Positions, noted

from .frames import MN, RECEIVED


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path, MN)


def sent(journal: Journal, *raws: bytes) -> int:
    """Send to a gateway that writes into the journal; returns how many were acknowledged."""

    async def talk() -> int:
        gateway = Gateway(journal, GatewaySettings(), lambda: RECEIVED)
        await gateway.start()
        device = await connect(gateway)
        try:
            await device.send(*raws)
            return len(await device.wait_for_answers(len(raws)))
        finally:
            await device.close()
            await gateway.stop()

    return asyncio.run(talk())


def gateway_of(line: Line, **more: int) -> Journal:
    return Journal(line.journal.folder, acknowledges=True, **more)


def segment(line: Line) -> Path:
    return line.journal.folder / f"{0:020d}.qyj"


def read_all(line: Line) -> None:
    while line.ingester.step().records:
        pass


def kinds(line: Line) -> list[str]:
    return [damage.kind for damage in line.journal.damages(line.store.offset())]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.97], ids=["truncated-to-nothing", "third", "halved", "tail"])
@pytest.mark.parametrize("was_read", [True, False], ids=["read-before", "not-read"])
def test_a_shortened_journal_loses_nothing_that_is_acknowledged_afterwards(
    line: Line, share: float, was_read: bool
) -> None:
    """The gateway wrote on at positions that had been read, and acknowledged what nobody would ever read."""
    assert sent(gateway_of(line), *numbered(10)) == 10
    if was_read:
        read_all(line)
    whole = segment(line).read_bytes()
    segment(line).write_bytes(whole[: int(len(whole) * share)])
    assert kinds(line) == ["shorter"]
    again = [frame(f"a21002-Avg={n}.25,a21002-Flag=N", qn=f"20261121073100{n:03d}") for n in range(5)]
    assert sent(gateway_of(line), *again) == 5
    assert kinds(line) == ["lost"]
    read_all(line)
    values = {r.value for s in line.store.series("*") for r in line.store.revisions(s.id, 0, 2**40)}
    assert values >= {n + 0.25 for n in range(5)}
    assert line.store.offset() == line.journal.end()
    (lost,) = noted(line.journal.folder)
    assert (lost.end, lost.file) == (len(whole), segment(line).name)
    assert "备份" in lost.advice

    segment(line).write_bytes(whole)  # from the backup
    heal(line.journal, line.ingester, 0.0)
    assert kinds(line) == []
    values = {r.value for s in line.store.series("*") for r in line.store.revisions(s.id, 0, 2**40)}
    assert values == {n + 0.5 for n in range(10)} | {n + 0.25 for n in range(5)}


def test_a_journal_halved_under_the_running_gateway_is_made_good_too(line: Line) -> None:
    """The loss was noted from the middle of a record, where nothing could be read when the file was back."""
    journal = gateway_of(line)
    assert sent(journal, *numbered(5)) == 5
    whole = segment(line).read_bytes()
    segment(line).write_bytes(whole[: len(whole) // 2])
    assert sent(journal, frame("a21002-Avg=7.5,a21002-Flag=N", qn="20261121073200000")) == 1
    read_all(line)
    segment(line).write_bytes(whole)
    assert heal(line.journal, line.ingester, 0.0) == 3
    assert kinds(line) == []


def test_what_was_read_is_a_floor_though_the_gateway_never_noted_it(line: Line) -> None:
    journal = Journal(line.journal.folder)
    journal.append([])
    line.put(*numbered(4))
    read_all(line)
    end = line.store.offset()
    for path in line.journal.folder.iterdir():
        path.unlink()
    line.journal.reach(0)
    begun = Journal(line.journal.folder, floor=end, acknowledges=True)
    assert sent(begun, frame("a21002-Avg=7.5,a21002-Flag=N", qn="20261121073200000")) == 1
    assert begun.segments()[-1][0] == end
    read_all(line)
    assert 7.5 in {r.value for s in line.store.series("*") for r in line.store.revisions(s.id, 0, 2**40)}


def test_a_file_deleted_while_it_is_written_is_put_back(line: Line) -> None:
    """The gateway wrote on into a file without a name: acknowledged, and gone."""
    journal = gateway_of(line)
    assert sent(journal, *numbered(3)) == 3
    segment(line).unlink()
    assert kinds(line) == ["shorter"]
    assert sent(journal, frame("a21002-Avg=7.5,a21002-Flag=N", qn="20261121073200000")) == 1
    assert kinds(line) == ["rescued"]
    read_all(line)
    values = {r.value for s in line.store.series("*") for r in line.store.revisions(s.id, 0, 2**40)}
    assert values == {0.5, 1.5, 2.5, 7.5}
    (found,) = noted(line.journal.folder)
    heal(line.journal, line.ingester, found.at + SHOWN_SECONDS + 1)
    assert kinds(line) == []


def test_a_file_replaced_while_it_is_written_is_noticed(line: Line, tmp_path: Path) -> None:
    journal = gateway_of(line)
    assert sent(journal, *numbered(4)) == 4
    half = tmp_path / "half"
    half.write_bytes(segment(line).read_bytes()[:200])
    half.replace(segment(line))
    assert sent(journal, frame("a21002-Avg=7.5,a21002-Flag=N", qn="20261121073200000")) == 1
    assert kinds(line) == ["lost"]
    read_all(line)
    assert 7.5 in {r.value for s in line.store.series("*") for r in line.store.revisions(s.id, 0, 2**40)}


@pytest.mark.parametrize(
    "name",
    ["00000000000000000000 (copy).qyj", "00000000000000000000.qyj.bak", "00000000000000000007.qyj", "00000000000099999999.qyj",
     "copy.qyj", "notes.txt"],
)  # fmt: skip
def test_a_stray_copy_is_named_and_not_read(line: Line, name: str) -> None:
    """A copy with another name ended every reader and writer; one with a number was read and written to."""
    journal = gateway_of(line)
    assert sent(journal, *numbered(3)) == 3
    shutil.copyfile(segment(line), line.journal.folder / name)
    before = (line.journal.folder / name).read_bytes()
    assert sent(journal, frame("a21002-Avg=7.5,a21002-Flag=N", qn="20261121073200000")) == 1
    read_all(line)
    assert line.store.offset() == line.journal.end()
    assert [(d.kind, d.file) for d in line.journal.damages(line.store.offset())] == [("stranger", name)]
    assert (line.journal.folder / name).read_bytes() == before
    assert line.outcomes().count("stored") == 4


@pytest.mark.parametrize("is_running", [True, False], ids=["running", "restarted"])
def test_zeros_in_the_middle_are_skipped_named_and_made_good(line: Line, is_running: bool) -> None:
    """One bad place stopped the intake for ever: the same error every five seconds, nothing behind it was read."""
    journal = gateway_of(line)
    assert sent(journal, *numbered(10)) == 10
    whole = segment(line).read_bytes()
    spoilt = whole[:700] + bytes(300) + whole[1000:]
    with segment(line).open("r+b") as file:
        file.write(spoilt)
    if not is_running:
        journal = gateway_of(line)
    assert sent(journal, frame("a21002-Avg=77.5,a21002-Flag=N", qn="20261121073200000")) == 1
    read_all(line)
    assert line.store.offset() == line.journal.end()
    assert kinds(line) == ["unreadable"]
    stored = line.outcomes().count("stored")
    assert 7 <= stored < 11
    with segment(line).open("r+b") as file:
        file.write(whole)
    assert heal(line.journal, line.ingester, 0.0) >= 11 - stored
    assert kinds(line) == []
    assert line.outcomes().count("stored") == 11


def test_a_sound_journal_has_nothing_to_say(line: Line) -> None:
    small = Journal(line.journal.folder, segment_bytes=500, acknowledges=True)
    for part in range(0, 20, 5):
        assert sent(small, *numbered(20)[part : part + 5]) == 5
    read_all(line)
    assert len(line.journal.segments()) > 3
    assert kinds(line) == []


def test_a_whole_segment_that_is_gone_is_named_by_its_own_name(line: Line) -> None:
    small = Journal(line.journal.folder, segment_bytes=500, acknowledges=True)
    for part in range(0, 12, 4):
        assert sent(small, *numbered(12)[part : part + 4]) == 4
    read_all(line)
    base, last = line.journal.segments()[-1]
    assert base > 0
    last.unlink()
    small.close()
    small = Journal(line.journal.folder, segment_bytes=500, acknowledges=True)
    assert sent(small, frame("a21002-Avg=7.5,a21002-Flag=N", qn="20261121073200000")) == 1
    assert noted(line.journal.folder)[0][:3] == Damage("lost", last.name, base)[:3]


def test_the_whole_folder_deleted_while_it_is_written(line: Line) -> None:
    """Lock, notes and segments gone: what the writer still holds is put back, and what was read is the floor."""
    journal = gateway_of(line)
    assert sent(journal, *numbered(3)) == 3
    read_all(line)
    shutil.rmtree(line.journal.folder)
    assert sent(journal, frame("a21002-Avg=7.5,a21002-Flag=N", qn="20261121073200000")) == 1
    read_all(line)
    assert 7.5 in {r.value for s in line.store.series("*") for r in line.store.revisions(s.id, 0, 2**40)}
    assert kinds(line) == ["rescued"]


def test_the_whole_folder_deleted_while_nothing_runs(line: Line) -> None:
    line.put(*numbered(3))
    read_all(line)
    shutil.rmtree(line.journal.folder)
    Positions(line.journal.folder).note(line.store.offset())  # as the set-up does before the gateway begins
    assert sent(gateway_of(line), frame("a21002-Avg=7.5,a21002-Flag=N", qn="20261121073200000")) == 1
    read_all(line)
    assert 7.5 in {r.value for s in line.store.series("*") for r in line.store.revisions(s.id, 0, 2**40)}
    assert kinds(line) == ["lost"]
