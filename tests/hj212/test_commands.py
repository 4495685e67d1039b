"""Every command of every edition as a typed message: written, framed, read back, judged."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.hj212 import (
    Content,
    Deviation,
    Frame,
    Framer,
    Message,
    UnencodableError,
    decode,
    encode,
    interpret,
    judge,
    reply_code,
    shapes,
    write,
)
from qingyuan.hj212 import contents as c
from qingyuan.hj212 import uploads as u
from qingyuan.hj212.message import BEIJING
from qingyuan.rules import rule_book

PROTOCOL = rule_book().protocol
HEAD = {"qn": "20240601085857223", "st": "32", "pw": "123456", "mn": "010000A8900016F000169DC0"}
VERSION = {"2005": 0, "2017": 4, "2025": 8}

times = st.integers(0, 86400 * 9000).map(lambda s: datetime(2005, 1, 1, tzinfo=BEIJING) + timedelta(seconds=s))
words = st.from_regex(r"[0-9A-Za-z._:/-]{1,12}", fullmatch=True)
codes = st.from_regex(r"[aw][0-9]{5}", fullmatch=True)
letters = st.sampled_from("NFMSDCTB")
exact = st.decimals(min_value=-9999, max_value=99999, places=2)
printed = exact.map(str)


def some(values: st.SearchStrategy, keys: st.SearchStrategy = codes) -> st.SearchStrategy:
    return st.dictionaries(keys, values, min_size=1, max_size=5)


BUILD: dict[type[Content], st.SearchStrategy] = {
    c.Nothing: st.builds(c.Nothing),
    c.Timeout: st.builds(c.Timeout, st.integers(1, 99), st.integers(1, 99)),
    c.AlarmTime: st.builds(c.AlarmTime, words),
    c.ForFactor: st.builds(c.ForFactor, codes),
    c.FieldTime: st.builds(c.FieldTime, times, st.none() | codes),
    c.KeyRequest: st.builds(c.KeyRequest, st.just("20240601085857223")),
    c.NewKey: st.builds(c.NewKey, st.just("20240601085857223"), st.from_regex(r"[0-9A-F]{16}", fullmatch=True)),
    c.AlarmLimits: st.builds(c.AlarmLimits, codes, exact, st.none() | exact),
    c.PlatformAddress: st.builds(c.PlatformAddress, words),
    c.ReportTime: st.builds(c.ReportTime, words),
    c.RealtimeInterval: st.builds(c.RealtimeInterval, st.integers(30, 3600)),
    c.MinuteInterval: st.builds(c.MinuteInterval, st.sampled_from([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30])),
    c.NewPassword: st.builds(c.NewPassword, st.from_regex(r"[0-9]{6}", fullmatch=True)),
    c.History: st.tuples(times, times).map(lambda both: c.History(*sorted(both))),
    c.Restart: st.builds(c.Restart, times, times),
    c.Alarm: st.builds(c.Alarm, words, st.none() | words),
    c.Calibration: st.builds(c.Calibration, codes, st.none() | st.integers(0, 1)),
    c.Retained: st.builds(c.Retained, times, st.integers(0, 99)),
    c.SamplingCycle: st.builds(c.SamplingCycle, codes, st.just("000000"), st.integers(1, 24)),
    c.OutputTime: st.builds(c.OutputTime, codes, st.integers(0, 120)),
    c.InformationRequest: st.builds(
        c.InformationRequest, codes, st.just("i11001"), st.none() | times, st.none() | times
    ),
    c.RequestResult: st.builds(c.RequestResult, st.integers(1, 9)),
    c.ExecutionResult: st.builds(c.ExecutionResult, st.integers(1, 6)),
    u.Observations: st.builds(u.Observations.of, times, some(st.fixed_dictionaries({"Avg": printed, "Flag": letters}))),
    u.FacilityStates: st.builds(u.FacilityStates, times, some(st.integers(0, 5), st.sampled_from(["SB1", "SB2", "SB12"]))),
    u.FacilityHours: st.builds(
        u.FacilityHours, times, some(st.decimals(0, 24, places=1), st.sampled_from(["SB1", "SB2", "SB12"]))
    ),
    u.PeriodicSamples: st.builds(
        u.PeriodicSamples,
        times,
        some(st.builds(u.Sample, times, st.none() | times, st.none() | st.just("1"), exact, letters, st.just({"i13001": "5"}))),
    ),
    u.StandardChecks: st.builds(
        u.StandardChecks, times, some(st.builds(u.StandardCheck, exact, exact, st.none() | st.booleans()))
    ),
    u.DeviceNumbers: st.builds(u.DeviceNumbers, codes, some(st.just("010000A8900016F000169DC1"))),
    u.Information: st.builds(
        u.Information, some(words, st.sampled_from(["i11001", "i13004", "i23005"])), st.none() | codes, st.none() | times
    ),
}  # fmt: skip
COMMANDS = sorted(PROTOCOL.commands)


def read(raw: bytes) -> Message:
    (piece,) = Framer().feed(raw)
    assert isinstance(piece, Frame)
    return decode(piece)


def section(cn: str, cp: str, flag: int = 5) -> Message:
    return read(encode(cn=cn, flag=flag, cp=cp, **HEAD))


@pytest.mark.parametrize(("edition", "cn"), COMMANDS, ids=["-".join(key) for key in COMMANDS])
def test_every_command_of_the_table_has_a_shape(edition: str, cn: str):
    assert shapes(edition, cn)
    assert all(shape in BUILD for shape in shapes(edition, cn))


@pytest.mark.parametrize(("edition", "cn"), COMMANDS, ids=["-".join(key) for key in COMMANDS])
@settings(deadline=None, derandomize=True, max_examples=8)
@given(data=st.data())
def test_reading_what_was_written_gives_the_same(edition, cn: str, data: st.DataObject):
    for shape in shapes(edition, cn):
        content = data.draw(BUILD[shape])
        message = read(write(content, edition=edition, cn=cn, **HEAD))
        assert message.head.edition == edition
        assert interpret(message) == content
        assert judge(message, content) == ()
        assert message.deviations == ()


def test_a_command_means_what_its_edition_says():
    assert isinstance(interpret(section("1001", "AlarmTime=5", flag=0)), c.AlarmTime)
    hardware = interpret(section("1001", "i23005-Info=6970000000001ABCDEFG1234;i23006-Info=BFEBFBFF000906EA", flag=9))
    assert isinstance(hardware, u.Information)
    assert hardware.info["i23006"] == "BFEBFBFF000906EA"
    unknown = section("1001", "AlarmTime=5", flag=5)
    assert interpret(unknown) is None
    assert judge(unknown, None) == (Deviation.UNKNOWN_COMMAND,)


@pytest.mark.parametrize(
    ("cn", "cp", "content"),
    [
        ("3016", "PolId=w01018;CstartTime=000000;CTime=2", c.SamplingCycle("w01018", "000000", 2)),
        ("2011", "", c.Nothing()),
        ("3015", "", c.Nothing()),
        ("9012", "ExeRtn=100", c.ExecutionResult(100)),
        ("3020", "DataTime=20160801062035;PolId=w01018;i11001-Info=//清洗管路//", u.Information(
            {"i11001": "清洗管路"}, "w01018", datetime(2016, 8, 1, 6, 20, 35, tzinfo=BEIJING), None, frozenset({"i11001"}))),
    ],
    ids=["C35-CTime", "C10-request", "C34-request", "ExeRtn-100", "C41-log"],
)  # fmt: skip
def test_hj212_2017_annex_c_examples(cn: str, cp: str, content: Content):
    message = section(cn, cp)
    assert interpret(message) == content
    assert judge(message, content) == ()


@pytest.mark.parametrize(
    ("cn", "cp", "deviation"),
    [
        ("1062", "RtdInterval=29", Deviation.VALUE_RANGE),
        ("1064", "MinInterval=7", Deviation.VALUE_RANGE),
        ("2021", "DataTime=20240601085857;SB1-RS=6", Deviation.VALUE_RANGE),
        ("1072", "NewPW=1234567", Deviation.VALUE_RANGE),
        ("2011", "DataTime=20240601085857;w01018-Rtd=3,w01018-Flag=Q", Deviation.UNKNOWN_FLAG),
        ("1062", "SystemTime=20240601085857", Deviation.CONTENT_SHAPE),
        ("9999", "", Deviation.UNKNOWN_COMMAND),
    ],
)
def test_what_is_wrong_with_the_meaning_is_named(cn: str, cp: str, deviation: Deviation):
    message = section(cn, cp)
    assert judge(message, interpret(message)) == (deviation,)


def test_flags_are_judged_by_their_edition():
    cp = "DataTime=20240601085857;w01018-Rtd=3,w01018-Flag=P"
    judged = {
        edition: judge(read_, interpret(read_))
        for edition, bits in VERSION.items()
        if (read_ := section("2011", cp, bits))
    }
    assert judged == {"2005": (), "2017": (Deviation.UNKNOWN_FLAG,), "2025": ()}


def test_values_stand_in_columns_with_what_was_printed():
    found = interpret(
        section("2011", "DataTime=20240601085857;w01018-Rtd=35.20,w01018-Flag=N;w21003-Rtd=--,w21003-Flag=D")
    )
    assert isinstance(found, u.Observations)
    assert found.numbers == {("w01018", "Rtd"): 35.2, ("w21003", "Rtd"): None}
    assert found.flags == {"w01018": "N", "w21003": "D"}
    assert found.items["w01018"]["Rtd"] == "35.20"


def test_a_content_of_another_command_is_not_written():
    with pytest.raises(UnencodableError, match="RealtimeInterval"):
        write(c.Timeout(5, 3), edition="2017", cn="1062", **HEAD)
    with pytest.raises(UnencodableError, match="带时区"):
        write(c.FieldTime(datetime(2024, 6, 1), None), edition="2017", cn="1012", **HEAD)  # noqa: DTZ001
    with pytest.raises(UnencodableError, match="分隔符"):
        write(c.NewPassword("a;b"), edition="2017", cn="1072", **HEAD)


def test_the_reply_of_every_command_agrees_with_the_table():
    for (edition, cn), row in PROTOCOL.commands.items():
        if row.initiator != "reply":
            (frame,) = Framer().feed(encode(cn=cn, flag=VERSION[edition] | 1, **HEAD))
            assert isinstance(frame, Frame)
            assert reply_code(frame) in {row.to_request, row.to_upload}, (edition, cn)


def test_sample_numbers_are_exact():
    found = interpret(
        section("2062", "DataTime=20240601080000;w01018-SampleRd=50.10,w01018-StandardValue=50,w01018-ResultType=1", 9)
    )
    assert isinstance(found, u.StandardChecks)
    assert found.checks["w01018"] == u.StandardCheck(Decimal("50.10"), Decimal(50), True)
