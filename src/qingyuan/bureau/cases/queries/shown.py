"""What is shown of a lead and of a case: plain rows, made by `shown_to` for one reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from qingyuan.bureau.accounts.models import Area, Organisation
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.cases.policies.visible import View
from qingyuan.bureau.cases.queries.shown_files import ShownFile
from qingyuan.bureau.registers.models import Point


@dataclass(frozen=True)
class ShownLine:
    """One line of the time line."""

    at: datetime
    who: str
    body: str
    verb: str
    label: str
    from_state: str
    to_state: str
    move: str
    note: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    files: list[dict[str, str]] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ShownOrder:
    """A rectification: what, by whom, until when, and whether it is done."""

    pk: int
    measure: str
    responsible: str
    due_on: date
    done_at: datetime | None
    done_note: str


@dataclass(frozen=True)
class ShownCase:
    """A case as lists show it."""

    pk: int
    view: View
    number: str
    kind: str
    kind_name: str
    title: str
    state: str
    state_name: str
    revision: int
    definition_version: int
    area: Area | None
    point: Point | None
    ordered_by: Organisation | None
    owner: Organisation | None
    assignee: str
    opened_at: datetime
    opened_by: str
    deadline_at: datetime | None
    is_deadline_provisional: bool
    closed_at: datetime | None
    outcome: str
    outcome_name: str
    outcome_note: str
    upper_system: str
    upper_order_number: str
    upper_deadline: datetime | None
    upper_reply: str
    parent: Case | None


@dataclass(frozen=True)
class ShownLead:
    """A lead as lists show it. reason, merged_into: for who handles the matter."""

    pk: int
    view: View
    number: str
    source: str
    source_name: str
    state: str
    state_name: str
    title: str
    description: str
    place: str
    lon: float | None
    lat: float | None
    area: Area | None
    point: Point | None
    reporter: str
    has_informant: bool
    occurred_at: datetime
    created_at: datetime
    created_by: str
    owner: str
    due_at: datetime | None
    must_handle: bool
    alert_id: int | None
    finding_id: int | None
    case: Case | None
    parent_case: Case | None
    merged_into: Lead | None
    reason: str
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True)
class CaseFile:
    """A case with everything that its page, its API answer and its record show."""

    head: ShownCase
    lines: list[ShownLine]
    files: list[ShownFile]
    orders: list[ShownOrder]
    leads: list[ShownLead]
    children: list[ShownLead]
    child_cases: list[Case]
