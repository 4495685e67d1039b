"""Heads that the standard allows bear no deviation; every other one is named, and read or refused as it deserves."""

from __future__ import annotations

import pytest

from qingyuan.hj212 import Frame, Framer, describe
from qingyuan.hj212.encode import envelope

CP = "CP=&&DataTime=20240601085800;w01018-Rtd=35.2,w01018-Flag=N&&"
HEAD = "QN=20240601085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"
OLD = "ST=32;CN=2011;PW=123456;MN=88888880000001;"


def named(head: str) -> tuple[bool, str]:
    framer = Framer()
    (piece,) = framer.feed(envelope((head + CP).encode())) + framer.close()
    assert isinstance(piece, Frame)
    found = describe(piece)
    assert found.crc_ok
    return found.ok, " ".join(str(one) for one in found.deviations)


@pytest.mark.parametrize(
    "head",
    [
        HEAD,
        HEAD.replace("Flag=5", "Flag=4"),
        HEAD.replace("Flag=5", "Flag=6;PNUM=9999;PNO=1"),
        HEAD.replace("Flag=5", "Flag=7;PNUM=2;PNO=2"),
        HEAD.replace("Flag=5", "Flag=9"),
        HEAD.replace("Flag=5", "Flag=8;RF=1"),
        HEAD.replace("Flag=5", "Flag=11;PNUM=2;PNO=1;RF=1"),
        HEAD.replace("A8900016F", "a8900016f"),
        OLD,
        f"QN=20240601085857223;{OLD}",
        f"QN=20240601085857223;{OLD}Flag=0;",
        f"{OLD}Flag=1;",
        f"{OLD}Flag=3;PNUM=2;PNO=1;",
    ],
)
def test_a_head_of_the_standard_bears_no_deviation(head: str):
    assert named(head) == (True, "")


FATAL, TAKEN = False, True


@pytest.mark.parametrize(
    ("old", "new", "is_taken", "names"),
    [
        ("PW=123456", "PW=12345", TAKEN, "pw_form"),
        ("PW=123456", "PW=", TAKEN, "pw_form"),
        ("PW=123456", "PW=12 456", TAKEN, "pw_form"),
        ("PW=123456", "PW=1\ufffd3456", TAKEN, "not_utf8 pw_form"),
        ("PW=123456;", "", TAKEN, "no_pw"),
        ("QN=20240601085857223;", "", TAKEN, "no_qn"),
        ("QN=20240601085857223;", "QN=;", TAKEN, "no_qn"),
        ("QN=20240601085857223", "QN=20240230085857223", TAKEN, "qn_form"),
        ("QN=20240601085857223", "QN=1717232337223", TAKEN, "qn_form"),
        ("Flag=5;", "", TAKEN, "no_flag"),
        ("Flag=5", "Flag=05", TAKEN, "flag_form"),
        ("Flag=5", "Flag=13", TAKEN, "unknown_version"),
        ("Flag=5", "Flag=-1", FATAL, "flag_range"),
        ("Flag=5", "Flag=256", FATAL, "flag_range"),
        ("Flag=5", "Flag=7", TAKEN, "split_without_numbers"),
        ("Flag=5", "Flag=6", TAKEN, "split_without_numbers"),
        ("Flag=5", "Flag=3", TAKEN, "split_without_numbers"),
        ("Flag=5", "Flag=7;PNUM=;PNO=", TAKEN, "split_without_numbers"),
        ("Flag=5", "Flag=7;PNUM=0;PNO=0", TAKEN, "split_without_numbers"),
        ("Flag=5", "Flag=7;PNUM=2", FATAL, "split_half_numbered"),
        ("Flag=5", "Flag=7;PNO=1", FATAL, "split_half_numbered"),
        ("Flag=5", "Flag=7;PNUM=0;PNO=1", FATAL, "packet_number_range"),
        ("Flag=5", "Flag=7;PNUM=2;PNO=3", FATAL, "packet_number_range"),
        ("Flag=5", "Flag=7;PNUM=10000;PNO=1", FATAL, "packet_number_range"),
        ("Flag=5", "Flag=7;PNO=1;PNUM=2", TAKEN, "head_order"),
        ("Flag=5", "Flag=5;PNUM=2;PNO=1", TAKEN, "numbers_without_split"),
        ("Flag=5", "Flag=5;RF=1", TAKEN, "unknown_head_field"),
        ("Flag=5", "Flag=9;RF=0", TAKEN, "value_range"),
        ("Flag=5", "Flag=9;XX=1", TAKEN, "unknown_head_field"),
        ("Flag=5", "Flag=5;CN=2011", TAKEN, "repeated_head_field"),
        ("Flag=5", "Flag=5;CN=2051", FATAL, "conflicting_head_field"),
        ("Flag=5", "Flag=5;MN=000000000000000000000000", FATAL, "conflicting_head_field"),
        ("ST=32;CN=2011", "CN=2011;ST=32", TAKEN, "head_order"),
        ("ST=32", "ST=101", TAKEN, "st_form"),
        ("ST=32;", "", TAKEN, "no_st"),
        ("ST=32;", "ST=32;;", TAKEN, "empty_item"),
        ("ST=32;", "\tST=32;", TAKEN, "control_characters blanks"),
        ("ST=32;", "ST=32,", TAKEN, "head_form"),
        ("MN=01", "MN=\x00", TAKEN, "control_characters mn_form"),
        ("MN=01", "mn=01", FATAL, "no_mn unknown_head_field"),
        ("MN=01", "MN=0101", TAKEN, "mn_form"),
        ("MN=010000A8900016F000169DC0;Flag=5", "MN=0010000A8900016F000169DC0;Flag=9", TAKEN, "mn_form"),
        ("CN=2011;", "", FATAL, "no_cn"),
    ],
)
def test_every_other_head_is_named(old: str, new: str, is_taken: bool, names: str):
    assert old in HEAD
    assert named(HEAD.replace(old, new)) == (is_taken, names)
