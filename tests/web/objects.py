"""Which rows fill the blanks of the addresses: rows of the south, or rows of the north."""

from __future__ import annotations

from datetime import timedelta

from qingyuan.bureau.accounts.models import Organisation
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.cases.models import Case, Exhibit, Lead
from qingyuan.bureau.evidence.models import Evidence
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.line.actions.requests import make_request
from qingyuan.bureau.line.models import Device
from qingyuan.bureau.local.actions import Wanted, make_book
from qingyuan.bureau.local.models import LocalBook
from qingyuan.bureau.monitoring.models import ExportJob, ImportJob
from qingyuan.bureau.registers.models import Enterprise
from qingyuan.bureau.values.models import LimitImport, PlannedStop, Tag, TagExhibit
from web.factories import NOW, County


def _exhibit(case: Case) -> Exhibit:
    evidence = Evidence.objects.create(sha256=f"{case.pk:064d}", sm3="0" * 64, size=3, media_type="text/plain")
    return Exhibit.objects.create(evidence=evidence, case=case, title="附件", file_name="a.txt", added_at=NOW)


def _tag_exhibit(tag: Tag) -> TagExhibit:
    evidence = Evidence.objects.create(sha256=f"{tag.pk:063d}f", sm3="0" * 64, size=3, media_type="text/plain")
    return TagExhibit.objects.create(tag=tag, evidence=evidence, file_name="a.txt", added_at=NOW, added_by=tag.made_by)


def fill(county: County, *, north: bool) -> dict[str, dict[str, object]]:
    """Blanks by route or by namespace; everything lies in the one district."""
    point = county.far_outlet if north else county.outlet
    case = county.closed if north else county.case
    alert: Alert = county.silence if north else county.alert
    chief = county.users["chief"]
    finding, lead, enterprise = county.finding, county.fresh_lead, county.enterprise
    if north:
        finding = Finding.objects.create(
            point=point, item="COD", averaging="day", start=NOW, end=NOW, verdict="exceedance", limit_ref="limit:2",
            rule_set="HJ212-2017+MEE-2022-21", watermark=1, deadline=NOW, decided_at=NOW,
        )  # fmt: skip
        lead = Lead.objects.create(
            number="XS-2026-0009", source="manual", title="北边的事", area=county.north, occurred_at=NOW, created_at=NOW
        )
        body = Organisation.objects.create(code="F2", name="北港印染厂", kind="enterprise", area=county.north)
        enterprise = Enterprise.objects.create(organisation=body, code="N2", name=body.name, area=county.north)
    device = Device.objects.create(mn=("7" if north else "6") * 24, point=point, system_type="31")
    tag = Tag.objects.create(outlet=point.outlet, kind="校准", start=NOW, end=NOW, made_by=chief, made_at=NOW)
    stop = PlannedStop.objects.create(point=point, start=NOW, end=NOW + timedelta(hours=8), reason="检修")
    job = ImportJob.objects.create(
        file_name="a.csv", file_digest="0" * 64, profile_name="water", dry_run=True, created_at=NOW
    )
    export = ExportJob.objects.create(
        points=["D01"], grain="hour", start=NOW, end=NOW, form="csv", created_at=NOW, created_by=chief
    )
    batch = LimitImport.objects.create(file_name="限值.csv", sha256="0" * 64, made_by=chief, made_at=NOW)
    town = county.north if north else county.south
    if not LocalBook.objects.filter(code="litter").exists():
        make_book(None, "litter", "垃圾点", [Wanted("编号", role="key"), Wanted("区域", role="area")])
    key = "北01" if north else "南01"
    save(None, book_of("litter"), {"key": key, "area": town.pk})
    return {
        "books": {"book": "litter", "key": key, "verb": "shut", "form": "csv"},
        "monitoring": {"code": point.code, "pk": stop.pk},
        "quality": {"code": point.code, "number": 1},
        "firms": {"code": enterprise.code, "pk": tag.pk},
        "firms:limits": {"code": point.code},
        "firms:outlet_emissions": {"code": point.code},
        "firms:emission_hours": {"code": point.code},
        "firms:recomputed": {"code": point.code},
        "firms:recomputed_count": {"code": point.code},
        "firms:limits_undo": {"pk": batch.pk},
        "line:device": {"mn": device.mn},
        "line:device_tail": {"mn": device.mn},
        "line:device_asked": {"mn": device.mn},
        "line:follow": {"mn": device.mn},
        "line:in_use": {"mn": device.mn},
        "line:adopt": {"mn": device.mn},
        "line:ask_time": {"mn": device.mn},
        "line:ask_fetch": {"mn": device.mn},
        "line:request_withdraw": {"pk": make_request(device, "1012", "钟差 90 秒", NOW).pk},
        "firms:tag": {"code": point.code},
        "firms:outlet": {"code": point.code},
        "firms:outlet_meters": {"code": point.code},
        "firms:outlet_hours": {"code": point.code},
        "firms:outlet_hour": {"code": point.code},
        "firms:tag_exhibit": {"pk": _tag_exhibit(tag).pk},
        "alerts": {"pk": alert.pk},
        "alerts:finding": {"pk": finding.pk},
        "alerts:finding_lead": {"pk": finding.pk},
        "cases": {"pk": case.pk, "verb": "report"},
        "cases:lead": {"pk": lead.pk},
        "cases:decide": {"pk": lead.pk, "decision": "dismiss"},
        "cases:take": {"pk": lead.pk},
        "cases:informant_call": {"pk": lead.pk},
        "cases:informant_reveal": {"pk": lead.pk},
        "cases:exhibit": {"pk": _exhibit(case).pk},
        "reports": {"pk": case.pk},
        "web:map_card": {"code": point.code},
        "exports": {"pk": export.pk},
        "imports": {"pk": job.pk, "token": "0" * 32},
        "accounts": {"pk": chief.pk},
        "accounts:token_revoke": {"pk": chief.tokens.create(name="x", digest=f"d{north}", created_at=NOW).pk},
    }
