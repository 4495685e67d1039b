"""What the system knew when a decision was taken, as a plain statement that can be kept as evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from qingyuan import clock
from qingyuan.bureau.cases.models import Lead
from qingyuan.bureau.cases.queries.informants import secrets_of, without
from qingyuan.bureau.monitoring.queries.values import series_of_point, series_values

AROUND = timedelta(hours=24)


def trigger_statement(lead: Lead) -> dict[str, Any]:
    """The lead, its alert or finding, and the hourly readings of the point from a day before to a day after."""
    statement: dict[str, Any] = {
        "made_at": clock.beijing(clock.now()).isoformat(),
        "lead": {
            "number": lead.number,
            "title": without(lead.title, secrets_of([lead])),
            "source": lead.source,
            "place": without(lead.place, secrets_of([lead])),
            "occurred_at": clock.beijing(lead.occurred_at).isoformat(),
        },
    }
    for name, row in (("alert", lead.alert), ("finding", lead.finding)):
        if row is not None:
            statement[name] = {f.attname: _plain(getattr(row, f.attname)) for f in row._meta.concrete_fields}
    if lead.point:
        start, end = lead.occurred_at - AROUND, lead.occurred_at + AROUND
        statement["readings"] = [
            {"item": s["item"], "statistic": s["statistic"], "unit": s["unit"], "values": [_row(v) for v in values]}
            for s in series_of_point(lead.point)
            if s["grain"] == "hour" and s["statistic"] in {"Avg", "ZsAvg"}
            if (values := series_values(lead.point, s["item"], "hour", start, end, s["statistic"]))
        ]
    return statement


def _plain(value: Any) -> Any:
    return clock.beijing(value).isoformat() if hasattr(value, "isoformat") else value


def _row(value: dict[str, Any]) -> list[Any]:
    start = clock.beijing(value["start"]).isoformat()
    return [start, value["value"], value["flag"], value["origin"], clock.beijing(value["received_at"]).isoformat()]
