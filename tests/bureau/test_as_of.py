"""A figure can be worked out again as of the day it was signed: readings, flags and rules of that moment."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bureau.office import Office
from qingyuan import clock, config
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.rule_books import book_as_of, folder, keep_book
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.indicators.queries.county_air import county_days
from qingyuan.bureau.indicators.queries.under import station_air
from qingyuan.bureau.judging.actions.days import work_off
from qingyuan.bureau.judging.queries.afresh import outlet_hours, section_water
from qingyuan.bureau.loop import step
from qingyuan.bureau.monitoring.actions.issued import put_issued_value
from qingyuan.bureau.quality.actions.operations import operate
from qingyuan.bureau.registers.models import RosterEntry
from qingyuan.bureau.values.actions.tags import tag, withdraw_tag
from qingyuan.readings import NewReading, SeriesKey
from qingyuan.rules import RuleDataError, rule_book

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 19, 16, tzinfo=UTC)  # 20 November, midnight in Beijing
END = START + timedelta(days=1)
HOUR = timedelta(hours=1)


def receive(office: Office, item: str, hour: int, value: float, at: datetime, origin: int) -> None:
    begin = int((START + hour * HOUR).timestamp())
    key = SeriesKey(office.air.code, item, "Avg", "hour")
    received = int(at.timestamp())
    more = {"stamp": origin, "origin": origin, "received_at": received}
    readings().append([NewReading(key, begin, begin + 3600, value, 0, "ug/m3", "N", **more)])


def figure(office: Office, as_of: datetime | None = None) -> list[dict[str, Any]]:
    return station_air(office.air, START, END, "day", "auto", as_of)


@pytest.mark.parametrize("seed", range(5))
def test_what_was_signed_comes_out_again_whatever_came_later(
    office: Office, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Late data, corrections, flags by rules and operations by people, in any order of arrival."""
    dice = random.Random(seed)
    now = END
    signed: list[tuple[datetime, list[dict[str, Any]]]] = []
    monkeypatch.setattr(clock, "now", lambda: now)
    arrivals = [(hour, item) for hour in range(24) for item in ("PM10", "PM2_5", "SO2")]
    dice.shuffle(arrivals)
    for origin, (hour, item) in enumerate(arrivals + dice.choices(arrivals, k=20), start=1):
        now += timedelta(minutes=7)
        receive(office, item, hour, float(dice.choice([20, 30, 40, 60, 900, 20_000])), now, origin)
        if dice.random() < 0.2:
            step()
        if origin > 30 and dice.random() < 0.05:
            begin = START + dice.randrange(20) * HOUR
            operate(
                office["monitor"],
                office.air,
                "PM10",
                begin,
                begin + 3 * HOUR,
                dice.choice(["invalid", "valid"]),
                "核实",
            )
        if dice.random() < 0.1:
            signed.append((now, figure(office)))
            now += timedelta(minutes=1)  # a second of its own: what comes later came later
    assert len(signed) > 3
    assert len({repr(rows) for _, rows in signed}) > 2
    for at, rows in signed:
        assert figure(office, at) == rows


class TestOthers:
    """Sections and outlets, by readings and tags of a moment."""

    def put(self, point: str, item: str, value: float, unit: str, at: datetime, origin: int) -> None:
        begin = int(START.timestamp())
        key = SeriesKey(point, item, "Avg", "hour")
        more = {"stamp": origin, "origin": origin, "received_at": int(at.timestamp())}
        readings().append([NewReading(key, begin, begin + 3600, value, 1, unit, "N", **more)])

    def test_a_section(self, office: Office) -> None:
        self.put("SEC", "NH3N", 0.4, "mg/L", END, 1)
        self.put("SEC", "NH3N", 2.5, "mg/L", END + HOUR, 2)
        (then,) = section_water(office.section, START, END, END + timedelta(minutes=1))
        (now,) = section_water(office.section, START, END)
        assert (then["class"], then["verdict"], then["watermark"]) == ("II", "pass", 1)
        assert (now["class"], now["verdict"], now["target"]) == (">V", "fail", "III")
        assert section_water(office.section, START, END, END - HOUR) == []
        with pytest.raises(Invalid, match="不是水质断面"):
            section_water(office.air, START, END)

    def test_an_outlet_by_its_tags_of_the_moment(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        self.put("GAS", "NOx", 80.0, "mg/m3", END, 1)
        tagged, withdrawn = END + 2 * HOUR, END + 4 * HOUR
        monkeypatch.setattr(clock, "now", lambda: tagged)
        made = tag(office["firm"], office.gas_outlet, "故障", START, START + HOUR, "NOx")
        monkeypatch.setattr(clock, "now", lambda: withdrawn)
        withdraw_tag(office["firm"], made)
        answers = {
            at: [row["answer"] for row in outlet_hours(office.gas, START, END, at)]
            for at in (None, END + HOUR, tagged, withdrawn)
        }
        assert answers == {None: ["fail"], END + HOUR: ["fail"], tagged: ["cannot_tell"], withdrawn: ["fail"]}
        (row,) = outlet_hours(office.gas, START, END, item="NOx")
        assert (row["limit"], row["basis"], row["steps"][-1]["outcome"]) == ("≤50 mg/m3", "排污许可证", "超标")
        assert outlet_hours(office.gas, START, END, item="SO2") == []
        with pytest.raises(Invalid, match="不是排放口"):
            outlet_hours(office.air, START, END)


def test_the_county_as_it_was(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Late hours, an operation and an issued figure come after the county's day was signed."""
    monkeypatch.setattr(clock, "now", lambda: END + HOUR)
    RosterEntry.objects.create(roster="county_air", point=office.air, valid_from=date(2020, 1, 1))
    for hour in range(24):
        for item in ("SO2", "NO2", "O3", "PM10", "PM2_5"):
            receive(office, item, hour, 60.0, END, 1 + hour)
    day = date(2026, 11, 20)
    signed_at = END + timedelta(minutes=30)
    (signed,) = county_days(day, day + timedelta(days=1), as_of=signed_at)
    assert signed.values["PM10"] == 60.0
    for hour in range(24):
        receive(office, "PM10", hour, 90.0, END + HOUR, 100 + hour)
    put_issued_value(None, "PM2_5.day", "33", START, END, "省厅", "ug/m3", area=office.county)
    for _ in range(3):
        step()
        work_off()
    (now,) = county_days(day, day + timedelta(days=1))
    assert (now.values["PM10"], now.issued) == (90.0, {"PM2_5": 33.0})
    assert county_days(day, day + timedelta(days=1), as_of=signed_at) == [signed]
    (again,) = county_days(day, day + timedelta(days=1), as_of=END + 2 * HOUR)
    assert again == now


class TestBooks:
    def test_a_book_is_kept_once(self, db: None) -> None:
        first = keep_book()
        assert keep_book() == first
        assert [path.name for path in folder().iterdir()] == [first.name]
        assert book_as_of(int(clock.now().timestamp())).digest == rule_book().digest

    def test_last_years_figure_by_last_years_book(
        self, office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        before = datetime(2026, 11, 21, tzinfo=UTC)
        monkeypatch.setattr(clock, "now", lambda: before)
        keep_book()
        for hour in range(24):
            receive(office, "PM10", hour, 60.0, before, 1 + hour)
        (then,) = figure(office, before)
        pack = config.data_dir() / "rules"
        pack.mkdir(exist_ok=True)
        shipped = Path(rule_book.__code__.co_filename).parent / "data" / "items.csv"
        header, *rows = shipped.read_text("utf-8").splitlines()
        lowered = next(row for row in rows if row.startswith("PM10,")).replace(",0,10000,", ",0,50,")
        (pack / "items.csv").write_text(f"{header}\n{lowered}\n", "utf-8")
        (pack / "pack.toml").write_text('name = "test"\n', "utf-8")
        from qingyuan.rules import book as books

        for cached in (books._loaded, books._from):
            cached.cache_clear()
        after = before + timedelta(days=1)
        monkeypatch.setattr(clock, "now", lambda: after)
        try:
            keep_book()
            assert len(list(folder().iterdir())) == 2
            assert figure(office)[0]["aqi"] is None, "by the book in use now the values are implausible"
            assert figure(office, before) == [then]
            assert then["iaqi"]["PM10"] is not None
        finally:
            (pack / "items.csv").unlink()
            (pack / "pack.toml").unlink()
            for cached in (books._loaded, books._from):
                cached.cache_clear()

    def test_a_book_that_was_changed_is_refused(self, db: None) -> None:
        path = keep_book()
        path.write_text(path.read_text("utf-8").replace("PM10", "PM11", 1), "utf-8")
        with pytest.raises(RuleDataError, match="digest"):
            book_as_of(int(clock.now().timestamp()))
