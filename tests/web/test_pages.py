"""Every page is rendered for every role, with rows and without; nothing inline; a bounded number of queries."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qingyuan.bureau.accounts.models import Role
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.judging.models import Evaluation
from web.factories import NOW, County, make_user
from web.objects import fill
from web.test_access import client_of
from web.walk import addresses

ROLES = ["director", "chief", "officer", "monitor", "town", "enterprise", "system", "security", "audit"]
NOT_HTML = {
    "monitoring:series",
    "web:map_features",
    "cases:exhibit",
    "imports:bad_rows",
    "cases:record",
    "healthz",
    "exports:download",
    "firms:emissions_csv",
    "firms:emissions_xlsx",
    "books:book_template",
    "books:book_export",
    "books:book_features",
    "firms:outlet_hours",
    "firms:tag_exhibit",
}
OF_ADMINISTRATORS = {"web:audit", "web:components"}
ONLY_POST = {
    "web:language", "web:appearance", "accounts:sign_out", "accounts:user_active", "accounts:user_password",
    "accounts:token_revoke", "cases:step", "cases:decide", "imports:run", "imports:undo", "firms:tag_withdraw", "quality:undo",
    "monitoring:stop_end", "line:follow", "line:adopt", "line:in_use", "line:request_withdraw",
    "firms:limits_undo", "firms:tag_check", "firms:tag_supply",
    "accounts:hand_over", "firms:outlet_meters", "cases:take", "cases:informant_call", "cases:informant_reveal",
}  # fmt: skip
MOST_QUERIES = 45


def test_no_page_shows_the_key_of_an_item(county: County) -> None:
    """Why a day has no index was told as "PM2_5、O3_8h"; people write PM₂.₅ and O₃-8h."""
    shown = {"start": NOW - timedelta(days=2), "end": NOW - timedelta(days=1), "item": "", "watermark": 1}
    Evaluation.objects.create(
        point=county.air, kind="air_day", verdict="cannot_tell", rule_set="HJ633-2026", computed_at=NOW,
        detail={"reason": "缺PM2_5、O3_8h"}, **shown,
    )  # fmt: skip
    client = client_of(county.users["chief"])
    places = addresses(county, fill(county, north=False)) | {"station": f"/monitoring/{county.air.code}/"}
    told = {}
    for name, address in places.items():
        if name not in ONLY_POST | NOT_HTML:
            text = re.sub(
                r"<(script|code|textarea)\b.*?</\1>|<[^>]*>", " ", client.get(address).content.decode(), flags=re.S
            )
            if found := sorted(set(re.findall(r"PM2_5|O3_8h", text))):
                told[name] = found
    assert told == {}
    assert "O₃" in client.get(places["station"]).content.decode().replace("<sub>3</sub>", "₃")


def test_the_chief_reads_every_page_of_the_work(county: County) -> None:
    client = client_of(county.users["chief"])
    for name, address in addresses(county, fill(county, north=False)).items():
        if name.split(":")[0] in {"monitoring", "alerts", "cases", "web"} and name not in ONLY_POST | OF_ADMINISTRATORS:
            if name.endswith("_lead") or name in NOT_HTML - {"monitoring:series", "web:map_features"}:
                continue
            assert client.get(address).status_code == 200, name


@pytest.mark.parametrize(
    "address",
    ["/", "/monitoring/", "/monitoring/?kind=water", "/alerts/", "/findings/", "/leads/", "/cases/", "/map/", "/imports/",
     "/tags/", "/books/", "/books/devices/",
     "/evaluation/", "/evaluation/sections/", "/evaluation/results/", "/reports/", "/search/"],
)  # fmt: skip
def test_an_empty_system_says_why_it_is_empty(db: None, address: str) -> None:
    client = client_of(make_user("first", Role.CHIEF, None))
    answer = client.get(address)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "empty" in text or "cannot" in text or address in {"/map/"}, address


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/monitoring/?kind=outlet",
        "/monitoring/quality/",
        "/monitoring/freshness/",
        "/alerts/",
        "/leads/",
        "/cases/",
        "/map/",
        "/books/",
    ],
)
def test_queries_are_bounded(chief: Client, county: County, address: str) -> None:
    with CaptureQueriesContext(connection) as seen:
        chief.get(address)
    assert len(seen) <= MOST_QUERIES, "\n".join(q["sql"][:150] for q in seen)


def test_queries_do_not_grow_with_the_rows(chief: Client, county: County) -> None:
    from qingyuan.bureau.cases.models import Case, Lead
    from qingyuan.bureau.registers.models import Outlet, Point

    pages = ["/monitoring/?kind=outlet", "/alerts/", "/leads/", "/cases/", "/books/", "/map/features.json"]

    def count() -> list[int]:
        found = []
        for address in pages:
            with CaptureQueriesContext(connection) as seen:
                chief.get(address)
            found.append(len(seen))
        return found

    count()
    before = count()
    for n in range(12):
        point = Point.objects.create(
            code=f"X{n}", name=f"新排口 {n}", kind="outlet", area=county.south, lon=119.1, lat=33.1
        )
        Outlet.objects.create(code=point.code, name=point.name, point=point, medium="gas", enterprise=county.enterprise)
        Lead.objects.create(
            number=f"L{n}", source="manual", title="x", occurred_at=NOW, created_at=NOW, area=county.south
        )
        Case.objects.create(
            number=f"C{n}", kind="outlet", definition_version=1, state="opened", title="x", area=county.south,
            ordered_by=county.bureau, opened_at=NOW, opened_by=county.users["chief"],
        )  # fmt: skip
    assert count() == before


def test_the_morning_line_says_yesterday_and_what_is_known_of_the_year(chief: Client) -> None:
    text = chief.get("/").content.decode()
    line = re.search(r'<p id="line">(.*?)</p>', text, re.S)
    assert line is not None
    for part in (
        "云沚县 11月21日 08:30",
        "昨日 AQI",
        "今年以来 —（只有 40 个有效日）",
        "优良天 22/40",
        "2 个断面 1 个达标",
    ):
        assert part in line[1], f"{part} not in {line[1]}"


def test_every_headline_figure_opens_its_rows(chief: Client) -> None:
    text = chief.get("/").content.decode()
    links = re.findall(r'<a class="figure" href="([^"]+)"', text)
    assert len(links) == 3
    for link in links:
        assert chief.get(link).status_code == 200


def test_a_list_counts_exactly_and_names_what_it_did_not_understand(chief: Client) -> None:
    assert "共 2 条" in chief.get("/alerts/").content.decode()
    assert "共 1 条" in chief.get("/alerts/?rule=silence").content.decode()
    text = chief.get("/alerts/?rule=nonsense").content.decode()
    assert "共 2 条" in text
    assert "nonsense" in text


POLLED = ("/frame/freshness/", "/map/features.json")


@pytest.mark.parametrize("address", POLLED)
def test_polling_answers_304_before_anything_is_rendered(
    chief: Client, county: County, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page was rendered, then hashed: the answer was short, the work was not."""
    first = chief.get(address)
    seen = {"If-None-Match": first["ETag"]}
    with monkeypatch.context() as still:
        still.setattr("qingyuan.web.views.today.arrival_summary", _never)
        still.setattr("qingyuan.web.views.map.map_data", _never)
        assert chief.get(address, headers=seen).status_code == 304
    record(None, "county.name", "area:1", "something happened")
    assert chief.get(address, headers=seen).status_code == 200


@pytest.mark.parametrize("address", POLLED)
def test_what_another_one_saw_is_no_tag_of_mine(chief: Client, county: County, address: str) -> None:
    """A town has fewer points than the county, English other words: each its own tag."""
    tags = {chief.get(address)["ETag"], client_of(county.users["town"]).get(address)["ETag"]}
    chief.post("/language/", {"language": "en", "next": "/"})
    tags.add(chief.get(address)["ETag"])
    assert len(tags) == 3


def _never(*_given: object) -> None:
    raise AssertionError("worked out although nothing changed")


def test_a_printed_page_carries_name_time_and_the_digest_of_what_it_shows(chief: Client, county: County) -> None:
    def foot(address: str) -> str:
        text = chief.get(address).content.decode()
        return text[text.index("<footer") : text.index("</footer>")]

    address = f"/cases/{county.case.pk}/"
    first = foot(address)
    assert "程科长" in first
    assert "2026-11-21 08:30:00" in first
    digest = re.search(r"<code>([0-9a-f]{64})</code>", first)
    assert digest is not None
    assert foot(address) == first
    county.case.events.create(at=NOW, verb="report", note="新的一条")
    assert digest[1] not in foot(address)
