from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.calling import Caller
from bureau.office import Office, make_office
from bureau.test_leads import make_alert, make_finding
from moment import NOW
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.evidence.actions.files import Upload
from qingyuan.bureau.line.actions.requests import make_request
from qingyuan.bureau.line.models import Device
from qingyuan.bureau.local.actions import Wanted, make_book
from qingyuan.bureau.registers.models import Outlet, Point
from qingyuan.bureau.values.actions.tags import tag
from qingyuan.bureau.values.models import Tag


@pytest.fixture(autouse=True)
def _place(data_dir: Path, clock_at: Any, cheap_passwords: None) -> None:
    """Each test has its own data folder and stands at 08:30 of a Saturday in November 2026."""


@pytest.fixture
def office(db: None) -> Office:
    """The small county of the bureau's tests."""
    return make_office()


def make_tag(point: Point, who: User) -> Tag:
    """A tag of this morning with one file, not checked."""
    start = datetime(2026, 11, 20, 20, tzinfo=UTC)
    files = [Upload("记录.txt", f"检修 {point.code}".encode())]
    return tag(
        who, Outlet.objects.get(point=point), "维护", start, start + timedelta(hours=2), note="检修", files=files
    )


@pytest.fixture
def districts(office: Office) -> dict[str, dict[str, Any]]:
    """By town: one of everything that belongs to a district."""
    from bureau.handling import go, open_for
    from qingyuan.bureau.cases.actions.leads import raise_lead

    found = {}
    make_book(None, "litter", "垃圾点", [Wanted("编号", role="key"), Wanted("区域", role="area"), Wanted("备注")])
    litter = book_of("litter")
    for name, point, maker in (("south", office.gas, "firm"), ("north", office.waste, "other_firm")):
        alert = make_alert(point)
        finding = make_finding(point)
        case = go(office, open_for(office, point), "assign", "accept", "submit")
        lead: Lead = raise_lead(
            office["officer"], title=f"线索 {name}", point=point, files=[Upload("a.txt", name.encode())]
        )
        row = make_tag(point, office[maker])
        device = Device.objects.get(point=point)
        save(None, litter, {"key": f"L-{name}", "area": getattr(office, name).pk})
        make_request(device, "1012", "钟差 90 秒", NOW)
        found[name] = {
            "mn": device.mn, "request_id": device.requests.all()[0].pk,
            "exhibit_of_lead": lead.exhibits.all()[0].pk,
            "tag_id": row.pk, "exhibit_of_tag": row.exhibits.all()[0].pk,
            "alert_id": alert.pk, "finding_id": finding.pk, "number": {"leads": lead.number, "cases": case.number},
            "code": point.code, "exhibit_id": case.exhibits.all()[0].pk, "case": Case.objects.get(pk=case.pk),
            "lead": lead, "alert": alert, "verb": "return", "operation_id": 1, "stop_id": 1, "export_id": 1,
            "book": "litter", "key": f"L-{name}",
        }  # fmt: skip
    return found


@pytest.fixture
def api(office: Office) -> Any:
    """`api("chief")` calls as that person by a token that may write; `api("chief", "read")` by one that may not."""
    return lambda who, *scopes: Caller(office[who], scopes or ("write",))
