"""The load's devices: valid in their edition, every upload command, unique, and true to their own list of values."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta

import pytest

from qingyuan.cli import main
from qingyuan.clock import BEIJING
from qingyuan.hj212 import Deviation, Frame, Framer, Joiner, Rejected, decode, interpret, judge
from qingyuan.simulate.devices import EDITIONS, Manner, Spoken, speak, upload_kinds
from qingyuan.simulate.errors import UnknownFaultError
from qingyuan.simulate.faults import FAULTS, apply, choose, parse_faults

BASE = datetime(2026, 6, 1, 12, 3, 7, tzinfo=BEIJING)
KEY = b"0" * 16


def manner(**changed) -> Manner:
    return Manner(BASE, timedelta(seconds=1), **{"editions": EDITIONS, **changed})


def all_of(how: Manner, devices: int = 12, turns: int = 60, most: int | None = None) -> list[Spoken]:
    return [
        one
        for turn in range(turns)
        for device in range(devices)
        for one in speak(device, turn, turn * devices + device, how, most)
    ]


def frame_of(raw: bytes, *keys: bytes) -> Frame:
    (piece,) = Framer(keys=keys).feed(raw)
    assert isinstance(piece, Frame)
    return piece


def test_every_frame_is_right_in_its_edition_and_says_what_the_list_says():
    for spoken in all_of(manner()):
        frame = frame_of(spoken.raw)
        message = decode(frame)
        content = interpret(message)
        assert content is not None
        assert (*message.deviations, *judge(message, content)) == ()
        assert (frame.mn, frame.qn, frame.cn, frame.st, frame.edition) == (
            spoken.mn, spoken.qn, spoken.cn, spoken.st, spoken.edition,
        )  # fmt: skip
        if spoken.values:
            assert message.items == spoken.values
            assert message.fields["DataTime"] == spoken.data_time


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_upload_command_of_the_edition_is_spoken(edition):
    spoken = all_of(manner(editions=[edition]))
    assert {one.cn for one in spoken} == set(upload_kinds(edition))
    assert Counter(one.cn for one in spoken)["2011"] * 2 > len(spoken)
    assert {"2011", "2021", "2031", "2041", "2051", "2061"} <= set(upload_kinds(edition))


def test_frames_are_unique_and_none_is_ahead():
    spoken = all_of(manner())
    assert len({(one.mn, one.qn) for one in spoken}) == len(spoken)
    assert len({(one.mn, one.cn, one.data_time) for one in spoken}) == len(spoken)
    assert max(one.data_time for one in spoken) <= (BASE + timedelta(seconds=60)).strftime("%Y%m%d%H%M%S")
    firsts = [next(iter(one.values.values())) for one in spoken if one.values]
    unique = [next(iter(subs.values())) for subs in firsts]
    assert len(unique) == len(set(unique))


def test_chosen_kinds_are_all_that_is_spoken():
    assert {one.cn for one in all_of(manner(kinds=["2061", "2051"]))} == {"2051", "2061"}
    assert {one.cn for one in all_of(manner(kinds=["2011"]))} == {"2011"}


def test_split_messages_join_to_what_was_meant():
    joiner = Joiner()
    parts = all_of(manner(kinds=["2061"]), devices=4, turns=3, most=180)
    assert all(one.pnum and one.pnum > 1 for one in parts)
    joined = [message for one in parts for message in joiner.add(frame_of(one.raw), BASE)]
    meant = all_of(manner(kinds=["2061"]), devices=4, turns=3)
    assert [decode(one.frame).items for one in joined] == [dict(one.values) for one in meant]
    by_frame = [decode(frame_of(one.raw)).items for one in parts]
    assert by_frame == [dict(one.values) for one in parts]


def test_devices_of_2025_encrypt_where_they_have_a_key():
    spoken = all_of(manner(editions=["2025"], sm4_key=KEY), devices=3, turns=9)
    sealed = [one for one in spoken if isinstance(Framer().feed(one.raw)[0], Rejected)]
    assert sealed
    assert all(decode(frame_of(one.raw, KEY)).items == one.values for one in spoken if one.values)


def test_faults_are_read_by_name_and_share():
    assert parse_faults("crc=0.5, duplicate") == {"crc": 0.5, "duplicate": 0.01}
    assert set(parse_faults("all=0.1")) == set(FAULTS)
    assert parse_faults("") == {}
    for wrong in ("rain", "crc=2", "crc=many"):
        with pytest.raises(UnknownFaultError, match=wrong):
            parse_faults(wrong)


def test_the_commands_help_names_every_fault(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["simulate", "devices", "--help"])
    shown = "".join(capsys.readouterr().out.split())
    missing = [name for name, words in FAULTS.items() if "".join(f"{name}{words}".split()) not in shown]
    assert missing == []


def test_faults_come_in_their_share():
    chance = random.Random(1)
    drawn = Counter(choose({"crc": 0.25, "half": 0.25}, chance) for _ in range(4000))
    assert set(drawn) == {"crc", "half", ""}
    assert all(800 < drawn[name] < 1200 for name in ("crc", "half"))


@pytest.mark.parametrize(
    ("fault", "pieces"),
    [
        ("", ["frame"]), ("garbage", ["garbage", "frame"]), ("half", ["bad_length", "frame"]),
        ("crc", ["crc_mismatch", "frame"]), ("duplicate", ["frame", "frame"]), ("hang_up", ["frame"]),
        ("modbus", ["crc_mismatch"]), ("no_cr", ["frame"]), ("future", ["frame"]), ("split", ["frame"]),
        ("gap", ["frame"]),
    ],
)  # fmt: skip
def test_a_fault_does_to_the_line_what_it_says(fault: str, pieces: list[str]):
    for spoken in all_of(manner(editions=["2017"], kinds=["2011"]), devices=4, turns=5):
        sent = apply(fault, spoken, random.Random(3))
        framer = Framer()
        got = framer.feed(sent.noise + sent.raw * sent.copies) + framer.close()
        assert ["frame" if isinstance(one, Frame) else str(one.reason) for one in got] == pieces
        frames = [one for one in got if isinstance(one, Frame)]
        if fault == "no_cr":
            assert frames[0].deviations == (Deviation.TAIL_LF,)
        if fault == "future":
            assert decode(frames[0], BASE).deviations == (Deviation.FUTURE_TIME,)
        elif frames:
            assert decode(frames[0]).items == spoken.values


def test_a_damaged_copy_bears_another_value():
    spoken = all_of(manner(editions=["2017"], kinds=["2011"]), devices=1, turns=1)[0]
    noise = apply("crc", spoken, random.Random(3)).noise
    items = decode(Frame(b"", noise[6:-6], 0)).items
    assert items != spoken.values
    assert len(noise) == len(spoken.raw)
