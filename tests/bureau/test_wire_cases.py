"""The cases of the field over TCP into stored and judged readings: right values, whatever a device does to the standard.

Each folder of the shared cases is sent as it is; inputs of our own of the same kind stand beside it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bureau.office import WATER_MN, Office, put_limit
from bureau.old_apps import OldApps
from bureau.over_tcp import send, stored, units, values
from needs import shared
from qingyuan.bureau.accounts.actions.tokens import create_token
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.line.actions.devices_file import import_devices
from qingyuan.bureau.line.actions.replay import replay_frames
from qingyuan.bureau.line.actions.resolver import BureauResolver
from qingyuan.bureau.line.models import Channel, Device
from qingyuan.bureau.line.queries.packets import last_packets
from qingyuan.bureau.loop import step
from qingyuan.bureau.monitoring.queries.device_doubts import doubts_of
from qingyuan.bureau.values.actions.rollups import sweep_hours
from qingyuan.bureau.values.models import Limit
from qingyuan.hj212 import crc16, encode
from qingyuan.intake.ingest import Ingester
from qingyuan.intake.journal import Journal
from qingyuan.intake.replay import Scope
from qingyuan.readings import NewReading, SeriesKey

pytestmark = pytest.mark.django_db
LATE = datetime(2026, 11, 30, 20, 30, tzinfo=UTC)  # 04:30 of 1 December in Beijing
MN = "FIELD212000001"


@pytest.fixture(autouse=True)
def _late(db: None, clock_at: Callable[[datetime], None]) -> None:
    clock_at(LATE)


def case(folder: str, name: str) -> bytes:
    return shared("cases", folder, name).read_bytes()


def made(
    values: str, *, st: str = "32", cn: str = "2061", time: str = "20261201020000", qn: str = "20261201030030123", flag: int = 5,
    mn: str = MN, **more: Any,
) -> bytes:  # fmt: skip
    cp = f"DataTime={time};{values}" if time else values
    return encode(qn=qn, st=st, cn=cn, pw="123456", mn=mn, flag=flag, cp=cp, **more)


def minute(number: int, every: int) -> bytes:
    at = f"2026120101{number * every:02d}"
    return made(f"w01018-Avg={number}.0,w01018-Flag=N", cn="2051", time=f"{at}00", qn=f"{at}30123")


def list_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "设备.csv"
    path.write_text(text, encoding="utf-8")
    return path


class TestWholePacketsWithTheSplitBit:
    """Dust stations set the split bit on whole packets and number nothing: they got no answer and waited for ever."""

    @pytest.mark.parametrize("name", ["g01-flag7-no-pnum.bin", "g02-flag3-no-pnum-2005.bin", "g100-flag7-dust.bin"])
    def test_are_answered_and_stored(self, data_dir: Path, name: str) -> None:
        raw = case("20-flag7-without-pnum", name)
        (answer,) = send(data_dir, LATE, raw)
        assert answer.cn == "9014"
        (device,) = Device.objects.all()
        assert [o for _, o, _, _ in readings().tallies(device.mn)] == ["stored"]
        assert "split_without_numbers" in {kind for p in last_packets(device.mn) for kind, _ in p.deviations}

    @pytest.mark.parametrize(("flag", "answers"), [(7, 1), (6, 0), (3, 1), (2, 0), (11, 1)])
    def test_of_every_edition(self, data_dir: Path, flag: int, answers: int) -> None:
        raw = made("w01018-Avg=31,w01018-Flag=N", flag=flag & ~2)
        body = raw[6:-6].replace(b";Flag=%d;" % (flag & ~2), b";Flag=%d;" % flag)
        got = send(data_dir, LATE, b"##%04d%s%04X\r\n" % (len(body), body, crc16(body)))
        assert len(got) == answers
        assert values(MN) == {"COD/Avg/hour": [31.0]}


class TestLostParts:
    """A part without DataTime whose first part was lost joined the next message, and so on without end."""

    def test_the_shared_stream(self, data_dir: Path) -> None:
        send(data_dir, LATE, case("21-split-part-lost", "g82-part1-lost-then-next.bin"))
        assert values("FIELD0080")["SO2/Avg/minute"] == [2.0, 3.0, 4.0]
        assert values("FIELD0080")["NOx/Avg/minute"] == [20.0, 30.0, 40.0]
        (late,) = readings().messages(station="FIELD0080", outcome="part")
        assert late.command == "2051"

    def test_what_belongs_nowhere_is_given_up_and_named(self, data_dir: Path) -> None:
        send(data_dir, LATE, case("21-split-part-lost", "g82-part1-lost-then-next.bin"))
        journal = Journal(data_dir / "journal")
        assert Ingester(journal, readings(), BureauResolver()).give_up_parts(LATE + timedelta(minutes=6)) == 1
        journal.close()
        assert values("FIELD0080")["SO2/Avg/minute"] == [2.0, 3.0, 4.0]
        assert {m.outcome for m in readings().messages(station="FIELD0080")} >= {"part_alone"}

    def test_parts_with_a_time(self, data_dir: Path) -> None:
        send(data_dir, LATE, case("21-split-part-lost", "g84-part1-lost-parts-with-time.bin"))
        assert values("FIELD0083")["NOx/Avg/minute"] == [20.0, 30.0]
        assert values("FIELD0083")["SO2/Avg/minute"] == [2.0, 3.0]

    @pytest.mark.parametrize(
        "name", ["g39-split-noackflag2.bin", "g54-split-2part-again.bin", "g70-split-adopted-2005.bin"]
    )
    def test_the_first_contact_of_an_adopted_station_is_whole(self, data_dir: Path, name: str) -> None:
        send(data_dir, LATE, case("21-split-part-lost", name))
        (device,) = Device.objects.all()
        assert [o for _, o, _, _ in readings().tallies(device.mn)].count("stored") == 1
        assert len(stored(device.mn)["dust/Avg/minute"]) == 1
        assert len(stored(device.mn)["flue_flow/Avg/minute"]) == 1

    def test_first_contact_with_cut_parts(self, data_dir: Path) -> None:
        """Part 1 of the first message was used at once, so that its part 2 poisoned the next message."""
        sent = []
        for n in range(3):
            time, qn = f"202612010{n}0000", f"202612010{n}0030"
            first, second = f"DataTime={time};w01018-Avg={n}.5,w01018-Flag=N", f"w21003-Avg={n}.25,w21003-Flag=N"
            for number, (cp, ms) in enumerate(((first, "100"), (second, "101")), start=1):
                sent.append(made(cp, time="", qn=qn + ms, flag=7, pnum=2, pno=number))
        send(data_dir, LATE, *sent)
        assert values(MN) == {"COD/Avg/hour": [0.5, 1.5, 2.5], "NH3N/Avg/hour": [0.25, 1.25, 2.25]}


class TestCodesOf2005:
    """A station of the edition of 2005 was never judged: its items stayed 011, B01, without name, unit and limit."""

    def test_an_exceedance_is_judged_like_its_twin_of_2017(self, data_dir: Path) -> None:
        import_devices(None, shared("cases", "22-2005-factor-codes", "dev_limits.csv"))
        assert set(Limit.objects.values_list("item", "unit")) == {("COD", "mg/L")}
        for n in (5, 4, 3, 2):
            send(data_dir, LATE, case("22-2005-factor-codes", f"g120-2005-exceed-{n}.bin"))
        assert values("FIELD2005000007") == {"COD/Avg/hour": [500.0] * 4, "flow/Avg/hour": [1.2] * 4}
        assert units("FIELD2005000007") == {"COD": "mg/L", "flow": "L/s"}
        assert Evaluation.objects.filter(point__code="FIELD2005000007", item="COD", verdict="fail").count() == 4
        assert [a.point.code for a in Alert.objects.filter(item="COD")] == ["FIELD2005000007"]

    def test_registered_and_adopted_go_to_the_same_items(self, data_dir: Path) -> None:
        import_devices(None, shared("cases", "22-2005-factor-codes", "dev2005.csv"))
        assert dict(Channel.objects.values_list("factor_code", "item")) == {
            "011": "COD", "060": "NH3N", "B01": "flow", "001": "pH", "02": "SO2", "S01": "O2", "a21026": "SO2",
        }  # fmt: skip
        send(data_dir, LATE, case("22-2005-factor-codes", "g96-2005-registered.bin"))
        assert set(units("FIELD2005000001")) == {"pH", "flow", "COD", "NH3N"}
        send(data_dir, LATE, case("22-2005-factor-codes", "g03-zs-apart.bin"))
        assert values("FIELD000000003")["dust/ZsRtd/raw"] == [6.5]
        assert set(units("FIELD000000003")) == {"O2", "SO2", "dust", "NOx"}

    def test_zeros_that_a_spreadsheet_took_away(self, data_dir: Path, tmp_path: Path) -> None:
        report = import_devices(
            None, list_of(tmp_path, "MN,ST,因子编码,企业名称\nX1,32,11,甲\nX1,32,60,甲\nX2,31,2,乙\n")
        )
        assert report.errors == []
        assert set(Channel.objects.values_list("factor_code", "item")) == {
            ("011", "COD"),
            ("060", "NH3N"),
            ("02", "SO2"),
        }

    def test_the_system_code_says_the_medium(self, data_dir: Path) -> None:
        """02 is SO2 of a stack; under ST 32 it is no code of water and stays what it is."""
        send(
            data_dir,
            LATE,
            made("02-Avg=5;011-Avg=9", flag=1),
            made("011-Avg=7;02-Avg=4", flag=1, st="31", mn="FIELD212000031"),
        )
        assert set(units(MN)) == {"w01002", "COD"}
        assert set(units("FIELD212000031")) == {"011", "SO2"} or set(units("FIELD212000031")) == {"a21022", "SO2"}

    def test_a_register_in_the_codes_of_the_other_edition(self, data_dir: Path, tmp_path: Path) -> None:
        import_devices(None, list_of(tmp_path, f"MN,ST,因子编码,单位,企业名称\n{MN},32,w21003,ug/L,甲\n"))
        send(data_dir, LATE, made("060-Avg=466", flag=1))
        assert units(MN) == {"NH3N": "ug/L"}


class TestSampleTime:
    """The time of a sample was stored as a reading of 20261201020030 mg/L."""

    @pytest.mark.parametrize("name", ["g52-sampletime-inline.bin", "g93-sampletime-empty.bin"])
    def test_is_no_reading(self, data_dir: Path, name: str) -> None:
        send(data_dir, LATE, case("23-sampletime-as-reading", name))
        (device,) = Device.objects.all()
        assert {series.partition("/")[2] for series in stored(device.mn)} == {"Rtd/raw"}

    def test_is_shown_as_a_time(self, data_dir: Path) -> None:
        send(data_dir, LATE, case("23-sampletime-as-reading", "g52-sampletime-inline.bin"))
        (packet,) = last_packets("FIELD0052")
        told = {f.name: f.meaning for f in packet.fields}
        assert "2026-12-01 02:00:30" in told["w01018-SampleTime"]

    @pytest.mark.parametrize(
        "sub",
        ["sampletime=20261201020030", "CompleteTime=20261201", "SN=12345678", "EFlag=1001", "Info=12", "SampleType=1",
         "BeginTime=20261201020030", "TestTime=120000", "DevNo=77", "ResultType=1", "Raw=1E5", "X=123456789012"],
    )  # fmt: skip
    def test_nor_is_anything_else_that_is_no_value(self, data_dir: Path, sub: str) -> None:
        send(data_dir, LATE, made(f"w01018-{sub},w01018-Rtd=194.2,w01018-Flag=N", cn="2011"))
        assert values(MN) == {"COD/Rtd/raw": [194.2]}


class TestCaseOfFlags:
    """-flag=D was dropped, and the hour of a faulty instrument judged as an exceedance."""

    @pytest.mark.parametrize("name", ["g125-lowercase-flagD-exceed.bin", "g126-uppercase-flagD-exceed.bin"])
    def test_a_faulty_hour_is_no_exceedance(self, data_dir: Path, name: str) -> None:
        import_devices(None, shared("cases", "22-2005-factor-codes", "dev_limits.csv"))
        send(data_dir, LATE, case("24-lowercase-flag", name))
        ((reading,),) = stored("FIELD2017000007").values()
        assert (reading.value is not None, reading.flag) == (True, "D")
        assert not Evaluation.objects.filter(verdict="fail").exists()

    def test_the_shared_mixture(self, data_dir: Path) -> None:
        send(data_dir, LATE, case("24-lowercase-flag", "g75-lowercase-flag-D.bin"))
        assert {r.flag for (r,) in stored("FIELD0075").values()} == {"D"}

    def test_statistics_in_any_case(self, data_dir: Path) -> None:
        send(data_dir, LATE, made("w01018-AVG=1,w01018-MIN=0.5,w01018-max=2,w01018-COU=3,w01018-FLAG=d"))
        assert values(MN) == {
            "COD/Avg/hour": [1.0],
            "COD/Min/hour": [0.5],
            "COD/Max/hour": [2.0],
            "COD/Cou/hour": [3.0],
        }
        assert {r.flag for (r,) in stored(MN).values()} == {"D"}


class TestMinuteSteps:
    """Minutes of a one-minute logger counted as ten each: an hour with half its data was complete."""

    def hour(self, mn: str) -> Any:
        sweep_hours()
        step()
        (found,) = [
            r for r in stored(mn)["COD/Avg/hour"] if r.start == int(datetime(2026, 11, 30, 17, tzinfo=UTC).timestamp())
        ]
        return found

    @pytest.mark.parametrize(
        ("name", "mn", "capture", "step_s"),
        [
            ("g50-minute-1min-60.bin", "FIELD0050", 1.0, 60),
            ("g51-minute-5min-12.bin", "FIELD0051", 1.0, 300),
            ("g73-minute-first-half-only.bin", "FIELD0073", 0.5, 60),
        ],
    )
    def test_of_the_shared_streams(self, data_dir: Path, name: str, mn: str, capture: float, step_s: int) -> None:
        send(data_dir, LATE, case("25-minute-interval", name))
        assert self.hour(mn).capture == pytest.approx(capture)
        assert {r.end - r.start for r in stored(mn)["COD/Avg/minute"]} == {step_s}
        assert Device.objects.get(mn=mn).minute_seen == step_s

    @pytest.mark.parametrize(
        ("every", "count", "capture"),
        [(1, 6, 0.1), (1, 30, 0.5), (5, 6, 0.5), (15, 4, 1.0), (10, 3, 0.5), (10, 6, 1.0)],
    )
    @pytest.mark.parametrize("at_once", [True, False], ids=["at-once", "one-by-one"])
    def test_capture_is_of_the_union(
        self, data_dir: Path, every: int, count: int, capture: float, at_once: bool
    ) -> None:
        frames = [
            made(
                f"w01018-Avg={n}.0,w01018-Flag=N",
                cn="2051",
                time=f"2026120101{n * every:02d}00",
                qn=f"2026120101{n * every:02d}30123",
            )
            for n in range(count)
        ]
        for group in [frames] if at_once else [[one] for one in frames]:
            send(data_dir, LATE, *group)
        # four readings fifteen minutes apart may be a ten-minute logger that loses some: known only after more of them
        assert self.hour(MN).capture == pytest.approx(capture if every != 15 else 40 / 60)

    def test_a_register_that_contradicts_is_doubted_not_followed_blindly(self, data_dir: Path, tmp_path: Path) -> None:
        import_devices(None, list_of(tmp_path, f"MN,ST,因子编码,分钟间隔,企业名称\n{MN},32,w01018,10,甲\n"))
        frames = [
            made(
                f"w01018-Avg={n}.0,w01018-Flag=N", cn="2051", time=f"2026120101{n:02d}00", qn=f"2026120101{n:02d}30123"
            )
            for n in range(30)
        ]
        send(data_dir, LATE, *frames)
        assert self.hour(MN).capture == pytest.approx(0.5)
        device = Device.objects.get(mn=MN)
        assert (device.minute_length, device.minute_seen) == (600, 60)

    def test_one_packet_tells_nothing(self, data_dir: Path) -> None:
        send(data_dir, LATE, case("25-minute-interval", "g33-2051-5min.bin"))
        assert Device.objects.get(mn="FIELD0033").minute_seen is None


class TestNumbers:
    """.466 and 4.5E-4 gave no value; of 19,191.973 the 19 was stored."""

    def test_of_the_shared_files(self, data_dir: Path) -> None:
        send(
            data_dir,
            LATE,
            *(
                case("26-number-forms", f"{n}.bin")
                for n in ("g112-point5", "g23-sci-notation", "g57-thousands", "g21-nan")
            ),
        )
        assert values("FIELD0112") == {"NH3N/Avg/hour": [0.466], "TP/Avg/hour": [0.00045], "COD/Avg/hour": [32.4]}
        assert stored("FIELD0112")["TP/Avg/hour"][0].decimals == 5
        got = values("FIELD0023")
        assert [v for v in got.values() if v != [None]] == [[0.0012], [0.00005]]
        assert values("FIELD0057") == {"flue_flow/Avg/hour": [5.331]}
        assert {v for rows in values("FIELD0021").values() for v in rows} <= {None}

    @pytest.mark.parametrize(
        ("text", "value"),
        [("1e3", 1000.0), ("+5", 5.0), ("7.", 7.0), ("-.5", -0.5), (" 5 ", 5.0), ("1.5e+01", 15.0), ("5e-05", 0.00005)],
    )
    def test_that_are_numbers(self, data_dir: Path, text: str, value: float) -> None:
        send(data_dir, LATE, made(f"w01018-Avg={text},w01018-Flag=N"))
        assert values(MN) == {"COD/Avg/hour": [value]}

    @pytest.mark.parametrize(
        "text",
        ["--", "NaN", "inf", "1.#QNAN", "NULL", "", "12.5mg/L", "1 2", "１２.５", "1.2.3", "0x1F",
         "19,191.973", "35,2", "1e", "e5", ".",
         "1e999", "<0.01", "0.005L", "ND", "1,234,567.8"],
    )  # fmt: skip
    def test_that_are_none(self, data_dir: Path, text: str) -> None:
        send(data_dir, LATE, made(f"w01018-Avg={text},w01018-Flag=N"))
        assert values(MN) == {"COD/Avg/hour": [None]}


class TestChecksAndLengths:
    """A check without its leading zero, one packet in sixteen of such a device, was refused for ever."""

    @pytest.mark.parametrize(
        ("name", "mn", "count", "answers"),
        [("g90-crc-0F00-as-F00.bin", "FIELD0090", 2, 2), ("g24-lower-hash-len.bin", "FIELD0024", 1, 1),
         ("g45-flag-after-cp.bin", "FIELD000000045", 1, 1), ("g90-crc-06C0-as-0F00.bin", "FIELD0090X", 1, 1)],
    )  # fmt: skip
    def test_of_the_shared_files(self, data_dir: Path, name: str, mn: str, count: int, answers: int) -> None:
        got = send(data_dir, LATE, case("27-crc-and-frame", name))
        assert len(values(mn)["COD/Rtd/raw"]) == count
        assert len(got) == answers


class TestUnitsAndNames:
    """Codes of no table could not be mapped, a blank made a statistic of its own, ug/m3 was read as mg/m3."""

    def test_blanks(self, data_dir: Path) -> None:
        send(data_dir, LATE, case("28-st22-microgram", "g06-spaces.bin"))
        assert values("FIELD0006")["NO2/Rtd/raw"] == [20.9]
        assert {name.split("/")[1] for name in values("FIELD0006")} == {"Rtd"}

    def test_the_list_maps_any_code_to_an_item_and_a_unit(self, data_dir: Path, tmp_path: Path) -> None:
        report = import_devices(
            None,
            list_of(
                tmp_path,
                "MN,ST,因子编码,项目,单位\n"
                f"{MN},22,PM25,PM2.5,ug/m3\n{MN},22,A0502408,臭氧,ug/m3\n{MN},22,a21026,,μg/m³\n{MN},22,a99054,二氧化氮,微克/立方米\n",
            ),
        )
        assert report.errors == []
        send(data_dir, LATE, made("PM25-Rtd=35;A0502408-Rtd=64;a21026-Rtd=22;a99054-Rtd=31", st="22", cn="2011"))
        assert values(MN) == {
            "PM2_5/Rtd/raw": [35.0],
            "O3/Rtd/raw": [64.0],
            "SO2/Rtd/raw": [22.0],
            "NO2/Rtd/raw": [31.0],
        }
        assert set(units(MN).values()) == {"ug/m3"}

    def test_an_item_that_nobody_knows_is_said(self, data_dir: Path, tmp_path: Path) -> None:
        report = import_devices(None, list_of(tmp_path, f"MN,ST,因子编码,项目,单位\n{MN},22,PM25,不存在,ug/m3\n"))
        assert [(e["column"], e["got"]) for e in report.errors] == [("项目", "不存在")]

    def test_a_doubtful_unit_is_asked_about_and_not_guessed(self, data_dir: Path) -> None:
        """SO2 of 22.25 mg/m3 at an air station: nobody was told that it may be ug/m3."""
        send(data_dir, LATE, case("28-st22-microgram", "g53-ug-gases.bin"))
        device = Device.objects.get(mn="FIELD0053")
        assert {(d.kind, d.subject, d.proposed) for d in doubts_of(device)} >= {
            ("unit", "SO2", "ug/m3"),
            ("unit", "NO2", "ug/m3"),
        }
        assert units("FIELD0053")["SO2"] == "mg/m3"
        send(data_dir, LATE, case("28-st22-microgram", "g101-a21030-o3.bin"))
        assert {(d.kind, d.subject) for d in doubts_of(Device.objects.get(mn="FIELD0101"))} == {
            ("code", "a21030"),
            ("code", "a99054"),
        }

    def test_doubts_stand_on_the_page_and_in_the_api(self, data_dir: Path, office: Office) -> None:
        send(data_dir, LATE, case("28-st22-microgram", "g53-ug-gases.bin"))
        browser = Client()
        browser.force_login(office["chief"])
        assert "存疑" in browser.get(reverse("line:device", args=["FIELD0053"])).content.decode()
        _, secret = create_token(None, office["chief"], "t", ("read",))
        told = Client().get("/api/v1/devices/FIELD0053", headers={"Authorization": f"Bearer {secret}"}).json()
        assert {d["kind"] for d in told["doubts"]} == {"unit"}


def test_channels_and_limits_kept_under_old_codes_get_their_items(office: Office) -> None:
    """What was registered before the codes were translated: the migration names the item, the person's own words stay."""
    migration = importlib.import_module("qingyuan.ops.upgrade.before_house.sources.migrations.0008_codes_of_2005")
    device = Device.objects.get(mn=WATER_MN)
    for code, item in (("011", "011"), ("060", "自定"), ("PM25", "PM25"), ("B01", "B01")):
        Channel.objects.create(device=device, factor_code=code, point=office.waste, item=item)
    put_limit(office.waste_outlet, "011", 50, "hour", "")
    put_limit(office.waste_outlet, "060", 5, "hour", "mg/L")
    migration.translate(OldApps(), None)
    kept = {c.factor_code: (c.item, c.unit) for c in Channel.objects.filter(device=device)}
    assert kept == {
        "w01018": ("CODCr", "mg/L"), "011": ("COD", "mg/L"), "060": ("自定", ""), "PM25": ("PM25", ""), "B01": ("flow", "L/s"),
    }  # fmt: skip
    limits = set(Limit.objects.filter(outlet=office.waste_outlet).values_list("item", "averaging", "unit"))
    assert limits == {("CODCr", "day", "mg/L"), ("COD", "hour", "mg/L"), ("NH3N", "hour", "mg/L")}


def test_what_is_stored_under_an_old_code_goes_to_its_item_by_a_replay(office: Office, data_dir: Path) -> None:
    """Readings are never rewritten: a replay gives them anew under the item, and the old series says so."""
    key = SeriesKey("WASTE", "060", "Avg", "hour")
    raw = made("060-Avg=5,060-Flag=N", mn=WATER_MN, flag=1)
    send(data_dir, LATE, raw)
    (at,) = (m.origin for m in readings().messages(station=WATER_MN))
    (reading,) = stored("WASTE")["NH3N/Avg/hour"]
    old = NewReading(
        key, reading.start, reading.end, 5.0, 0, "", "N", stamp=20261201030030123, origin=at, received_at=1
    )
    readings().append([old])
    done = replay_frames(Scope(), "admin", "编码已翻译", int(LATE.timestamp() * 1e6))
    assert done.voided == 1
    assert {name: [r.value for r in rows] for name, rows in stored("WASTE").items()} == {
        "NH3N/Avg/hour": [5.0], "060/Avg/hour": [None],
    }  # fmt: skip
