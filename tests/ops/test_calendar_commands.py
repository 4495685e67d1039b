"""`qingyuan calendar …`: when a limit ends, in an empty data folder and after a plan was entered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qingyuan.bureau.audit.models import AuditEntry

from .test_water_commands import run


def due(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code, said = run(capsys, "calendar", "due", *words, "--json")
    assert code == 0
    found: dict[str, Any] = json.loads(said)
    return found


@pytest.mark.parametrize(
    ("words", "end", "is_provisional"),
    [
        pytest.param(("--from", "2026-12-31T09:00", "--working-days", "1"), "2027-01-04T17:30:00+08:00", True, id="new-year"),
        pytest.param(("--from", "2026-12-31", "--days", "2"), "2027-01-04T17:30:00+08:00", True, id="days-roll"),
        pytest.param(("--from", "2026-12-31T23:00", "--hours", "2.5"), "2027-01-01T01:30:00+08:00", False, id="hours"),
        pytest.param(("--from", "2026-12-01T02:00Z", "--working-days", "3"), "2026-12-04T17:30:00+08:00", False, id="utc"),
        pytest.param(
            ("--from", "2026-12-01", "--working-days", "3", "--pause", "2026-12-02/2026-12-04", "--pause",
             "2026-12-04/2026-12-05"),
            "2026-12-09T17:30:00+08:00", False, id="two-pauses",
        ),
    ],
)  # fmt: skip
def test_due(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...],
    end: str, is_provisional: bool,
) -> None:  # fmt: skip
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(tmp_path / "empty"))
    found = due(capsys, *words)
    assert (found["due"], found["provisional"]) == (end, is_provisional)
    assert all(set(day) == {"day", "name", "provisional"} and day["name"] for day in found["explained"])
    assert not (tmp_path / "empty").exists()  # a question makes no data folder


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--from", "gestern", "--days", "1"), id="no-time"),
        pytest.param(("--from", "2026-12-01", "--days", "-1"), id="negative"),
        pytest.param(("--from", "2026-12-01"), id="no-length"),
        pytest.param(("--from", "2026-12-01", "--days", "1", "--hours", "1"), id="two-lengths"),
        pytest.param(("--from", "2026-12-01", "--days", "1", "--pause", "2026-12-02"), id="half-a-pause"),
        pytest.param(("--from", "2026-12-01", "--days", "1", "--pause", "2026-12-05/2026-12-02"), id="pause-backwards"),
        pytest.param(("--from", "2026-12-01", "--days", "99999999"), id="endless"),
        pytest.param(("--from", "2026-12-01", "--hours", "1e300"), id="endless-hours"),
        pytest.param(("--from", "2026-12-01", "--hours", "nan"), id="no-number"),
    ],
)
def test_wrong_use_is_one_line(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    from qingyuan.cli import main

    try:
        code = main(["calendar", "due", *words, "--json"])
    except SystemExit as stop:
        code = int(str(stop.code))
    told = capsys.readouterr()
    assert code == 2
    assert told.out == ""
    assert len(told.err.strip().splitlines()) == 1


@pytest.mark.django_db
def test_an_entered_plan_is_shown_and_counts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qingyuan.bureau.cases.actions.deadlines import enter_holiday_plan
    from qingyuan.ops.commands import calendar

    monkeypatch.setattr(calendar, "_has_books", lambda: True)
    enter_holiday_plan(None, 2027, "2027-01-01～2027-01-04 放假 元旦\n2027-01-09 上班 元旦调休", "国办发明电 1 号")
    found = due(capsys, "--from", "2026-12-31T09:00", "--working-days", "1")
    assert (found["due"], found["provisional"]) == ("2027-01-05T17:30:00+08:00", False)
    code, said = run(capsys, "calendar", "show", "2027", "--json")
    assert code == 0
    assert json.loads(said)["announced"] is True
    assert AuditEntry.objects.filter(verb="calendar.plan").count() == 1
