"""The data section: items by factor, printed text kept, odd things named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.hj212 import Deviation, Frame, Framer, Message, NotANumberError, decode, encode, number
from qingyuan.hj212.careful import read_carefully
from qingyuan.hj212.careful_head import read_head_carefully
from qingyuan.hj212.head_reading import read_head


def message(cp: str, cn: str = "2011", received_at: datetime | None = None, flag: int = 5) -> Message:
    raw = encode(qn="20240601085857223", st="32", cn=cn, pw="123456", mn="010000A8900016F000169DC0", flag=flag, cp=cp)
    (piece,) = Framer().feed(raw)
    assert isinstance(piece, Frame)
    return decode(piece, received_at)


def test_hj212_2017_c16_minute_data():
    read = message(
        "DataTime=20160801084000;w00000-Cou=10.5,w00000-Avg=17.50,w00000-Flag=N;w01018-Avg=40.1,w01018-Flag=D",
        cn="2051",
    )
    assert read.data_time == datetime(2016, 8, 1, 0, 40, tzinfo=UTC)
    assert read.items == {
        "w00000": {"Cou": "10.5", "Avg": "17.50", "Flag": "N"},
        "w01018": {"Avg": "40.1", "Flag": "D"},
    }
    assert read.fields == {"DataTime": "20160801084000"}
    assert read.deviations == ()


def test_sub_items_of_one_factor_are_merged_over_groups():
    assert message("DataTime=20240601085857;w01018-Rtd=35.2;w01018-Flag=N").items == {
        "w01018": {"Rtd": "35.2", "Flag": "N"}
    }


@pytest.mark.parametrize(
    ("cp", "deviation"),
    [
        ("DataTime=20240601085857;w01018-Rtd=--", Deviation.NOT_A_NUMBER),
        ("DataTime=20240601085857;35,2", Deviation.BROKEN_ITEM),
        ("DataTime=20240601085857;w01018-Rtd=99999999999999999999", Deviation.ABSURD_NUMBER),
        ("DataTime=20240601085857;W01018-Rtd=3", Deviation.CODE_CASE),
        ("DataTime=20240601085857;w01018-Rtd=3;", Deviation.EMPTY_ITEM),
        ("DataTime=20240601085857; w01018-Rtd=3", Deviation.BLANKS),
        ("DataTime=20240601085857;w01018-Rtd=3;Flag=N", Deviation.FRAME_WIDE_FLAG),
        ("DataTime=20240601085857;w01018-Rtd=3;w01018-Rtd=4", Deviation.DUPLICATE_ITEM),
        ("DataTime=20240601085857;w01018-Avg=3,01018-Rtd=4", Deviation.CODE_WITHOUT_LETTER),
        ("DataTime=202406010858;w01018-Rtd=3", Deviation.DATA_TIME_FORM),
        ("DataTime=20240601085857123;w01018-Rtd=3", Deviation.DATA_TIME_FORM),
        ("DataTime=20240230085857;w01018-Rtd=3", Deviation.BAD_DATA_TIME),
        ("DataTime=00010101000000;w01018-Rtd=3", Deviation.BAD_DATA_TIME),
        ("w01018-Rtd=3", Deviation.NO_DATA_TIME),
        ("BeginTime=20240601085857,EndTime=20240601085857", Deviation.COMMA_BETWEEN_FIELDS),
    ],
    ids=lambda value: str(value) if isinstance(value, Deviation) else None,
)
def test_odd_data_sections_are_read_and_named(cp: str, deviation: Deviation):
    assert message(cp).deviations == (deviation,)


def test_a_text_between_double_slashes_keeps_its_separators():
    read = message("DataTime=20240601085857;PolId=w01018;i11001-Info=//x&&y=1;z,w//", cn="3020")
    assert read.items["i11001"]["Info"] == "//x&&y=1;z,w//"
    assert read.fields["PolId"] == "w01018"
    assert read.deviations == (Deviation.SEPARATORS_IN_TEXT,)


def test_a_time_ahead_of_its_reception_is_not_used():
    received = datetime(2024, 6, 1, 1, 0, tzinfo=UTC)
    assert message("DataTime=20240601095900;w01018-Rtd=3", received_at=received).is_usable
    late = message("DataTime=20340601085857;w01018-Rtd=3", received_at=received)
    assert late.deviations == (Deviation.FUTURE_TIME,)
    assert not late.is_usable
    assert late.data_time is not None
    assert late.data_time - received > timedelta(days=3000)


def test_bytes_that_are_no_utf8_are_read_as_gb18030_and_named():
    raw = encode(qn="20240601085857223", st="32", cn="3020", pw="123456", mn="A" * 24, flag=4, cp="a-Info=XXXX")
    body = raw[6:-6].replace(b"XXXX", "故障".encode("gb18030"))
    read = decode(Frame(b"", body, 0))
    assert read.items == {"a": {"Info": "故障"}}
    assert Deviation.NOT_UTF8 in read.deviations


def test_a_number_keeps_its_printed_decimals():
    assert number("3.20") == (3.2, 2)
    assert number("-7") == (-7.0, 0)
    with pytest.raises(NotANumberError, match="十进制"):
        number("nan")


codes = st.from_regex(r"[aw][0-9]{5}", fullmatch=True)
printed = st.decimals(min_value=-9999, max_value=99999, places=3).map(str)
item = st.fixed_dictionaries({"Avg": printed, "Flag": st.sampled_from("NFMSDCTB")})


@settings(deadline=None, derandomize=True)
@given(st.dictionaries(codes, item, max_size=12))
def test_parse_after_format_is_identity(items: dict[str, dict[str, str]]):
    groups = [",".join(f"{code}-{sub}={text}" for sub, text in subs.items()) for code, subs in items.items()]
    read = message(";".join(["DataTime=20240601080000", *groups]), cn="2061")
    assert read.items == items
    assert read.deviations == ()


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.binary(max_size=200))
def test_no_data_section_makes_the_decoder_raise(content: bytes):
    body = b"QN=20240601085857223;ST=32;CN=2011;PW=123456;MN=A;Flag=5;CP=&&" + content + b"&&"
    decode(Frame(b"", body, 0))
    decode(Frame(b"", content, 0))


plain_item = st.builds(
    lambda code, sub, value: f"{code}-{sub}={value}",
    codes,
    st.sampled_from(["Rtd", "Avg", "ZsAvg", "Min", "Cou", "Flag", "EFlag"]),
    st.one_of(printed, st.sampled_from(["N", "D", "", "--", "1.", "12345678901234", "7,5", "A01"])),
)


@settings(deadline=None, derandomize=True, max_examples=400)
@given(st.lists(plain_item, max_size=8), st.lists(st.sampled_from(",;"), min_size=8, max_size=8))
def test_the_quick_reading_agrees_with_the_careful_one(pairs: list[str], separators: list[str]):
    text = "DataTime=20240601080000"
    for pair, separator in zip(pairs, [";", *separators], strict=False):
        text += separator + pair
    body = f"QN=20240601085857223;ST=32;CN=2061;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&{text}&&"
    quick = decode(Frame(b"", body.encode(), 0))
    items: dict[str, dict[str, str]] = {}
    fields: dict[str, str] = {}
    seen: dict[Deviation, None] = {}
    read_carefully(text, items, fields, seen)
    assert (quick.items, quick.fields) == (items, fields)
    assert set(quick.deviations) == set(seen)


odd_values = st.sampled_from(
    ["1.5", "-3", "0012", "7.", ".5", "+1", "--", "", "1e3", "nan", "1_0", "1,5", "12345678901234", " 2"]
)
odd_flags = st.sampled_from(["N", "D", "n", "NN", "", "X", "3", "-"])


@settings(deadline=None, derandomize=True, max_examples=400)
@given(odd_values, odd_flags, odd_values, st.sampled_from([",", ";"]), st.sampled_from(["w21003", "W21003", "w21004"]))
def test_a_structure_met_often_is_read_as_carefully_as_any(first: str, flag: str, second: str, between: str, code: str):
    plain = "DataTime=20240601080000;w01018-Avg=1.5,w01018-Flag=N;w21003-Avg=2"
    for _ in range(10):
        assert message(plain, cn="2061").section.values == [1.5, 2.0]
    text = f"DataTime=20240601080000;w01018-Avg={first},w01018-Flag={flag}{between}{code}-Avg={second}"
    quick = message(text, cn="2061")
    items: dict[str, dict[str, str]] = {}
    fields: dict[str, str] = {}
    seen: dict[Deviation, None] = {}
    read_carefully(text, items, fields, seen)
    assert (quick.items, quick.fields) == (items, fields)
    assert set(quick.deviations) == set(seen)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(
    st.sampled_from(["20240601085857223", "20241301085857223", "1617936069734", ""]),
    st.sampled_from(["4", "5", "7", "9", "12", "256"]),
    st.sampled_from(["010000A8900016F000169DC0", "DXCBZ000000005", ""]),
    st.sampled_from(["&&", "", "&"]),
)
def test_the_quick_head_agrees_with_the_careful_one(qn: str, flag: str, mn: str, end: str):
    body = f"QN={qn};ST=32;CN=2011;PW=123456;MN={mn};Flag={flag};CP=&&{end}".encode()
    assert read_head(body) == read_head_carefully(body)
