"""From the journal to the readings: each message once, whatever is repeated, cut or interrupted."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.frames import MN, RECEIVED, frame, numbered
from qingyuan.hj212 import CrcDialect, Known, crc16_modbus, encode
from qingyuan.intake.ingest import UNKNOWN_STATION, Ingester
from qingyuan.intake.journal import Journal, Mark, NewRecord, RecordKind
from qingyuan.intake.message_readings import ChannelMap, DeviceMap
from qingyuan.intake.resolving import Met
from qingyuan.intake.talk import Said
from qingyuan.readings import NewReading, Reading, StoreFull, TieredStore, open_store
from qingyuan.readings.tail import write

BEGIN = RECEIVED - timedelta(hours=2)


class Register:
    """A resolver that knows what it is told."""

    def __init__(self, *mns: str) -> None:
        self.devices = {mn: self._device(mn) for mn in mns}
        self.waiting: list[str] = []
        self.how: dict[str, Known] = {}
        self.counts: dict[str, Counter[str]] = {}
        self.drift: dict[str, float | None] = {}
        self.sayings: list[Said] = []

    def said(self, sayings: Sequence[Said]) -> None:
        self.sayings += sayings

    @staticmethod
    def _device(mn: str) -> DeviceMap:
        return DeviceMap(mn, f"P-{mn[-3:]}", 600, {"a21002": ChannelMap(f"P-{mn[-3:]}", "NOx", "mg/m3")})

    def begin(self, stations: Collection[str]) -> None:
        self.begun = set(stations)

    def finish(self) -> None:
        self.begun = set()

    def device(self, mn: str) -> DeviceMap | None:
        return self.devices.get(mn)

    def adopt(self, mn: str, system_type: str, at: datetime) -> DeviceMap:
        return self.devices.setdefault(mn, self._device(mn))

    def wait(self, mn: str, system_type: str, at: datetime) -> None:
        self.waiting.append(mn)

    def known(self, mn: str) -> Known:
        return self.how.get(mn, Known())

    def stepped(self, mn: str, seconds: int) -> None:
        self.devices[mn] = replace(self.devices[mn], minute_seen=seconds)

    def met(self, stations: Mapping[str, Met]) -> None:
        for mn, met in stations.items():
            self.counts.setdefault(mn, Counter()).update(met.kinds)
            self.drift[mn] = met.drift_s


class Line:
    """A journal, a store and the ingester between them."""

    def __init__(self, folder: Path, *mns: str) -> None:
        self.journal = Journal(folder / "journal")
        self.store: TieredStore = open_store(folder / "store")
        self.register = Register(*mns)
        self.ingester = Ingester(self.journal, self.store, self.register)

    def put(self, *raws: bytes, kind: RecordKind = RecordKind.FRAME, marks: int = 0) -> list[int]:
        at = int(RECEIVED.timestamp() * 1e6)
        return self.journal.append([NewRecord(kind, raw, "p", at, marks) for raw in raws])

    def values(self, name: str = "*") -> list[float | None]:
        return [r.value for r in self.readings(name)]

    def readings(self, name: str = "*") -> list[Reading]:
        numbers = [s.id for s in self.store.series(name)]
        return self.store.window(numbers, 0, 2**40)

    def outcomes(self) -> list[str]:
        return [m.outcome for m in reversed(self.store.messages(limit=1000))]


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path, MN)


def test_frame_becomes_readings(line: Line) -> None:
    (position,) = line.put(frame("a21002-Avg=41.50,a21002-Max=60.1,a21002-Flag=N"))
    progress = line.ingester.step()
    assert (progress.records, progress.readings, dict(progress.outcomes)) == (1, 2, {"stored": 1})
    (found,) = line.readings("P-AA1/NOx/Avg/hour")
    assert (found.value, found.decimals, found.flag, found.origin) == (41.5, 2, "N", position)
    assert (found.start, found.end) == (int(BEGIN.timestamp()), int(BEGIN.timestamp()) + 3600)
    assert found.received_at == int(RECEIVED.timestamp())
    assert line.store.series("P-AA1/NOx/Avg/hour")[0].unit == "mg/m3"
    assert line.store.offset() == line.journal.end()


@pytest.mark.parametrize(
    ("cn", "grain", "length"),
    [("2011", "raw", 0), ("2051", "minute", 600), ("2061", "hour", 3600), ("2031", "day", 86400)],
)
def test_grain_follows_the_command(line: Line, cn: str, grain: str, length: int) -> None:
    statistic = "Rtd" if cn == "2011" else "Avg"
    begin = RECEIVED - timedelta(days=1)
    line.put(frame(f"a21002-{statistic}=1,a21002-Flag=N", at=begin, cn=cn))
    line.ingester.step()
    (found,) = line.readings(f"P-AA1/NOx/{statistic}/{grain}")
    assert found.end - found.start == length


def test_same_frame_again_counts_as_duplicate(line: Line) -> None:
    line.put(frame(), frame())
    line.put(frame())
    progress = line.ingester.step()
    assert progress.outcomes["duplicate"] == 2
    assert line.values() == [41.5]
    assert {o: n for _, o, n, _ in line.store.tallies(MN)} == {"stored": 1, "duplicate": 2}


def test_re_sent_with_another_number_and_value_is_a_revision(line: Line) -> None:
    line.put(frame(), frame("a21002-Avg=50.0,a21002-Flag=N", qn="20261121083000000"))
    line.ingester.step()
    (found,) = line.readings()
    assert (found.value, found.revisions) == (50.0, 2)


def test_flag_without_value_is_worth_knowing(line: Line) -> None:
    line.put(frame("a21002-Flag=D"))
    line.ingester.step()
    (found,) = line.readings("P-AA1/NOx/Avg/hour")
    assert (found.value, found.flag) == (None, "D")


@pytest.mark.parametrize("text", ["-9999", "-99.0", "-999.9"])
def test_a_sentinel_is_no_value_and_says_what_came(line: Line, text: str) -> None:
    line.put(frame(f"a21002-Avg={text},a21002-Max=40.0,a21002-Flag=N"))
    line.ingester.step()
    (average,) = line.readings("P-AA1/NOx/Avg")
    assert (average.value, average.qualifier, average.flag, average.decimals) == (None, text, "N", -1)
    assert line.values("P-AA1/NOx/Max") == [40.0]
    assert f"a21002-Avg={text}".encode() in next(iter(line.journal.read(0, 1))).payload


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ("a21002-Avg=7999", 7999.0),  # NOx can be that high: the quality rules may flag it, nothing is taken away
        ("a21002-Avg=999", 999.0),
        ("a21002-Cou=7999", 7999.0),  # a running total passes through any number
        ("a21002-Avg=-98.9", -98.9),
    ],
)
def test_a_number_that_may_be_true_stays(line: Line, values: str, kept: float) -> None:
    line.put(frame(values + ",a21002-Flag=N"))
    line.ingester.step()
    assert line.values() == [kept]


def test_a_sentinel_is_seen_before_the_unit_is_converted(line: Line) -> None:
    """In a channel of µg/m³ the series of mg/m³ would show -9.999, which no rule knows."""
    line.put(frame("a21002-Avg=41.5,a21002-Flag=N"))
    line.ingester.step()
    point = "P-AA1"
    line.register.devices[MN] = DeviceMap(MN, point, 600, {"a21002": ChannelMap(point, "NOx", "ug/m3")})
    line.put(frame("a21002-Avg=-9999,a21002-Flag=N", at=BEGIN + timedelta(hours=1), qn="20261121073000001"))
    line.ingester.step()
    assert [(r.value, r.qualifier) for r in line.readings()] == [(41.5, ""), (None, "-9999")]


def test_text_in_place_of_a_number_spoils_only_itself(line: Line) -> None:
    line.put(frame("a21002-Avg=abc,a21002-Max=3.1,a21002-Flag=N;a21026-Avg=7,a21026-Flag=N"))
    line.ingester.step()
    assert sorted(v for v in line.values() if v is not None) == [3.1, 7.0]


@pytest.mark.parametrize("text", ["9" * 400, "-" + "9" * 400])
def test_number_beyond_all_measure_is_left_in_the_raw_message(line: Line, text: str) -> None:
    line.put(frame(f"a21002-Avg={text},a21002-Max=3.1,a21002-Flag=N"))
    line.ingester.step()
    assert line.values() == [3.1]


def test_unmapped_factor_is_kept_under_its_own_code(line: Line) -> None:
    line.put(frame("a99999-Avg=3,a99999-Flag=N"))
    line.ingester.step()
    assert line.values("P-AA1/a99999/Avg/hour") == [3.0]


def test_time_in_the_future_is_not_used(line: Line) -> None:
    line.put(frame(at=RECEIVED + timedelta(hours=2)))
    line.ingester.step()
    assert line.outcomes() == ["future_time"]
    assert line.store.series() == []


@pytest.mark.parametrize(
    ("raw", "kind", "outcome"),
    [
        pytest.param(b"\x00garbage", RecordKind.REJECTED, "garbage", id="garbage"),
        pytest.param(frame()[:-6] + b"0000\r\n", RecordKind.REJECTED, "crc_mismatch", id="wrong-crc"),
        pytest.param(frame()[:60], RecordKind.REJECTED, "truncated", id="half"),
        pytest.param(b"", RecordKind.REJECTED, "rejected", id="empty"),
        pytest.param(frame(cn="9014"), RecordKind.FRAME, "no_data", id="no-data-command"),
        pytest.param(frame().replace(b"DataTime", b"DataTome"), RecordKind.REJECTED, "crc_mismatch", id="spoiled"),
    ],
)
def test_bad_record_is_noted_with_its_reason(line: Line, raw: bytes, kind: RecordKind, outcome: str) -> None:
    line.put(raw, frame(), kind=kind)
    line.ingester.step()
    assert line.outcomes()[0] == outcome
    assert line.store.offset() == line.journal.end()


def test_same_garbage_twice_is_two_messages(line: Line) -> None:
    line.put(b"noise", b"noise", kind=RecordKind.REJECTED)
    assert dict(line.ingester.step().outcomes) == {"garbage": 2}


def test_records_of_files_are_passed_over(line: Line) -> None:
    line.put(b"{}", kind=RecordKind.FILE)
    progress = line.ingester.step()
    assert (progress.records, line.outcomes()) == (1, [])
    assert line.store.offset() == line.journal.end()


class TestUnknownStation:
    def test_it_waits_and_nothing_is_stored(self, tmp_path: Path) -> None:
        line = Line(tmp_path)
        line.put(frame())
        assert dict(line.ingester.step().outcomes) == {UNKNOWN_STATION: 1}
        assert line.register.waiting == [MN]
        assert line.store.series() == []

    def test_once_adopted_what_it_sent_is_read_again(self, tmp_path: Path) -> None:
        line = Line(tmp_path)
        line.put(*numbered(3))
        line.ingester.step()
        line.register.adopt(MN, "31", RECEIVED)
        origins = [m.origin for m in line.store.messages(outcome=UNKNOWN_STATION)]
        assert line.ingester.replay(origins).readings == 3
        assert line.outcomes() == ["stored"] * 3
        assert line.ingester.replay(origins).readings == 0

    def test_crash_while_reading_again_loses_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The messages of an adopted station were forgotten first and read again after.

        A kill between the two left them neither waiting nor stored."""
        line = Line(tmp_path)
        line.put(*numbered(3))
        line.ingester.step()
        line.register.adopt(MN, "31", RECEIVED)
        origins = [m.origin for m in line.store.messages(outcome=UNKNOWN_STATION)]
        break_once(monkeypatch, write, "append_rows")
        with pytest.raises(RuntimeError):
            line.ingester.replay(origins)
        assert line.outcomes() == [UNKNOWN_STATION] * 3
        assert line.ingester.replay(origins).readings == 3

    def test_gateway_that_adopts_takes_it_at_once(self, tmp_path: Path) -> None:
        line = Line(tmp_path)
        line.put(frame(), marks=Mark.ADOPT)
        assert line.ingester.step().readings == 1
        assert list(line.register.devices) == [MN]


def break_once(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    """The next call dies after doing its work."""
    real = getattr(owner, name)
    left = [1]

    def dying(*arguments: Any, **named: Any) -> Any:
        done = real(*arguments, **named)
        if left:
            left.pop()
            raise RuntimeError("killed")
        return done

    monkeypatch.setattr(owner, name, dying)


@pytest.mark.parametrize("step", ["append_rows", "put_marks", "record_messages", "series_for"])
def test_killed_at_any_step_of_the_append(line: Line, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    line.put(*numbered(5))
    break_once(monkeypatch, write, step)
    with pytest.raises(RuntimeError):
        line.ingester.step()
    assert line.store.offset() == 0
    assert line.outcomes() == []
    assert line.ingester.step().readings == 5
    assert line.store.offset() == line.journal.end()
    (found,) = line.readings()
    assert found.revisions == 5


def test_killed_after_the_commit(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.put(*numbered(5))
    break_once(monkeypatch, TieredStore, "append")
    with pytest.raises(RuntimeError):
        line.ingester.step()
    assert line.ingester.step().records == 0
    (found,) = line.readings()
    assert found.revisions == 5


def test_full_store_moves_nothing(line: Line) -> None:
    line.put(*(frame(f"a21002-Avg={n},a21002-Flag=N", qn=f"202611210730{n:05d}") for n in range(3000)))
    line.store._tail.database.run("PRAGMA max_page_count=1")
    with pytest.raises(StoreFull):
        line.ingester.step(5000)
    assert line.store.offset() == 0
    line.store._tail.database.run("PRAGMA max_page_count=1000000")
    assert line.ingester.step(5000).readings == 3000


def test_two_ingesters_take_each_record_once(line: Line, tmp_path: Path) -> None:
    other = Ingester(line.journal, open_store(tmp_path / "store"), line.register)
    line.put(*numbered(10))
    progress = [ingester.step(3).readings for _ in range(4) for ingester in (line.ingester, other)]
    assert sum(progress) == 10
    assert {o: n for _, o, n, _ in line.store.tallies(MN)} == {"stored": 10}


HOURS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), st.sampled_from([MN, "B" * 24, "C" * 24])), min_size=1, max_size=20
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(sent=HOURS, cuts=st.lists(st.integers(1, 5), max_size=12), repeats=st.sets(st.integers(0, 19), max_size=5))
def test_any_chunking_and_repeating_gives_the_same_store(
    sent: list[tuple[int, int, str]], cuts: list[int], repeats: set[int]
) -> None:
    frames = [
        frame(
            f"a21002-Avg={value}.5,a21002-Flag=N",
            at=BEGIN - timedelta(hours=hour),
            mn=mn,
            qn=f"2026112100000000{value}",
        )
        for hour, value, mn in sent
    ]
    frames += [frames[n] for n in repeats if n < len(frames)]

    def taken(sizes: list[int]) -> tuple[list[NewReading], list[str]]:
        with tempfile.TemporaryDirectory() as folder:
            line = Line(Path(folder), MN, "B" * 24)
            line.put(*frames)
            for size in sizes:
                line.ingester.step(size)
            line.ingester.step(1000)
            names = {s.id: str(s.key) for s in line.store.series()}
            rows = [(names[r.series], *r[1:]) for r in line.readings()]
            outcomes = line.outcomes()
            line.store.close()
            return rows, outcomes  # type: ignore[return-value]

    assert taken(cuts) == taken([])


def test_device_without_registered_channels_still_speaks(tmp_path: Path) -> None:
    line = Line(tmp_path, MN)
    line.register.devices[MN] = replace(line.register.devices[MN], channels={})
    line.put(frame())
    line.ingester.step()
    assert line.values("P-AA1/a21002/Avg/hour") == [41.5]


def test_frame_from_a_wrong_network_is_not_that_device(line: Line) -> None:
    """And it does not take the place of the same frame from the right one."""
    line.put(frame(), marks=Mark.WRONG_NETWORK)
    line.put(frame())
    line.ingester.step()
    assert line.outcomes() == ["wrong_network", "stored"]
    assert line.values() == [41.5]


@pytest.mark.parametrize("year", ["2016", "2021"])
def test_clock_years_off_spoils_no_history_and_is_counted(line: Line, year: str) -> None:
    at = RECEIVED.replace(year=int(year))
    line.put(frame(at=at, qn=f"{year}1121083000000"), frame())
    line.ingester.step()
    assert line.outcomes() == ["clock_off", "stored"]
    assert line.values() == [41.5]
    assert line.register.counts[MN]["clock_off"] == 1
    assert line.register.drift[MN] == pytest.approx(-3600, abs=1)


def test_dialect_and_key_of_the_device_are_used(line: Line) -> None:
    key = bytes(range(16))
    secret = encode(qn="20261121073000001", st="31", cn="2061", pw="123456", mn=MN, flag=9, sm4_key=key,
                    cp="DataTime=20261121060000;a21002-Avg=12.5,a21002-Flag=N")  # fmt: skip
    body = frame()[6:-6]
    modbus = b"##%04d%s%04X\r\n" % (len(body), body, crc16_modbus(body))
    line.put(secret, modbus)
    line.ingester.step()
    assert line.values() == []
    assert line.register.counts[MN]["encrypted"] == 1
    assert line.register.counts[MN]["crc_modbus"] == 1
    line.register.how[MN] = Known(frozenset({CrcDialect.MODBUS}), (key,))
    line.put(secret, modbus)
    line.ingester.step()
    assert line.values() == [12.5, 41.5]
    assert line.register.counts[MN]["crc_modbus"] == 2


def test_hour_interval_of_the_register(line: Line) -> None:
    line.register.devices[MN] = replace(line.register.devices[MN], hour_seconds=4 * 3600)
    line.put(frame(at=RECEIVED - timedelta(hours=5)))
    line.ingester.step()
    (found,) = line.readings()
    assert found.end - found.start == 4 * 3600
