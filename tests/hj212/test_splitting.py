"""HJ 212-2017, annex C.49 and C.50: parts of one message, in both styles, in any order, late, twice, missing."""

from __future__ import annotations

import codecs
import csv
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.hj212 import (
    Deviation,
    Frame,
    Framer,
    Joined,
    Joiner,
    UnencodableError,
    decode,
    encode,
    encode_parts,
    split_cp,
)

NOW = datetime(2024, 6, 1, 1, 0, tzinfo=UTC)
MN = "010000A8900016F000169DC0"
TIME = "DataTime=20240601080000"
ITEMS = [f"a2{n:04d}-Avg={n}.5,a2{n:04d}-Flag=N" for n in range(1, 13)]


def part(number: int, total: int, cp: str, qn: str = "20240601090000001", mn: str = MN, cn: str = "2061") -> Frame:
    raw = encode(qn=qn, st="31", cn=cn, pw="123456", mn=mn, flag=7, cp=cp, pnum=total, pno=number)
    (piece,) = Framer().feed(raw)
    assert isinstance(piece, Frame)
    return piece


def in_items(total: int = 3) -> list[Frame]:
    size = len(ITEMS) // total
    return [
        part(n + 1, total, ";".join([TIME, *ITEMS[n * size : (n + 1) * size]]), f"20240601090000{n:03d}")
        for n in range(total)
    ]


def join(frames: list[Frame], joiner: Joiner | None = None) -> list[Joined]:
    joiner = joiner or Joiner()
    return [joined for frame in frames for joined in joiner.add(frame, NOW)]


WHOLE = {code: {"Avg": f"{n}.5", "Flag": "N"} for n in range(1, 13) for code in [f"a2{n:04d}"]}


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=lambda order: "".join(map(str, order)))
def test_c49_parts_whole_at_item_level_in_any_order(order: tuple[int, ...]):
    parts = in_items()
    (joined,) = join([parts[n] for n in order])
    assert (joined.is_complete, joined.completeness, joined.missing) == (True, 1.0, ())
    message = decode(joined.frame)
    assert message.items == WHOLE
    assert message.deviations == ()
    assert (message.head.flag, message.head.pnum, message.head.pno) == (5, None, None)
    assert message.head.qn == "20240601090000000"


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.lists(st.integers(1, 330), min_size=1, max_size=4, unique=True), st.randoms(use_true_random=False))
def test_text_cut_anywhere_is_put_together(cuts: list[int], random):
    text = ";".join([TIME, *ITEMS])
    edges = [0, *sorted(23 + cut for cut in cuts), len(text)]
    parts = [part(n + 1, len(edges) - 1, text[edges[n] : edges[n + 1]]) for n in range(len(edges) - 1)]
    random.shuffle(parts)
    joined = join(parts)
    assert [one.is_complete for one in joined] == [True]
    assert joined[0].frame.cp.decode() == text
    assert decode(joined[0].frame).items == WHOLE


def test_text_cut_between_items_without_the_semicolon():
    first, second = ";".join([TIME, *ITEMS[:6]]), ";".join(ITEMS[6:])
    (joined,) = join([part(1, 2, first), part(2, 2, second)])
    assert decode(joined.frame).items == WHOLE


def test_two_devices_and_two_hours_do_not_mix():
    other_hour = [part(n, 2, f"DataTime=20240601090000;{ITEMS[n]}") for n in (1, 2)]
    this_hour = [part(n, 2, f"{TIME};{ITEMS[n]}") for n in (1, 2)]
    other_device = [part(n, 2, f"{TIME};{ITEMS[n]}", mn="B" * 24) for n in (1, 2)]
    joiner = Joiner()
    assert join([other_hour[0], this_hour[0], other_device[0]], joiner) == []
    assert joiner.waiting == 3
    done = join([other_device[1], this_hour[1], other_hour[1]], joiner)
    assert [(one.frame.mn, decode(one.frame).fields["DataTime"]) for one in done] == [
        ("B" * 24, "20240601080000"), (MN, "20240601080000"), (MN, "20240601090000")
    ]  # fmt: skip


def test_a_message_not_complete_in_time_is_given_up_with_what_came():
    joiner = Joiner(timedelta(seconds=60))
    first, _, third = in_items()
    assert join([first, third], joiner) == []
    assert joiner.expire(NOW + timedelta(seconds=59)) == []
    (given_up,) = joiner.expire(NOW + timedelta(seconds=60))
    assert (given_up.missing, given_up.is_complete) == ((2,), False)
    assert given_up.completeness == pytest.approx(2 / 3)
    message = decode(given_up.frame)
    assert len(message.items) == 8
    assert message.deviations == (Deviation.SPLIT_INCOMPLETE,)
    assert message.is_usable
    assert joiner.waiting == 0


def test_a_part_that_comes_twice_counts_once_also_after_completion():
    first, second = (part(n, 2, f"{TIME};{ITEMS[n]}") for n in (1, 2))
    joiner = Joiner()
    assert len(join([first, first, second], joiner)) == 1
    assert join([first, second], joiner) == []
    assert joiner.waiting == 0
    later = NOW + timedelta(seconds=61)
    assert joiner.add(first, later) == []
    assert joiner.waiting == 1


@pytest.mark.parametrize("again", [0, 1, 2], ids=["first", "second", "third"])
@pytest.mark.parametrize("after", [0, 1, 2], ids=["after-first", "after-second", "after-third"])
def test_a_part_of_cut_text_that_comes_twice_counts_once(again: int, after: int):
    """Later parts have no DataTime: one sent again was taken for the beginning of another message."""
    text = ";".join([TIME, *ITEMS])
    parts = [part(n + 1, 3, text[n * 120 : (n + 1) * 120] if n < 2 else text[240:]) for n in range(3)]
    sent = [*parts[: after + 1], parts[min(again, after)], *parts[after + 1 :]]
    joiner = Joiner()
    (joined,) = join(sent, joiner)
    assert decode(joined.frame).items == WHOLE
    assert joiner.close() == []


def test_a_part_that_comes_again_with_another_content_replaces_and_is_named():
    (joined,) = join(
        [part(1, 2, f"{TIME};{ITEMS[0]}"), part(1, 2, f"{TIME};{ITEMS[1]}"), part(2, 2, f"{TIME};{ITEMS[2]}")]
    )
    message = decode(joined.frame)
    assert list(message.items) == ["a20002", "a20003"]
    assert message.deviations == (Deviation.SPLIT_CONFLICT,)


def test_what_is_not_split_passes_through():
    raw = encode(qn="20240601090000001", st="31", cn="2061", pw="1", mn=MN, flag=5, cp=TIME)
    (frame,) = Framer().feed(raw)
    assert isinstance(frame, Frame)
    (joined,) = Joiner().add(frame, NOW)
    assert joined.frame is frame
    assert joined.is_complete


def test_a_flood_of_first_parts_is_bounded():
    joiner = Joiner(most=10)
    given_up = join([part(1, 2, f"{TIME};{ITEMS[0]}", mn=f"{n:024d}") for n in range(50)], joiner)
    assert joiner.waiting == 10
    assert len(given_up) == 40
    assert len(joiner.close()) == 10


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(1, 60), st.integers(120, 950), st.randoms(use_true_random=False))
def test_joining_after_cutting_is_identity(count: int, most: int, random):
    cp = ";".join([TIME, *(f"w{n:05d}-Min={n}.1,w{n:05d}-Avg={n}.2,w{n:05d}-Flag=N" for n in range(count))])
    raws = list(encode_parts(qn="20240601235959999", st="32", cn="2061", pw="1", mn=MN, flag=5, cp=cp, most=most))
    frames = Framer().feed(b"".join(raws))
    assert all(isinstance(frame, Frame) and len(frame.cp) <= most for frame in frames)
    assert len({frame.head.qn for frame in frames}) == len(frames)
    random.shuffle(frames)
    (joined,) = join([frame for frame in frames if isinstance(frame, Frame)])
    assert decode(joined.frame).items == decode(Frame(b"", f"CP=&&{cp}&&".encode(), 0)).items


def test_an_item_longer_than_a_packet_is_refused():
    with pytest.raises(UnencodableError, match="数据项"):
        split_cp(f"{TIME};i11001-Info=//{'x' * 1000}//")


def test_the_shared_vector_of_a_part_sent_twice(shared: Path):
    with (shared / "vectors/hj212_packets.csv").open(encoding="utf-8", newline="") as file:
        (row,) = (row for row in csv.DictReader(file) if row["expect"] == "1 merged record")
    pieces = Framer().feed(codecs.escape_decode(row["packet_escaped"].encode())[0])
    assert len(pieces) == 3
    (joined,) = join([piece for piece in pieces if isinstance(piece, Frame)])
    assert joined.is_complete
    assert decode(joined.frame).deviations == ()
