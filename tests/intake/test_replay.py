"""Frames read again after the register was mended: revisions, never rewriting."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from intake.frames import MN, RECEIVED, frame
from intake.test_ingest import BEGIN, Line
from intake.test_parts import TEXTS, WHOLE, parts
from qingyuan.hj212 import Joined, Known
from qingyuan.intake.journal import NewRecord, Record, RecordKind
from qingyuan.intake.message_readings import ChannelMap
from qingyuan.intake.parts import Parts, frame_of
from qingyuan.intake.replay import Replay, Replayed, Scope

LATER = int(RECEIVED.timestamp() * 1e6) + 3_600_000_000
NOX, AT = "P-AA1/NOx/Avg/hour", int(BEGIN.timestamp())


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path, MN)


def again(line: Line, scope: Scope | None = None, **more: bool) -> Replayed:
    replay = Replay(line.journal, line.store, line.register, lambda mn: ["P-AA1"])
    done = replay.run(scope or Scope(), "admin", "通道对应改正", LATER, **more)
    while line.ingester.step().records:
        continue
    return done


def settle(line: Line, *raws: bytes) -> list[int]:
    positions = line.put(*raws)
    line.ingester.step()
    return positions


def remap(line: Line, item: str, unit: str = "mg/m3") -> None:
    device = line.register.devices[MN]
    line.register.devices[MN] = replace(device, channels={"a21002": ChannelMap("P-AA1", item, unit)})


def test_the_same_parser_changes_nothing(line: Line) -> None:
    settle(line, frame("a21002-Avg=41.50,a21002-Flag=N"), frame("a21002-Avg=41.50,a21002-Flag=N"))
    end = line.journal.end()
    assert again(line) == Replayed(frames=2)
    assert line.journal.end() == end


def test_a_mended_channel_gives_revisions_and_voids_what_was_wrong(line: Line) -> None:
    (position,) = settle(line, frame("a21002-Avg=41.50,a21002-Flag=N"))
    remap(line, "SO2")
    dry = again(line, dry_run=True)
    assert (dry.frames, dry.changed, dry.readings, dry.voided) == (1, 1, 1, 1)
    assert line.values(NOX) == [41.5], "a dry run keeps nothing"
    done = again(line)
    assert (done.changed, done.readings, done.voided) == (1, 1, 1)
    assert line.values("P-AA1/SO2/Avg/hour") == [41.5]
    (void,) = line.readings(NOX)
    assert (void.value, void.qualifier, void.revisions) == (None, "replayed", 2)
    record = line.journal.read_at(void.origin)
    assert record is not None
    assert record.kind is RecordKind.STATEMENT
    assert json.loads(record.payload) == {"replay": position, "by": "admin", "reason": "通道对应改正"}
    assert again(line).changed == 0, "a second run finds all done"


def test_as_of_before_the_replay_the_old_value_stands(line: Line) -> None:
    settle(line, frame("a21002-Avg=41.50,a21002-Flag=N"))
    remap(line, "SO2")
    again(line)
    (number,) = [s.id for s in line.store.series(NOX)]
    (then,) = line.store.window([number], 0, 2**40, as_of=LATER // 1_000_000 - 1)
    (now,) = line.store.window([number], 0, 2**40)
    assert (then.value, now.value) == (41.5, None)
    assert [r.value for r in line.store.revisions(number, AT, AT + 1)] == [41.5, None]


def test_back_and_forth_leaves_every_step(line: Line) -> None:
    settle(line, frame("a21002-Avg=41.50,a21002-Flag=N"))
    remap(line, "SO2")
    again(line)
    remap(line, "NOx")
    done = again(line)
    assert (done.readings, done.voided) == (1, 1)
    assert line.values(NOX) == [41.5]
    assert line.values("P-AA1/SO2/Avg/hour") == [None]


def test_a_later_report_of_the_device_stays_above(line: Line) -> None:
    settle(
        line,
        frame("a21002-Avg=41.50,a21002-Flag=N", qn="20261121073000001"),
        frame("a21002-Avg=44.00,a21002-Flag=N", qn="20261121073000002"),
    )
    remap(line, "NOx", "ug/m3")
    again(line)
    assert line.values(NOX) == [pytest.approx(0.044)], "both are read anew, the later one still wins"


def test_scope_by_station_and_time(line: Line) -> None:
    settle(line, frame("a21002-Avg=41.50,a21002-Flag=N"))
    remap(line, "SO2")
    received = int(RECEIVED.timestamp())
    assert again(line, Scope(stations=frozenset({"other"})), dry_run=True).frames == 0
    assert again(line, Scope(since=received + 1), dry_run=True).frames == 0
    assert again(line, Scope(since=received, until=received + 1, stations=frozenset({MN})), dry_run=True).changed == 1


@pytest.fixture(params=[pytest.param(TEXTS, id="cut-anywhere"), pytest.param(WHOLE, id="whole-items")])
def pieces(request: pytest.FixtureRequest) -> Sequence[str]:
    return request.param


def test_parts_are_joined_again_and_nothing_changes(line: Line, pieces: Sequence[str]) -> None:
    """Only the first look joined parts: read again, each part waited for others that no longer waited."""
    sent = parts(pieces)
    settle(line, sent[0], *sent)  # one part twice, word for word
    settle(line, *sent)
    before = line.readings()
    done = again(line)
    assert (done.frames, done.changed, done.voided) == (2 * len(sent) + 1, 0, 0)
    assert line.readings() == before


@pytest.mark.parametrize("is_restarted", [pytest.param(False, id="one-batch"), pytest.param(True, id="batches")])
def test_a_mended_channel_reaches_the_values_of_every_part(
    line: Line, pieces: Sequence[str], is_restarted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_restarted:
        monkeypatch.setattr("qingyuan.intake.replay.BATCH", 1)
    for raw in parts(pieces):
        settle(line, raw)
    remap(line, "SO2")
    done = again(line)
    assert (done.changed, done.voided) == (1, 1)
    assert line.values("P-AA1/SO2/Avg/hour") == [41.5]
    assert line.values(NOX) == [None]
    assert again(line).changed == 0, "a second run finds all done"


def test_scope_that_begins_between_the_parts_still_has_the_first(line: Line, pieces: Sequence[str]) -> None:
    *first, last = parts(pieces)
    at = int(RECEIVED.timestamp())
    line.put(*first)
    line.journal.append([NewRecord(RecordKind.FRAME, last, "p", (at + 60) * 1_000_000)])
    line.ingester.step()
    remap(line, "SO2")
    scope = Scope(since=at + 30, stations=frozenset({MN}))
    assert again(line, scope).changed == 1
    assert line.values("P-AA1/SO2/Avg/hour") == [41.5]


def test_message_that_stayed_incomplete_is_read_again_as_far_as_it_came(line: Line) -> None:
    settle(line, parts(WHOLE)[0])
    line.ingester.give_up_parts(RECEIVED + timedelta(minutes=6))
    assert again(line) == Replayed(frames=1)
    remap(line, "SO2")
    done = again(line)
    assert (done.changed, done.readings, done.voided) == (1, 1, 1)
    assert line.values("P-AA1/SO2/Avg/hour") == [41.5]
    assert again(line).changed == 0


def test_parts_once_read_each_by_itself_are_joined_now(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older version read the first part as a message and took no value of the second."""

    def alone(self: Parts, record: Record, mn: str) -> tuple[Joined, list[int]]:
        frame = frame_of(record, lambda mn: Known())
        assert frame is not None
        return Joined(frame, (frame,), ()), []

    with monkeypatch.context() as older:
        older.setattr(Parts, "complete", alone)
        settle(line, *parts((TEXTS[0], TEXTS[1] + TEXTS[2])))
    assert 12.25 not in line.values()
    again(line)
    assert sorted(v for v in line.values() if v is not None) == [12.25, 41.5]
    assert again(line).changed == 0
