"""Frames as devices of the field write them: padded lengths, short checks, fields behind CP; parts lost at random.

The answer must not depend on how the bytes were cut, and no value may ever come under another message's time.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.hj212 import Deviation, Frame, Framer, Joiner, Rejected, crc16, decode, encode
from qingyuan.hj212.message import beijing_time

MN = "010000A8900016F000169DC0"


def body_with(wanted: str) -> bytes:
    """A segment whose check begins as wanted (four hexadecimal digits)."""
    for number in range(100_000):
        body = (
            f"QN=20241201{number % 240_000:06d}123;ST=32;CN=2011;PW=123456;MN={MN};Flag=5;"
            f"CP=&&DataTime=20241201000000;w01018-Rtd={number}.5&&"
        ).encode()
        if f"{crc16(body):04X}".startswith(wanted):
            return body
    raise AssertionError(wanted)


SHORT = body_with("0")
WHOLE = encode(
    qn="20241201010101001", st="32", cn="2011", pw="123456", mn=MN, flag=5, cp="DataTime=20241201000000;w01018-Rtd=1"
)
CHECK = b"%X" % crc16(SHORT)
ODD = {
    "short-check": (b"##%04d%s%s\r\n" % (len(SHORT), SHORT, CHECK), Deviation.CRC_SHORT),
    "short-check-lf": (b"##%04d%s%s\n" % (len(SHORT), SHORT, CHECK), Deviation.CRC_SHORT),
    "blank-before-check": (b"##%04d%s%s\r\n" % (len(SHORT), SHORT, CHECK.rjust(4)), Deviation.CRC_SHORT),
    "blank-behind-check": (b"##%04d%s%s\r\n" % (len(SHORT), SHORT, CHECK.ljust(4)), Deviation.CRC_SHORT),
    "small-letters": (b"##%04d%s%s\r\n" % (len(SHORT), SHORT, CHECK.lower()), Deviation.CRC_SHORT),
    "length-with-blank": (b"##%4d%s%04X\r\n" % (len(SHORT), SHORT, crc16(SHORT)), Deviation.LENGTH_FORM),
    "length-without-zero": (b"##%d%s%04X\r\n" % (len(SHORT), SHORT, crc16(SHORT)), Deviation.LENGTH_FORM),
    "length-blank-behind": (b"##%-4d%s%04X\r\n" % (len(SHORT), SHORT, crc16(SHORT)), Deviation.LENGTH_FORM),
    "both": (b"##%d%s%s\r\n" % (len(SHORT), SHORT, CHECK), Deviation.LENGTH_FORM),
}


def flag_behind() -> bytes:
    body = f"QN=20241201010101123;ST=32;CN=2011;PW=123456;MN={MN};CP=&&DataTime=20241201000000;w01018-Rtd=3.5&&;Flag=5".encode()
    return b"##%04d%s%04X\r\n" % (len(body), body, crc16(body))


ODD["flag-behind-cp"] = (flag_behind(), Deviation.HEAD_AFTER_CP)


@pytest.mark.parametrize("name", list(ODD))
def test_an_odd_frame_is_read_and_named_and_so_is_the_next(name: str):
    """A check of F00 for 0F00 was refused for ever; the device sent it again without end."""
    raw, deviation = ODD[name]
    pieces = Framer().feed(raw + WHOLE)
    assert [type(piece) for piece in pieces] == [Frame, Frame]
    message = decode(pieces[0])
    assert deviation in message.deviations
    assert (message.is_usable, message.head.flag, list(message.items)) == (True, 5, ["w01018"])
    assert b"".join(piece.raw for piece in pieces) == raw + WHOLE


@pytest.mark.parametrize("check", [b"0000", b"F0", b"   0", b"G00", b"F00F00"])
def test_what_no_sum_proves_is_refused_and_named(check: bytes):
    raw = b"##%04d%s%s\r\n" % (len(SHORT), SHORT, check)
    pieces = Framer().feed(raw + WHOLE)
    refused = [piece for piece in pieces if isinstance(piece, Rejected)]
    assert len(refused) >= 1
    assert [piece for piece in pieces if isinstance(piece, Frame)] == Framer().feed(WHOLE)
    assert (Deviation.CRC_ZERO in refused[0].deviations) == (check == b"0000")


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.lists(st.sampled_from([*ODD, "whole"]), min_size=1, max_size=5), st.data())
def test_the_answer_does_not_depend_on_how_the_bytes_were_cut(names: list[str], data: st.DataObject):
    raw = b"".join(WHOLE if name == "whole" else ODD[name][0] for name in names)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    framer = Framer()
    pieces = [p for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True) for p in framer.feed(raw[a:b])]
    pieces += framer.close()
    assert pieces == Framer().feed(raw)
    assert len(pieces) == len(names)


def cut_part(message: int, number: int, total: int, gap_s: int, has_equal_qn: bool, has_qn: bool) -> Frame:
    """One part of a message whose text is cut between items; only the first bears the time."""
    at = 8 * 3600 + message * gap_s
    clock = f"{at // 3600:02d}{at // 60 % 60:02d}{at % 60:02d}"
    cp = f"w{number:05d}-Avg={message}.{number},w{number:05d}-Flag=N"
    cp = f"DataTime=20241201{clock};{cp}" if number == 1 else cp
    qn = f"20241201{clock}{100 + (0 if has_equal_qn else number):03d}" if has_qn else ""
    raw = encode(qn=qn, st="32", cn="2051", pw="1", mn=MN, flag=7 if has_qn else 3, cp=cp, pnum=total, pno=number)
    (piece,) = Framer().feed(raw)
    assert isinstance(piece, Frame)
    return piece


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    st.integers(2, 4), st.integers(2, 8), st.sampled_from([60, 300, 600, 3600]), st.booleans(), st.booleans(), st.data()
)
def test_lost_parts_never_shift_a_value(
    total: int, count: int, gap_s: int, has_equal_qn: bool, has_qn: bool, data: st.DataObject
):
    """Part 2 of message n-1 was joined to part 1 of message n, and so on without end."""
    lost = data.draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(1, total)), max_size=count * total))
    twice = data.draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(1, total)), max_size=3))
    joiner, joined = Joiner(), []
    for message in range(count):
        at = beijing_time("20241201090000")
        assert at is not None
        at = at.fromtimestamp(at.timestamp() + message * gap_s, at.tzinfo)
        joined += joiner.expire(at)
        for number in range(1, total + 1):
            if (message, number) not in lost:
                part = cut_part(message, number, total, gap_s, has_equal_qn, has_qn)
                joined += joiner.add(part, at)
                joined += joiner.add(part, at) if (message, number) in twice else []
    joined += joiner.close()
    whole = {message for message in range(count) if not any((message, n) in lost for n in range(1, total + 1))}
    complete = set()
    for one in joined:
        found = decode(one.frame)
        numbers = {float(subs["Avg"]) // 1 for subs in found.items.values() if "Avg" in subs}
        if found.data_time is not None:
            assert len(numbers) <= 1
            second = found.data_time.hour * 3600 + found.data_time.minute * 60 + found.data_time.second - 8 * 3600
            assert numbers <= {second // gap_s}
        if one.is_complete:
            complete.add(int(numbers.pop()))
    assert complete == whole


def test_the_torn_end_of_a_part_whose_next_is_lost_is_not_used():
    """The text may have been cut in the middle of 12.5: the 1 is no value."""
    raw = encode(
        qn="20241201080000001", st="32", cn="2051", pw="1", mn=MN, flag=7,
        cp="DataTime=20241201080000;w01018-Avg=31,w01018-Flag=N;w21003-Avg=1", pnum=2, pno=1,
    )  # fmt: skip
    (piece,) = Framer().feed(raw)
    assert isinstance(piece, Frame)
    joiner, at = Joiner(), beijing_time("20241201080000")
    assert at is not None
    assert joiner.add(piece, at) == []
    (given_up,) = joiner.close()
    assert decode(given_up.frame).items == {"w01018": {"Avg": "31", "Flag": "N"}}
