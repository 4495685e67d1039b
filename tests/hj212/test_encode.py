"""Frames and replies written by the protocol."""

from __future__ import annotations

import pytest

from qingyuan.hj212 import Frame, Framer, UnencodableError, acknowledge, decode, encode, reply_code


def parse(raw: bytes) -> Frame:
    (piece,) = Framer().feed(raw)
    assert isinstance(piece, Frame)
    return piece


def sent(cn: str, flag: int = 5, qn: str = "20160801085857223", st: str = "32", cp: str = "") -> Frame:
    return parse(encode(qn=qn, st=st, cn=cn, pw="123456", mn="010000A8900016F000169DC0", flag=flag, cp=cp))


def test_the_printed_frame_of_annex_a_2017():
    assert encode(
        qn="20160801085857223",
        st="32",
        cn="1062",
        pw="100000",
        mn="010000A8900016F000169DC0",
        flag=5,
        cp="RtdInterval=30",
    ) == (
        b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
        b"CP=&&RtdInterval=30&&1C80\r\n"
    )


@pytest.mark.parametrize(
    ("cn", "flag", "reply"),
    [
        *(("2011", 5, "9014"), ("2061", 5, "9014"), ("2081", 5, "9014"), ("3020", 5, "9014")),
        *(("1013", 5, "9013"), ("9015", 9, "9013"), ("1001", 9, "9013")),
        *(("1062", 5, "9011"), ("1001", 1, "9011")),
    ],
)
def test_the_reply_follows_the_command(cn: str, flag: int, reply: str):
    assert reply_code(sent(cn, flag)) == reply


def test_hj212_2017_c16_the_acknowledgement_of_an_upload():
    assert acknowledge(sent("2051", qn="20160801085000001")) == (
        b"##0087QN=20160801085000001;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&C241\r\n"
    )


def test_a_reply_carries_its_result_and_the_senders_version():
    reply = parse(acknowledge(sent("1062"), "9011", 3))
    assert decode(reply).fields == {"QnRtn": "3"}
    assert parse(acknowledge(sent("2011", flag=9))).flag == 8
    assert parse(acknowledge(sent("2011", flag=1))).flag == 0


def test_a_reply_to_a_poor_head_is_still_a_frame():
    poor = Frame(b"", b"ST=31;CN=2011;MN=4201003;CP=&&DataTime=20200923111707&&", 0)
    assert parse(acknowledge(poor)).mn == "4201003"


@pytest.mark.parametrize(
    "wrong",
    [{"mn": "a;b"}, {"flag": 256}, {"flag": 7}, {"flag": 5, "pnum": 2, "pno": 1}, {"cp": "x" * 9999}],
    ids=["separator-in-mn", "flag-over-255", "split-without-numbers", "numbers-without-split", "too-long"],
)
def test_what_no_frame_can_carry_is_refused(wrong: dict[str, object]):
    good: dict[str, object] = {"qn": "1", "st": "32", "cn": "2011", "pw": "123456", "mn": "A", "flag": 5}
    with pytest.raises(UnencodableError):
        encode(**{**good, **wrong})  # type: ignore[arg-type]


def test_a_split_frame_carries_its_numbers():
    frame = parse(encode(qn="1", st="32", cn="2061", pw="1", mn="A", flag=7, pnum=2, pno=1, cp=""))
    assert (frame.pnum, frame.pno) == (2, 1)
    assert frame.is_usable
