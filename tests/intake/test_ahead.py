"""What is live is read before a history that came before it; in the end all is there as if it had been read in order."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.frames import MN, RECEIVED, frame, local
from intake.test_ingest import Line
from qingyuan.intake import ahead
from qingyuan.intake.ahead import is_live
from qingyuan.intake.ingest import Ingester
from qingyuan.intake.journal import NewRecord, Record, RecordKind
from qingyuan.readings import StoreFull, TieredStore

OTHER = "B" * 24
NOW = RECEIVED.timestamp()
AT = int(RECEIVED.timestamp() * 1e6)


def record(raw: bytes, kind: RecordKind = RecordKind.FRAME) -> Record:
    return Record(7, 8, kind, raw, "p", AT, 0)


@pytest.mark.parametrize(
    ("cn", "age", "expected"),
    [
        ("2011", timedelta(seconds=3), True),
        ("2011", timedelta(minutes=-14), True),
        ("2011", timedelta(minutes=-16), False),
        ("2051", timedelta(hours=3), True),
        ("2061", timedelta(hours=3, seconds=1), False),
        ("2031", timedelta(hours=30), True),
        ("2031", timedelta(hours=31), False),
        ("2021", timedelta(seconds=3), False),
        ("9014", timedelta(seconds=3), False),
    ],
)
def test_live_is_a_report_about_the_present(cn: str, age: timedelta, expected: bool) -> None:
    assert is_live(record(frame(at=RECEIVED - age, cn=cn)), NOW) is expected


def test_what_has_an_order_to_keep_waits() -> None:
    live = frame(at=RECEIVED)
    assert is_live(record(live), NOW)
    assert not is_live(record(live, RecordKind.REJECTED), NOW)
    assert not is_live(record(live.replace(b"Flag=5", b"PNUM=2;PNO=1;Flag=7")), NOW)
    assert not is_live(record(live.replace(local(RECEIVED).encode(), b"20269921073000")), NOW)
    assert not is_live(record(b"##0001nonsense"), NOW)


def sent(hours_ago: int, value: int, mn: str = MN, cn: str = "2061") -> bytes:
    return frame(
        f"a21002-Avg={value}.5,a21002-Flag=N", at=RECEIVED - timedelta(hours=hours_ago), mn=mn, cn=cn,
        qn=f"{local(RECEIVED)}{value:03d}",
    )  # fmt: skip


def test_the_present_goes_first(tmp_path: Path) -> None:
    line = Line(tmp_path, MN)
    positions = line.put(*[sent(100 + n, n) for n in range(50)], sent(1, 99))
    line.ingester.step(5)
    progress = line.ingester.step_ahead(RECEIVED)
    assert (progress.records, progress.readings, progress.newest_received_us) == (1, 1, AT)
    assert line.store.offset() == positions[5]  # the rest waits where it was
    assert line.ingester.looked_to == line.journal.end()
    assert [r.value for r in line.store.latest([s.id for s in line.store.series()]).values()] == [99.5]
    assert line.ingester.step_ahead(RECEIVED).records == 0
    left = line.ingester.step(1000)
    assert (left.records, left.readings, dict(left.outcomes)) == (46, 45, {"stored": 45})
    assert line.outcomes() == ["stored"] * 51
    assert dict(line.register.counts[MN]) == {}


def test_a_crash_between_neither_loses_nor_doubles(tmp_path: Path) -> None:
    line = Line(tmp_path, MN)
    line.put(*[sent(100 + n, n) for n in range(4)], sent(1, 99))
    line.ingester.step_ahead(RECEIVED)
    anew = Ingester(line.journal, line.store, line.register)
    assert anew.step_ahead(RECEIVED).records == 0
    assert dict(anew.step(100).outcomes) == {"stored": 4}
    assert Counter(line.values()) == Counter({0.5: 1, 1.5: 1, 2.5: 1, 3.5: 1, 99.5: 1})


def test_a_full_store_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(tmp_path, MN)
    line.put(sent(100, 1), sent(1, 99))

    def full(*_: object, **__: object) -> None:
        raise StoreFull("store", "no space")

    with monkeypatch.context() as patch:
        patch.setattr(TieredStore, "append", full)
        with pytest.raises(StoreFull):
            line.ingester.step_ahead(RECEIVED)
    assert line.ingester.step_ahead(RECEIVED).readings == 1


def test_what_has_left_the_tail_is_not_asked_for_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Live rows in the archive have later origins than the history that is read after them: no reason to doubt that."""
    line = Line(tmp_path, MN)
    line.put(*[sent(100 + n, n) for n in range(4)], sent(1, 99))
    line.ingester.step_ahead(RECEIVED)
    line.store.compact(fully=True)
    asked: list[object] = []
    archived = TieredStore._archived
    monkeypatch.setattr(TieredStore, "_archived", lambda self, spans: asked.append(spans) or archived(self, spans))
    line.ingester.step(100)
    assert asked == []
    assert len(line.readings()) == 5


KINDS = st.tuples(
    st.sampled_from([0, 1, 2, 3, 40, 41, 500]),
    st.integers(0, 3),
    st.sampled_from([MN, OTHER]),
    st.sampled_from(["2061", "2061", "2031", "2051"]),
)


@settings(max_examples=40, deadline=None)
@given(
    given_frames=st.lists(KINDS, max_size=14),
    late=st.lists(KINDS, max_size=6),
    moves=st.lists(st.sampled_from(["step", "ahead", "crash", "more", "compact"]), max_size=10),
    size=st.integers(1, 4),
)
def test_in_any_order_of_reading_the_same_is_kept(
    given_frames: list[tuple[int, int, str, str]], late: list[tuple[int, int, str, str]], moves: list[str], size: int
) -> None:
    """Against one reader that goes through from the begin: the same revisions, messages and counts."""

    def outcome(steps: list[str]) -> tuple[object, ...]:
        with tempfile.TemporaryDirectory() as folder:
            line = Line(Path(folder), MN, OTHER)
            line.put(*[sent(*one) for one in given_frames])
            rest = [sent(*one) for one in late]
            for move in steps:
                if move == "step":
                    line.ingester.step(size)
                elif move == "ahead":
                    line.ingester.step_ahead(RECEIVED, size * 3, size)
                elif move == "crash":
                    line.ingester = Ingester(line.journal, line.store, line.register)
                elif move == "compact":
                    line.store.compact(fully=True)
                elif rest:
                    line.put(rest.pop(0))
            if rest:
                line.put(*rest)
            line.ingester.step(1000)
            assert line.store.offset() == line.journal.end()
            names = {s.id: str(s.key) for s in line.store.series()}
            rows = sorted(
                (names[r.series], r.start, r.end, r.value, r.flag)
                for r in line.store.window(list(names), 0, 2**40)
            )  # fmt: skip
            kept = sorted((m.key, m.station, m.outcome) for m in line.store.messages(limit=1000))
            counted = sorted((s, o, n) for s, o, n, _ in line.store.tallies() if o != "duplicate")
            return rows, kept, counted

    assert outcome(moves) == outcome([])


def test_so_many_at_a_time(tmp_path: Path) -> None:
    """A day's backlog of what was live when it came must not be one transaction; what is a day old goes in its turn."""
    line = Line(tmp_path, MN)
    line.put(*[sent(24, n) for n in range(5)], *[sent(1, n) for n in range(5)])
    assert [line.ingester.step_ahead(RECEIVED, 100, 2).records for _ in range(4)] == [2, 2, 1, 0]
    assert line.ingester.step_ahead(RECEIVED + timedelta(days=1)).records == 0
    assert line.ingester.step(100).readings == 5


def test_told_when_the_last_was_received(tmp_path: Path) -> None:
    line = Line(tmp_path, MN)
    later = int(datetime(2026, 11, 21, 0, 40, tzinfo=RECEIVED.tzinfo).timestamp() * 1e6)
    line.journal.append([NewRecord(RecordKind.FRAME, sent(100, 1), "p", later)])
    assert line.ingester.step_ahead(RECEIVED).newest_received_us == later
    assert line.ingester.step_ahead(RECEIVED).newest_received_us == 0


def test_after_a_restart_one_before_those_that_were_read(tmp_path: Path) -> None:
    """A device whose clock is fast: its hour was none of the present when it was first looked at, and is now."""
    line = Line(tmp_path, MN, OTHER)
    line.put(sent(-1, 7, OTHER), sent(1, 1), sent(100, 9))
    assert line.ingester.step_ahead(RECEIVED).records == 1
    anew = Ingester(line.journal, line.store, line.register)
    assert anew.step_ahead(RECEIVED + timedelta(hours=1)).records == 1
    assert list(anew._ahead._taken or ()) == sorted(anew._ahead._taken or ())
    assert anew.step(100).readings == 1
    assert sorted(v for v in line.values() if v is not None) == [1.5, 7.5, 9.5]


def test_what_came_by_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "FORGET", 3)
    line = Line(tmp_path, MN)
    for _ in range(3):
        line.put(*[sent(1, n) for n in range(4)], sent(100, 9))
        line.ingester.step_ahead(RECEIVED)
        line.ingester.step(100)
    taken = line.ingester._ahead._taken
    assert taken is not None
    assert len(taken) == 0
