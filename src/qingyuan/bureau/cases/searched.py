"""Leads and cases as they are searched: found only by what is shown of them to who searches."""

from __future__ import annotations

from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.cases.queries.finding import CASE_WORDS, LEAD_WORDS, found_cases, found_leads
from qingyuan.bureau.cases.queries.pages import case_rows, lead_rows
from qingyuan.bureau.search.source import Source

CASES = Source(
    code="cases",
    name="案件",
    model=Case,
    rows=Case.objects.all,
    fields=CASE_WORDS,
    seen=case_rows,
    holds=found_cases,
)
LEADS = Source(
    code="leads",
    name="线索",
    model=Lead,
    rows=Lead.objects.all,
    fields=LEAD_WORDS,
    seen=lead_rows,
    holds=found_leads,
)
