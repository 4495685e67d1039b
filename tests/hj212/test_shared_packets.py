"""Packets of the standard's annex, of the field and of malformed series, as the vectors expect them."""

from __future__ import annotations

import codecs
import csv
import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from qingyuan.hj212 import Deviation, Frame, Framer, Rejected, acknowledge, decode, describe, is_fatal

REASONED_DIFFERENCES = {
    "P008": "encrypted with a key that is not registered: rejected as encrypted",
    "P256": "LF only: the vector allows the lenient reading, which we take with a deviation",
    "P277": "CR only: the vector allows the lenient reading, which we take with a deviation",
    "P274": "a length filled up with a blank: read with a deviation where the check proves it (2026-11-30)",
    "P281": "half a frame waits; at the end of the line it is named truncated",
    "P308": "ten years ahead: only the receiver knows the present, so it is judged with received_at",
    "P317": "an absurd value is decoded as printed with a deviation; the range belongs to the outlet",
    "P329": "a wrong password is for the gateway's policy; the frame itself is right",
    "P331": "a flood of header signs: no frame",
    "P334": "three frames; joining split packets is another step",
}
REJECTED_BY_HEAD_OR_DATA = {
    "reject: CP not closed": Deviation.CP_NOT_CLOSED,
    "reject: no CP": Deviation.NO_CP,
    "reject: no MN (only CN 1001/9013 may have an empty MN)": Deviation.NO_MN,
    "reject: Flag range": Deviation.FLAG_RANGE,
    "reject: D=1 without PNUM/PNO": Deviation.SPLIT_HALF_NUMBERED,
    "reject: PNO > PNUM": Deviation.PACKET_NUMBER_RANGE,
    "reject: PNO < 1": Deviation.PACKET_NUMBER_RANGE,
    "reject item: invalid date": Deviation.BAD_DATA_TIME,
    "reject: no DataTime": Deviation.NO_DATA_TIME,
}
REJECTED_BY_FRAMING = {
    "reject: crc": Deviation.CRC_MISMATCH,
    "reject: crc (count as modbus-dialect)": Deviation.CRC_MISMATCH,
    "reject: crc not hex": Deviation.CRC_NOT_HEX,
    "reject: length": Deviation.BAD_LENGTH,
    "reject: length not digits": Deviation.BAD_LENGTH,
}


def pieces_of(raw: bytes) -> list[Frame | Rejected]:
    framer = Framer()
    return framer.feed(raw) + framer.close()


def vectors(shared: Path) -> list[dict[str, str]]:
    with (shared / "vectors/hj212_packets.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def judge(row: dict[str, str]) -> str:
    """What is wrong with our reading of a vector; "" if it is as expected."""
    pieces = pieces_of(codecs.escape_decode(row["packet_escaped"].encode())[0])
    frames = [piece for piece in pieces if isinstance(piece, Frame)]
    rejected = [piece for piece in pieces if isinstance(piece, Rejected)]
    expect = row["expect"]
    if expect in REJECTED_BY_FRAMING:
        wanted = REJECTED_BY_FRAMING[expect]
        return "" if not frames and [piece.reason for piece in rejected] == [wanted] else f"{pieces}"
    if len(frames) != 1:
        return f"{len(frames)} frames: {pieces}"
    message = decode(frames[0])
    if expect in REJECTED_BY_HEAD_OR_DATA:
        return "" if REJECTED_BY_HEAD_OR_DATA[expect] in message.deviations else f"{message.deviations}"
    if is_fatal(message.deviations):
        return f"fatal: {message.deviations}"
    is_strict = expect == "ok" and row["group"] in ("official", "2017-C", "2025-C")
    if is_strict and message.deviations:
        return f"valid, but got {message.deviations}"
    asks_repair = expect.startswith(("accept", "warn", "item null"))
    return "no deviation where the vector asks for one" if asks_repair and not message.deviations else ""


def test_every_vector_is_read_as_expected_or_differs_for_a_reason(shared: Path):
    judged = {row["id"]: judge(row) for row in vectors(shared) if row["id"] not in REASONED_DIFFERENCES}
    assert {name: fault for name, fault in judged.items() if fault} == {}
    assert len(judged) > 150


@pytest.mark.parametrize(
    ("name", "kinds", "deviation"),
    [
        ("P008", ["encrypted"], None),
        ("P256", ["frame"], Deviation.TAIL_LF),
        ("P277", ["frame"], Deviation.TAIL_CR),
        ("P274", ["frame"], Deviation.LENGTH_FORM),
        ("P281", ["truncated"], None),
        ("P308", ["frame"], None),
        ("P317", ["frame"], Deviation.ABSURD_NUMBER),
        ("P329", ["frame"], None),
        ("P331", ["bad_length"], None),
        ("P334", ["frame", "frame", "frame"], None),
    ],
)
def test_reasoned_differences(shared: Path, name: str, kinds: list[str], deviation: Deviation | None):
    (row,) = (row for row in vectors(shared) if row["id"] == name)
    pieces = pieces_of(codecs.escape_decode(row["packet_escaped"].encode())[0])
    assert ["frame" if isinstance(piece, Frame) else str(piece.reason) for piece in pieces] == kinds
    if deviation:
        assert isinstance(pieces[0], Frame)
        assert deviation in decode(pieces[0]).deviations


def test_the_modbus_dialect_of_field_frames_is_counted(shared: Path):
    expected = {row["id"]: row["other_crc"].replace("-", "_") for row in vectors(shared) if row["other_crc"]}
    got = {}
    for row in vectors(shared):
        if row["id"] in expected:
            (piece,) = pieces_of(codecs.escape_decode(row["packet_escaped"].encode())[0])
            assert isinstance(piece, Rejected)
            got[row["id"]] = str(piece.dialect)
    assert got == expected


def test_every_frame_that_wants_an_answer_can_be_answered(shared: Path):
    answered = 0
    for row in vectors(shared):
        for piece in pieces_of(codecs.escape_decode(row["packet_escaped"].encode())[0]):
            if isinstance(piece, Frame) and piece.wants_answer:
                (reply,) = pieces_of(acknowledge(piece))
                assert isinstance(reply, Frame)
                assert (reply.qn, reply.mn, reply.st) == (piece.qn, piece.mn, "91")
                answered += 1
    assert answered > 50


SAMPLES = [
    ("frame", "crc_lower_case tail_missing"),
    ("frame", "crc_lower_case tail_missing no_flag data_time_form"),
    ("frame", "tail_missing mn_form"),
    ("frame", "crc_lower_case tail_missing mn_form"),
    *[("crc_mismatch", "crc_mismatch")] * 3,
    ("frame", "crc_lower_case tail_missing mn_form code_form"),
    ("frame", "tail_missing mn_form code_form"),
    ("crc_mismatch", "crc_mismatch"),
    ("frame", "tail_missing"),
    ("frame", "tail_missing st_form"),
    *[("crc_mismatch", "crc_mismatch crc_modbus_swapped")] * 3,
]
"""Each packet of packets_samples.jsonl: what it is, and every deviation by name (the file strips the tails)."""


def named(piece: Frame | Rejected) -> tuple[str, str]:
    kind = "frame" if isinstance(piece, Frame) else str(piece.reason)
    return kind, " ".join(str(one) for one in describe(piece).deviations)


def test_every_sample_packet_is_read_or_named(shared: Path):
    lines = (shared / "data/hj212_packets/packets_samples.jsonl").read_text(encoding="utf-8").splitlines()
    samples = [json.loads(line) for line in lines]
    pieces = [pieces_of(sample["packet"].encode()) for sample in samples]
    assert [[named(piece) for piece in found] for found in pieces] == [[expected] for expected in SAMPLES]
    is_read = [isinstance(found[0], Frame) for found in pieces]
    assert is_read == [sample["len_ok"] and sample["crc_ok"] for sample in samples]


def test_the_virtual_station_session_is_read_whole(shared: Path):
    raw = gzip.decompress((shared / "data/hj212_packets/virtual_station_session.txt.gz").read_bytes())
    framer = Framer()
    pieces = [piece for start in range(0, len(raw), 777) for piece in framer.feed(raw[start : start + 777])]
    pieces += framer.close()
    assert len(pieces) == 3025
    assert Counter(named(piece) for piece in pieces) == {
        ("frame", "mn_form"): 2889,  # MN DXCBZ000000005
        ("frame", "qn_form mn_form"): 124,  # QN in milliseconds since 1970
        ("frame", "mn_form unknown_command"): 12,  # 9021, a local sign-in
    }


def test_the_receive_log_is_read_with_its_noise_named(shared: Path):
    """The log mixes time stamps and foreign Modbus frames with packets whose CR LF was stripped."""
    raw = gzip.decompress((shared / "data/hj212_packets/receiver_rx_2020.log.gz").read_bytes())
    pieces = pieces_of(raw)
    counts = Counter("frame" if isinstance(piece, Frame) else str(piece.reason) for piece in pieces)
    assert counts["frame"] == 29
    assert counts["crc_mismatch"] == 21
    assert set(counts) == {"frame", "crc_mismatch", "garbage"}
    dialects = Counter(str(piece.dialect) for piece in pieces if isinstance(piece, Rejected) and piece.dialect)
    assert dialects == {"modbus_swapped": 21}
    deviations = Counter(str(one) for piece in pieces for one in describe(piece).deviations)
    assert deviations == {
        "garbage": 185, "tail_cr": 29, "crc_mismatch": 21, "crc_modbus_swapped": 21,
        "st_form": 12, "mn_form": 6, "pw_form": 6,
    }  # fmt: skip
    joined = b"".join(piece.raw for piece in pieces)
    assert joined.translate(None, b" \t\r\n") == raw.translate(None, b" \t\r\n")
