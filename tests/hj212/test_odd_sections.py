"""Data sections that the tables allow bear no deviation; every other one is named."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from qingyuan.hj212 import Framer, decode, describe, encode, interpret, judge
from qingyuan.hj212.columnar import decode_batch
from qingyuan.hj212.message import BEIJING

HEAD = {"qn": "20240601085857223", "pw": "123456", "mn": "010000A8900016F000169DC0"}
T = "DataTime=20240601085800"
PERIOD = "BeginTime=20240601000000;EndTime=20240601080000"


def named(cn: str, cp: str, flag: int = 5, st: str = "32") -> tuple[bool, str]:
    framer = Framer()
    (piece,) = framer.feed(encode(**HEAD, st=st, cn=cn, flag=flag, cp=cp)) + framer.close()
    found = describe(piece)
    assert found.crc_ok
    return found.ok, " ".join(str(one) for one in found.deviations)


@pytest.mark.parametrize(
    ("flag", "cn", "cp"),
    [
        (5, "2011", ""),
        (5, "2011", f"{T};w01018-SampleTime=20240601070000,w01018-Rtd=2.2,w01018-Flag=N,w01018-EFlag=A01"),
        (5, "2011", f"{T};w01018-Rtd=1;w01018-Flag=N"),
        (5, "2011", f"{T};a01001-Rtd=-5.1,a01001-Flag=N;w01018-Rtd=-0.0"),
        (5, "2011", f"{T};w01018-Rtd=1;p=0000"),
        (5, "2061", PERIOD),
        (5, "2061", "BeginTime=20240601080000;EndTime=20240601080000"),
        (5, "2031", f"{T};Leq-DayData=55.0;Leq-NightData=45.0"),
        (5, "3016", "PolId=w01018;CstartTime=235959;CTime=24"),
        (5, "1011", ""),
        (4, "9011", "QnRtn=100"),
        (9, "2011", f"{T};p99101-Rtd=St,p99101-Flag=N;p99102-Rtd=5"),
        (9, "2011", PERIOD),
        (9, "2062", f"{T};w01018-SampleRd=5.1;w01018-StandardValue=5;w01018-ResultType=1"),
        (9, "2013", f"{T};w01018-SampleTime=20240601085800,w01018-Avg=17.5,w01018-i13004=165,w01018-Flag=N"),
        (9, "2031", f"{T};VaseNo=1;i23020-Info=5"),
        (9, "3011", "PolId=w01018,CalibrationType=0"),
        (1, "1032", "AlarmTarget=http://192.0.2.1"),
    ],
)
def test_a_section_of_the_tables_bears_no_deviation(flag: int, cn: str, cp: str):
    assert named(cn, cp, flag) == (True, "")


FATAL, TAKEN = False, True


@pytest.mark.parametrize(
    ("cn", "cp", "is_taken", "names"),
    [
        ("2011", T, TAKEN, "content_shape"),
        ("2011", f"{T};w01018-Rtd=1,w21003-Rtd=2", TAKEN, "comma_between_items"),
        ("2011", f"{T};w01018-Rtd=+5", TAKEN, "number_form"),
        ("2011", f"{T};w0101-Rtd=5", TAKEN, "code_form"),
        ("2011", f"{T};w01018a-Rtd=5", TAKEN, "code_form"),
        ("2011", f"{T};w01018-Rtd=5,w01A18-Flag=N", TAKEN, "comma_between_items"),
        ("3021", "PolId=w01018;InfoId=i13004;i13004-Info=168.0&", TAKEN, "separators_in_text"),
        ("2011", f"{T};w0.1018-Rtd=5", TAKEN, "code_form"),
        ("2011", f"{T};w01018-Rtd=5.", TAKEN, "number_form"),
        ("2011", f"{T};w01018-Rtd=-5.1,w01018-Flag=N", TAKEN, "negative_concentration"),
        ("2011", f"{T};w01018-Rtd=-5.1,w01018-Flag=Z", TAKEN, "unknown_flag negative_concentration"),
        ("2011", f"{T};w01018-Rtd=St", TAKEN, "not_a_number"),
        ("2011", f"{T};w01018-Rtd=1,w01018-Foo=1", TAKEN, "unknown_sub_item"),
        ("2011", f"{T};w01018-rtd=1", TAKEN, "sub_item_case"),
        ("2011", f"{T};w01018-RTD=1,w01018-FLAG=d", TAKEN, "sub_item_case flag_case"),
        ("2061", f"{T};w01018-AVG=1,w01018-zsavg=1,w01018-eflag=A01", TAKEN, "sub_item_case"),
        ("2011", f"{T};w01018-Rtd=1,w01018-Flag=n", TAKEN, "flag_case"),
        ("2011", "datatime=20240601085800;w01018-Rtd=1", TAKEN, "sub_item_case"),
        ("2011", f"{T};w01018- Rtd=1,w01018 -Flag=N", TAKEN, "blanks"),
        ("2011", f"{T};w01018- =1", TAKEN, "blanks broken_item content_shape"),
        ("2011", f"{T};w01018-Rtd-x=1", TAKEN, "unknown_sub_item"),
        ("2011", f"{T};w01018-=1", TAKEN, "broken_item content_shape"),
        ("2011", f"{T};-Rtd=1;w01018-Rtd=1", TAKEN, "broken_item"),
        ("2011", f"{T};w01018Rtd=1;w01018-Rtd=1", TAKEN, "unknown_field"),
        ("2011", f"{T};w01018-Rtd=1\x00", TAKEN, "control_characters not_a_number"),
        ("3020", f"{T};PolId=w01018;i11001-Info=//a\x1b[2J//", TAKEN, "control_characters"),
        ("3020", f"{T};PolId=w01018;i11001-Info=//a", TAKEN, "text_not_closed"),
        ("3020", f"{T};PolId=w01018;i11001-Info=a&&b", TAKEN, "separators_in_text"),
        ("2061", "", TAKEN, "content_shape"),
        ("2061", "BeginTime=20240602000000;EndTime=20240601000000", TAKEN, "value_range"),
        ("3012", "", TAKEN, "content_shape"),
        ("3012", "PolId=", TAKEN, "value_range"),
        ("3016", "PolId=w01018;CstartTime=240000;Ctime=2", TAKEN, "value_range"),
        ("1072", "NewPW=", TAKEN, "value_range"),
        ("1062", "RtdInterval=30;Foo=1", TAKEN, "unknown_field"),
        ("9011", "QnRtn=50", TAKEN, "value_range"),
        ("9012", "ExeRtn=50", TAKEN, "value_range"),
        ("2011", "w01018-Rtd=1", FATAL, "no_data_time content_shape"),
    ],
)
def test_every_other_section_is_named(cn: str, cp: str, is_taken: bool, names: str):
    assert named(cn, cp) == (is_taken, names)


@pytest.mark.parametrize("flag", ["", "NN", "ｎ", "/N"])
@pytest.mark.parametrize("edition", [1, 5, 9], ids=["2005", "2017", "2025"])
def test_a_data_flag_is_one_letter_also_where_the_table_is_not_known(flag: str, edition: int):
    assert named("2011", f"{T};w01018-Rtd=1,w01018-Flag={flag}", edition) == (True, "unknown_flag")


def test_a_request_number_days_ahead_is_named_where_the_present_is_known():
    (piece,) = Framer().feed(encode(**HEAD, st="32", cn="2011", flag=5))
    sent_at = datetime(2024, 6, 1, 8, 58, 57, tzinfo=BEIJING)
    for received_at, names in ((sent_at - timedelta(hours=23), []), (sent_at - timedelta(hours=25), ["qn_future"])):
        assert [str(one) for one in describe(piece, received_at).deviations] == names


@pytest.mark.parametrize(
    ("pno", "is_ok", "names"),
    [(1, False, "no_data_time content_shape"), (2, True, "part_without_time content_shape")],
)
def test_a_later_part_may_lack_the_time_that_the_first_one_has(pno: int, is_ok: bool, names: str):
    (piece,) = Framer().feed(encode(**HEAD, st="32", cn="2061", flag=7, pnum=2, pno=pno, cp="w01018-Avg=1.2"))
    found = describe(piece)
    assert (found.ok, " ".join(str(one) for one in found.deviations)) == (is_ok, names)


@pytest.mark.parametrize(
    ("st", "names"), [("99", "unknown_system"), ("00", "unknown_system"), ("Z9", ""), ("51", ""), ("44", "")]
)
def test_a_system_that_no_table_has_is_named(st: str, names: str):
    assert named("2011", f"{T};w01018-Rtd=1", st=st) == (True, names)


@pytest.mark.parametrize("form", ["//\x000\x00//", "////\x009\x00//", "//a//=5", "//\x00" + "9" * 5000 + "\x00//"])
def test_text_that_looks_like_the_marks_of_the_reader_stays_as_printed(form: str):
    """The careful reading hides texts between slashes behind marks; nobody can send such a mark."""
    framer = Framer(max_segment=9999)
    (piece,) = framer.feed(encode(**HEAD, st="32", cn="3020", flag=5, cp=f"{T};i11001-Info={form}"))
    message = decode(piece)
    assert message.items == {"i11001": {"Info": form}}


def test_an_oddity_of_structure_is_named_however_often_it_was_met_and_in_batches_too():
    """A structure that was learnt as plain is not looked at again: odd ones must not be learnt."""
    cp = f"{T};w01018-Rtd=1,w21003-Rtd=2"
    raws = [encode(**{**HEAD, "qn": f"202406010858{n:05d}"}, st="32", cn="2011", flag=5, cp=cp) for n in range(40)]
    for raw in raws:
        (piece,) = Framer().feed(raw)
        assert [str(one) for one in describe(piece).deviations] == ["comma_between_items"]
    assert not decode_batch(raws).columns
    assert len(list(decode_batch(raws).messages())) == 40


def test_a_name_that_no_table_has_is_named_however_often_it_was_met():
    for _ in range(20):
        (piece,) = Framer().feed(encode(**HEAD, st="99", cn="2011", flag=5, cp=f"{T};w01018-Rtd=1,w01018-Flag=N"))
        message = decode(piece)
        assert [str(one) for one in judge(message, interpret(message))] == ["unknown_system"]
