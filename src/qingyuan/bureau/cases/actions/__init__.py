"""Acts on leads and cases. Pages, API and the system itself call the same ones."""

from qingyuan.bureau.cases.actions.informants import call_back, reveal
from qingyuan.bureau.cases.actions.leads import dismiss_lead, merge_lead, open_case, raise_lead
from qingyuan.bureau.cases.actions.taking import take_lead
from qingyuan.bureau.cases.actions.work import act

__all__ = ["act", "call_back", "dismiss_lead", "merge_lead", "open_case", "raise_lead", "reveal", "take_lead"]
