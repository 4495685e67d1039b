"""A stream into frames: resynchronisation, half frames, limits, independence of chunking."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.hj212 import CrcDialect, Deviation, DialectTally, Frame, Framer, Known, Rejected, crc16_modbus, encode
from qingyuan.hj212.encode import envelope

MN = "010000A8900016F000169DC0"


def frame(second: int = 0, value: str = "35.2", info: str = "") -> bytes:
    return encode(
        qn=f"202406010858{second:02d}223",
        st="32",
        cn="2011",
        pw="123456",
        mn=MN,
        flag=5,
        cp=f"DataTime=202406010858{second:02d};w01018-Rtd={value},w01018-Flag=N{info}",
    )


def run(data: bytes, cuts: list[int] | None = None, max_segment: int = 4096) -> list[Frame | Rejected]:
    framer = Framer(max_segment)
    out: list[Frame | Rejected] = []
    edges = [0, *sorted(cuts or []), len(data)]
    for start, stop in pairwise(edges):
        out += framer.feed(data[start:stop])
    out += framer.close()
    assert framer.pending == 0
    return out


def reasons(pieces: list[Frame | Rejected]) -> list[str]:
    return ["frame" if isinstance(piece, Frame) else str(piece.reason) for piece in pieces]


def test_a_frame_gives_its_head_without_reading_cp():
    (piece,) = Framer().feed(frame())
    assert isinstance(piece, Frame)
    assert (piece.qn, piece.st, piece.cn, piece.pw, piece.mn) == (
        "20240601085800223",
        "32",
        "2011",
        "123456",
        MN,
    )
    assert (piece.flag, piece.pnum, piece.pno) == (5, None, None)
    assert piece.wants_answer
    assert piece.edition == "2017"
    assert piece.deviations == ()
    assert piece.raw == frame()


def test_half_a_frame_waits_for_the_rest():
    framer = Framer()
    assert framer.feed(frame()[:100]) == []
    assert framer.pending == 100
    assert reasons(framer.feed(frame()[100:])) == ["frame"]
    assert framer.pending == 0


def test_the_end_of_the_line_names_what_was_left_over():
    framer = Framer()
    framer.feed(frame()[:100])
    assert framer.close() == [Rejected(frame()[:100], Deviation.TRUNCATED, (Deviation.TRUNCATED,))]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (b"\x00\xff\x13noise", ["garbage", "frame"]),
        (b"#", ["garbage", "frame"]),
        (b"##", ["garbage", "frame"]),
        (b"\r\n\r\n  ", ["frame"]),
        (b"##12x4 nonsense", ["bad_length", "frame"]),
        (b"##9999QN=2024", ["over_long", "frame"]),
        (frame()[:80], ["bad_length", "frame"]),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", ["garbage", "frame"]),
    ],
    ids=["noise", "one-hash", "two-hashes", "blanks", "letter-in-length", "too-long", "half-frame", "http"],
)
def test_what_comes_before_does_not_hide_a_good_frame(before: bytes, expected: list[str]):
    assert reasons(run(before + frame())) == expected


def test_a_wrong_check_rejects_one_frame_and_names_the_dialect():
    body = frame()[6:-6]
    modbus = b"##%04d%s%04X\r\n" % (len(body), body, crc16_modbus(body))
    wrong = frame()[:-6] + b"0000\r\n"
    assert reasons(run(wrong + frame(1))) == ["crc_mismatch", "frame"]
    (piece,) = run(modbus)
    assert isinstance(piece, Rejected)
    assert piece.reason is Deviation.CRC_MISMATCH
    assert piece.dialect is CrcDialect.MODBUS
    assert Deviation.CRC_MODBUS in piece.deviations


def test_a_device_known_for_its_dialect_is_read_with_a_deviation():
    body = frame()[6:-6]
    modbus = b"##%04d%s%04X\r\n" % (len(body), body, crc16_modbus(body))
    (piece,) = Framer(accepted_dialects=frozenset({CrcDialect.MODBUS})).feed(modbus)
    assert isinstance(piece, Frame)
    assert piece.deviations == (Deviation.CRC_MODBUS,)


def test_header_and_tail_characters_inside_a_text_are_text():
    raw = frame(info=";i11001-Info=//a##0010b\r\n&&//")
    (piece,) = run(raw)
    assert isinstance(piece, Frame)
    assert piece.raw == raw


def test_length_counted_in_characters_is_understood_with_a_deviation():
    body = frame(info=";i11001-Info=//流量计故障//")[6:-6]
    characters = len(body.decode())
    data = b"##%04d%s%s" % (characters, body, frame(info=";i11001-Info=//流量计故障//")[-6:])
    pieces = run(data + frame(1))
    assert reasons(pieces) == ["frame", "frame"]
    assert pieces[0].deviations == (Deviation.LENGTH_IN_CHARACTERS,)
    assert pieces[1].deviations == ()


@pytest.mark.parametrize(
    ("tail", "deviation"),
    [(b"\n", Deviation.TAIL_LF), (b"\r", Deviation.TAIL_CR), (b"", Deviation.TAIL_MISSING)],
    ids=["lf-only", "cr-only", "no-tail"],
)
def test_a_wrong_tail_is_taken_with_a_deviation(tail: bytes, deviation: Deviation):
    first, second = run(frame()[:-2] + tail + frame(1))
    assert isinstance(first, Frame)
    assert first.deviations == (deviation,)
    assert reasons([second]) == ["frame"]


def test_a_quiet_line_gives_up_waiting_for_the_tail():
    framer = Framer()
    assert framer.feed(frame()[:-2]) == []
    assert reasons(framer.settle()) == ["frame"]


def test_a_long_run_of_garbage_is_given_up_in_bounded_pieces():
    framer = Framer(max_segment=1024)
    out = framer.feed(b"x" * 5000)
    assert framer.pending < 1036
    assert sum(len(piece.raw) for piece in out + framer.close()) == 5000


def test_a_flood_of_headers_costs_no_more_than_linear_work():
    pieces = run(b"##0100" + b"#" * 200_000 + frame())
    assert reasons(pieces)[-1] == "frame"
    assert sum(len(piece.raw) for piece in pieces) == 200_006 + len(frame())


chunk = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([frame(), frame(1), frame(2)[:90], frame()[:-6] + b"0000\r\n", b"##", b"\r\n", b"##0010"]),
    st.sampled_from([b"##9999", b"#", frame(3, info=";x=##0020"), frame()[:-2], b"&&ABCD", frame()[50:]]),
)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.lists(chunk, max_size=8), st.lists(st.integers(0, 800), max_size=12))
def test_any_chunking_gives_the_same_pieces(parts: list[bytes], cuts: list[int]):
    data = b"".join(parts)
    assert run(data, [cut for cut in cuts if cut < len(data)]) == run(data)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.lists(chunk, max_size=8))
def test_every_byte_but_blanks_ends_in_one_piece(parts: list[bytes]):
    data = b"".join(parts)
    joined = b"".join(piece.raw for piece in run(data, max_segment=1024))
    assert joined.translate(None, b" \t\r\n") == data.translate(None, b" \t\r\n")


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.binary(max_size=300), st.integers(0, 59))
def test_garbage_never_hides_the_good_frame_behind_it(garbage: bytes, second: int):
    pieces = run(garbage + frame(second))
    assert isinstance(pieces[-1], Frame)
    assert pieces[-1].raw == frame(second)


@pytest.mark.parametrize(
    ("flag", "field", "deviations"),
    [(9, "RF=1;", ()), (5, "RF=1;", (Deviation.UNKNOWN_HEAD_FIELD,)), (9, "Ver=2;", (Deviation.UNKNOWN_HEAD_FIELD,))],
    ids=["RF-of-2025", "RF-of-2017", "unknown"],
)
def test_fields_that_the_edition_does_not_have_are_named(flag: int, field: str, deviations: tuple[Deviation, ...]):
    raw = encode(qn="20240601085857223", st="31", cn="9015", pw="123456", mn=MN, flag=flag)
    (piece,) = run(envelope(raw[6:-6].replace(b"CP=", field.encode() + b"CP=")))
    assert isinstance(piece, Frame)
    assert piece.deviations == deviations
    assert piece.head.is_resent == (field == "RF=1;")


def test_a_frame_sent_again_says_so():
    raw = encode(qn="20240601085857223", st="31", cn="9015", pw="123456", mn=MN, flag=9, is_resent=True)
    (piece,) = run(raw)
    assert isinstance(piece, Frame)
    assert (piece.head.is_resent, piece.deviations) == (True, ())


def test_dialects_are_accepted_and_counted_by_device():
    """A line that carries three devices: one right, one known for Modbus, one not known for it."""
    bodies = [
        frame(second)[6:-6].replace(MN.encode(), mn) for second, mn in enumerate((b"A" * 24, b"B" * 24, b"C" * 24))
    ]
    raws = [envelope(bodies[0]), *(envelope(body, crc16_modbus(body)) for body in bodies[1:])]
    known = {"B" * 24: Known(frozenset({CrcDialect.MODBUS}))}
    framer = Framer(known_of=lambda mn: known.get(mn, Known()))
    pieces = framer.feed(b"".join(raws))
    assert reasons(pieces) == ["frame", "frame", "crc_mismatch"]
    tally = DialectTally()
    for piece in [*pieces, *pieces]:
        tally.add(piece)
    assert tally.of("A" * 24) == {"hj": 2}
    assert tally.of("B" * 24) == tally.of("C" * 24) == {"modbus": 2}
