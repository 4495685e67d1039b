"""The numbered pages docs/adding-*.md, walked: what stands in a page is put where the page says, and it works."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from bureau.office import Office
from moment import NOW
from qingyuan import declared as declaring
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.cases.actions.leads import open_case, raise_lead
from qingyuan.bureau.cases.actions.work import act
from qingyuan.bureau.cases.queries import definition
from qingyuan.bureau.indicators.queries import indicator
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.judging.queries import rules
from qingyuan.bureau.loop import EPISODES
from qingyuan.bureau.reports.queries import report
from qingyuan.clock import BEIJING
from qingyuan.config import REPOSITORY
from qingyuan.intake.files import builtin

CACHES = (
    declaring.declared, rules.warning_rules, indicator.indicators, report.reports, builtin.importers, definition.kinds,
    definition._all,
)  # fmt: skip


def code_of(page: str, language: str) -> str:
    """The example of a page."""
    text = (REPOSITORY / "docs" / f"{page}.md").read_text("utf-8")
    return text.split(f"```{language}\n", 1)[1].split("```", 1)[0]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str, str], None]]:
    """Puts a page's example as a file of a package, found like one that lies there."""

    def place(page: str, package: str, file: str) -> None:
        target = tmp_path / package / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(code_of(page, "python"), "utf-8")
        home = importlib.import_module(package)
        monkeypatch.setattr(home, "__path__", [*home.__path__, str(tmp_path / package)])
        _forget()

    _forget()
    yield place
    _forget()


def _forget() -> None:
    for cache in CACHES:
        cache.cache_clear()


def _hour(office: Office, place: int, pm25: float) -> None:
    start = NOW - timedelta(hours=6 - place)
    Evaluation.objects.create(
        point=office.air, kind="air_hour", start=start, end=start + timedelta(hours=1), verdict="pass", value=50,
        rule_set="x", rule_digest="", watermark=place, detail={"values": {"PM2_5": pm25}}, computed_at=start,
    )  # fmt: skip


def test_a_warning_rule(office: Office, put: Callable[[str, str, str], None], clock_at: object) -> None:
    clock_at(NOW)  # type: ignore[operator]
    put("adding-a-warning-rule", "qingyuan.bureau.judging.rules", "pm25_hour.py")
    rule = rules.warning_rules()["pm25_hour"]
    assert rule.watch is not None
    for place, value in enumerate([40.0, 300.0, 320.0]):
        _hour(office, place, value)
    changed = rules.Changed({"air": {office.air: {int((NOW - timedelta(hours=6)).timestamp())}}})
    assert len(rule.watch(changed, EPISODES)) == 1
    assert rule.watch(changed, EPISODES) == []
    alert = Alert.objects.get(rule="pm25_hour")
    assert (alert.rule_name, alert.peak, alert.ended_at) == ("PM₂.₅ 小时浓度偏高", 320.0, None)
    _hour(office, 3, 30.0)
    rule.watch(changed, EPISODES)
    alert.refresh_from_db()
    assert alert.ended_at is not None
    browser = Client()
    browser.force_login(office["chief"])
    assert "PM₂.₅ 小时浓度偏高" in browser.get(reverse("alerts:alerts")).content.decode()


def test_an_indicator(office: Office, put: Callable[[str, str, str], None], clock_at: object) -> None:
    from bureau.test_indicators import put_days

    clock_at(datetime(2026, 3, 2, 9, tzinfo=BEIJING))  # type: ignore[operator]
    put("adding-an-indicator", "qingyuan.bureau.indicators.figures", "no2_year.py")
    put_days(office, [20.0] * 60)
    one = indicator.indicators()["NO2.year"]
    assert one.figure is not None
    assert one.figure(indicator.Asked(date(2026, 3, 2))).value == 10.0
    browser = Client()
    browser.force_login(office["chief"])
    assert "NO₂" in browser.get(reverse("web:indicators"), {"code": "NO2.year"}).content.decode()


def test_a_case_kind(
    office: Office, tmp_path: Path, put: object, monkeypatch: pytest.MonkeyPatch, clock_at: object
) -> None:
    clock_at(NOW)  # type: ignore[operator]
    folder = tmp_path / "kinds"
    shutil.copytree(definition.FOLDER, folder)
    (folder / "noise.v1.toml").write_text(code_of("adding-a-case-kind", "toml"), "utf-8")
    monkeypatch.setattr(definition, "FOLDER", folder)
    _forget()
    assert ("noise", "噪声投诉") in definition.kind_choices()
    lead = raise_lead(office["chief"], title="夜间施工噪声", occurred_at=NOW, area=office.south, place="城南镇工地")
    case = open_case(office["chief"], lead, "noise", "现场核实")
    deadline = NOW + timedelta(days=5)
    act(office["chief"], case, "assign", fields={"owner": office.team, "deadline": deadline})
    case.refresh_from_db()
    assert (case.kind, case.state) == ("noise", "working")
    given = {"outcome": "not_substantiated", "outcome_note": "未发现施工", "proof": "现场照片 3 张"}
    act(office["chief"], case, "close", fields=given)
    case.refresh_from_db()
    assert case.closed_at is not None


def test_a_report(office: Office, put: Callable[[str, str, str], None]) -> None:
    put("adding-a-report", "qingyuan.bureau.reports.papers", "open_cases/__init__.py")
    assert report.reports()["open_cases"].make(None, office["chief"]).decode() == "没有未办结的案件"
    browser = Client()
    browser.force_login(office["chief"])
    assert "未办结案件清单" in browser.get(reverse("web:reports")).content.decode()
    answer = browser.get(reverse("web:paper"), {"code": "open_cases"})
    assert (answer.status_code, answer.content.decode()) == (200, "没有未办结的案件")


def test_an_importer(put: Callable[[str, str, str], None]) -> None:
    put("adding-an-importer", "qingyuan.intake.files.importers", "neighbour.py")
    frame = pl.DataFrame({"子站编号": ["A1"], "到点时间": ["2026-11-20 08:00"], "细颗粒物": ["35"], "臭氧": ["60"]})
    found = builtin.recognise(frame)
    assert found is not None
    assert found.name == "neighbour"
    assert "neighbour" in builtin.importers()


@pytest.mark.parametrize("package", ["qingyuan.bureau.judging.rules", "qingyuan.bureau.indicators.figures"])
def test_a_file_without_its_declaration_is_named(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, put: object
) -> None:
    """A file that lies there and declares nothing would be thought to work."""
    (tmp_path / "stray.py").write_text("x = 1\n")
    home = importlib.import_module(package)
    monkeypatch.setattr(home, "__path__", [*home.__path__, str(tmp_path)])
    _forget()
    with pytest.raises(ValueError, match=r"stray: got no"):
        declaring.declared(package, "RULE" if package.endswith("rules") else "INDICATOR")
