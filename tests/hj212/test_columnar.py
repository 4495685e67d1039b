"""Batches in columns say the same as frames one by one, whatever is in them."""

from __future__ import annotations

import codecs
import csv
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.hj212 import Frame, Framer, Message, crc16, decode, encode
from qingyuan.hj212.checks import check_frames
from qingyuan.hj212.columnar import Batch, decode_batch
from qingyuan.hj212.encode import envelope
from qingyuan.hj212.spans import read_times

MN = "010000A8900016F000169DC0"


def frame(cp: str, second: int = 57, mn: str = MN, cn: str = "2011", flag: int = 5) -> bytes:
    return encode(qn=f"202406010858{second:02d}223", st="32", cn=cn, pw="123456", mn=mn, flag=flag, cp=cp)


def as_read(raws: list[bytes], received_at: list[datetime] | None = None) -> list[tuple[int, object]]:
    """What reading one by one makes of each."""
    found: list[tuple[int, object]] = []
    for row, raw in enumerate(raws):
        framer = Framer()
        for piece in framer.feed(raw) + framer.close():
            at = received_at[row] if received_at else None
            found.append((row, facts(decode(piece, at)) if isinstance(piece, Frame) else piece))
    return found


def as_batch(batch: Batch) -> list[tuple[int, object]]:
    found: list[tuple[int, object]] = [
        (row, facts(columns.message(place)))
        for columns in batch.columns
        for place, row in enumerate(columns.rows.tolist())
    ]
    found += [(one.row, facts(one.message) if one.message else one.piece) for one in batch.singles]
    assert len(found) >= len(list(batch.messages()))
    return sorted(found, key=lambda pair: pair[0])


def facts(message: Message) -> tuple[object, ...]:
    section = message.section
    return (
        message.head, message.data_time, message.items, message.fields, message.deviations, list(section.texts),
        [repr(value) for value in section.values], section.flags, section.layout.slots,
    )  # fmt: skip


def warmed(raws: list[bytes]) -> Batch:
    """The second reading: the first has met every structure."""
    decode_batch(raws)
    return decode_batch(raws)


def test_plain_frames_are_read_in_columns():
    raws = [
        frame(f"DataTime=202406010858{n:02d};w01018-Rtd={n}.50,w01018-Flag=N;w00000-Rtd=-3,w00000-Flag=D", n)
        for n in range(60)
    ]
    batch = warmed(raws)
    (columns,) = batch.columns
    assert batch.singles == ()
    assert columns.rows.tolist() == list(range(60))
    assert columns.values[7].tolist() == [7.5, -3.0]
    assert columns.decimals[7].tolist() == [2, 0]
    assert columns.flags[7].tobytes() == b"ND"
    assert columns.qn[7] == 20240601085807223
    assert columns.data_time[7] == datetime(2024, 6, 1, 0, 58, 7, tzinfo=UTC).timestamp()
    assert columns.heads[7].mn == MN
    assert as_batch(batch) == as_read(raws)


def test_several_devices_and_structures_keep_their_places():
    raws = [
        frame(f"DataTime=20240601085857;w0101{n % 3}-Avg={n},w0101{n % 3}-Flag=N", mn=f"{n % 5:024d}", cn="2051")
        for n in range(40)
    ]
    batch = warmed(raws)
    assert sum(len(columns.rows) for columns in batch.columns) >= 8
    assert as_batch(batch) == as_read(raws)


ODD = [
    "DataTime=20240601085857;w01018-Rtd=1e5,w01018-Flag=N", "DataTime=20240601085857;w01018-Rtd=.5,w01018-Flag=N",
    "DataTime=20240601085857;w01018-Rtd=5.,w01018-Flag=N", "DataTime=20240601085857;w01018-Rtd=--,w01018-Flag=N",
    "DataTime=20240601085857;w01018-Rtd=,w01018-Flag=N", "DataTime=20240601085857;w01018-Rtd=1.2.3,w01018-Flag=N",
    "DataTime=20240601085857;w01018-Rtd=-,w01018-Flag=N", "DataTime=20240601085857;w01018-Rtd=-.5,w01018-Flag=N",
    "DataTime=20240601085857;w01018-Rtd=12345678.90,w01018-Flag=N", "DataTime=20240601085857;w01018-Rtd=nan,w01018-Flag=N",
    "DataTime=20240601085857;w01018-Rtd=123456789012345,w01018-Flag=N", "DataTime=20240601085857;w01018-Rtd=+5,w01018-Flag=N",
    "DataTime=20240601085857;w01018-Rtd=-0,w01018-Flag=N", "DataTime=20240601085857;w01018-Rtd=007,w01018-Flag=N",
    "DataTime=20240601085857;w01018-Rtd=1,w01018-Flag=NN", "DataTime=20240601085857;w01018-Rtd=1,w01018-Flag=",
    "DataTime=20240601085857;w01018-Rtd=1,w01018-Flag=3", "DataTime=20240601085857;w01018-Rtd=1;w01018-Flag=N",
    "DataTime=20240601085857,w01018-Rtd=1,w01018-Flag=N", "DataTime=20240601085857;w01018=Rtd-1,w01018-Flag=N",
    "DataTime=20240230085857;w01018-Rtd=1,w01018-Flag=N", "DataTime=202406010858;w01018-Rtd=1,w01018-Flag=N",
    "DataTime=19880601085857;w01018-Rtd=1,w01018-Flag=N", "DataTime=20240601085857;w01018-Rtd=1,w01018-Flag=N;",
    "DataTime=20240601085857;w01019-Rtd=1,w01019-Flag=N", "DataTime=20240601085857;w01018-Rtd=1,w01018-Rtd=2", "",
]  # fmt: skip


@pytest.mark.parametrize("cp", ODD, ids=[cp[15:] or "empty" for cp in ODD])
def test_an_odd_one_among_plain_ones_is_read_as_by_itself(cp: str):
    plain = "DataTime=20240601085857;w01018-Rtd=35.2,w01018-Flag=N"
    raws = [frame(plain), frame(cp), frame(plain)]
    assert as_batch(warmed(raws)) == as_read(raws)


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw[:-6] + b"0000\r\n", lambda raw: raw[:-2] + b"\n", lambda raw: raw[:-6] + raw[-6:].lower(),
        lambda raw: b"noise" + raw, lambda raw: raw + raw, lambda raw: raw[:40], lambda raw: b"", lambda raw: raw[:5],
        lambda raw: envelope(raw[6:-6].replace(b"QN=", b"qn=")), lambda raw: envelope(raw[6:-6].replace(b"0858", b"2558")),
        lambda raw: envelope(raw[6:-6].replace(b"N&&", b"\xc4&&")), lambda raw: b"#0" + raw[2:],
        lambda raw: raw[:2] + b"0001" + raw[6:],
    ],
    ids=[
        "crc", "lf", "lower-case", "noise", "two", "half", "empty", "five-bytes", "qn-name", "qn-time", "not-ascii",
        "one-hash", "length",
    ],
)  # fmt: skip
def test_a_faulty_frame_among_plain_ones_is_read_as_by_itself(change):
    raw = frame("DataTime=20240601085857;w01018-Rtd=35.2,w01018-Flag=N")
    raws = [raw, change(raw), raw]
    assert as_batch(warmed(raws)) == as_read(raws)


def test_a_time_ahead_is_named_in_batches_too():
    raws = [frame(f"DataTime=20{year}0601085857;w01018-Rtd=3") for year in (24, 34, 24)]
    received = [datetime(2024, 6, 1, 1, 0, tzinfo=UTC) + timedelta(seconds=n) for n in range(3)]
    decode_batch(raws)
    batch = decode_batch(raws, received)
    assert [one.row for one in batch.singles] == [1]
    assert as_batch(batch) == as_read(raws, received)


def test_no_frames_are_an_empty_batch():
    assert decode_batch([]) == Batch((), ())


values = st.one_of(
    st.decimals(min_value=-99999, max_value=9999999, places=2).map(str), st.integers(-999, 10**9).map(str),
    st.sampled_from(["0", "-0.0", "12345678", "1234567.8", "123456789.12", "0.0000001", "--", "1e3", "", "999999999999999"]),
)  # fmt: skip
seconds = st.integers(0, 59)
section = st.lists(
    st.tuples(st.sampled_from(["w01018", "w21003", "a21026"]), values, st.sampled_from("NFDX3")), max_size=4
)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.lists(st.tuples(section, seconds, st.sampled_from([4, 5, 9, 1])), max_size=12))
def test_any_batch_equals_one_by_one(made):
    raws = []
    for items, second, flag in made:
        groups = [f"{code}-Rtd={value},{code}-Flag={letter}" for code, value, letter in items]
        raws.append(frame(";".join([f"DataTime=202406010858{second:02d}", *groups]), second, flag=flag))
    assert as_batch(decode_batch(raws)) == as_read(raws)
    assert as_batch(decode_batch(raws)) == as_read(raws)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.lists(st.one_of(st.binary(max_size=80), st.binary(max_size=60).map(envelope)), max_size=8))
def test_any_bytes_equal_one_by_one(raws: list[bytes]):
    plain = frame("DataTime=20240601085857;w01018-Rtd=35.2,w01018-Flag=N")
    assert as_batch(decode_batch([*raws, plain])) == as_read([*raws, plain])


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.lists(st.binary(max_size=300).map(lambda raw: bytes(b & 0x7F for b in raw)), min_size=1, max_size=6))
def test_checks_of_many_agree_with_the_check_of_one(bodies: list[bytes]):
    whole = [b"QN=" + body + b"&&" for body in bodies]
    raws = [envelope(body) for body in whole] + [envelope(body, crc16(body) ^ 0x100) for body in whole]
    assert check_frames(raws, 1024).tolist() == [True] * len(whole) + [False] * len(whole)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.datetimes(datetime(1992, 1, 1), datetime(2100, 1, 1)), st.integers(0, 99999999999999))  # noqa: DTZ001
def test_times_agree_with_the_calendar(instant: datetime, digits: int):
    def read(text: str) -> tuple[int, bool]:
        times, right = read_times(np.frombuffer(text.encode(), np.uint8).reshape(1, -1))
        return int(times[0]), bool(right[0])

    beijing = instant.replace(microsecond=0, tzinfo=UTC) - timedelta(hours=8)
    assert read(instant.strftime("%Y%m%d%H%M%S")) == (int(beijing.timestamp()), True)
    text = f"{digits:014d}"
    try:
        right = datetime.strptime(text, "%Y%m%d%H%M%S").year >= 1992  # noqa: DTZ007
    except ValueError:
        right = False
    assert read(text)[1] == right


def test_shared_packets_equal_one_by_one(shared: Path):
    with (shared / "vectors/hj212_packets.csv").open(encoding="utf-8", newline="") as file:
        raws = [codecs.escape_decode(row["packet_escaped"].encode())[0] for row in csv.DictReader(file)]
    session = gzip.decompress((shared / "data/hj212_packets/virtual_station_session.txt.gz").read_bytes())
    raws += [line + b"\r\n" for line in session.split(b"\r\n") if line]
    batch = warmed(raws)
    assert as_batch(batch) == as_read(raws)
