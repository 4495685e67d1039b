"""Open leads and cases follow the area that answers for their point; what is closed stays where it was worked."""

from __future__ import annotations

from django.db.models import Q

from qingyuan.bureau.accounts.models import Area
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.cases.actions.leads import _event
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.registers.actions.answering import Moves


def follow_points(moves: Moves) -> None:
    """Hand the open matters of points over with them, where they lay in the area that answered before."""
    names = dict(Area.objects.filter(pk__in={new for _, new in moves.values()}).values_list("pk", "name"))
    waits = Q(state=Lead.State.NEW) | Q(state=Lead.State.CASE, case__closed_at=None)
    leads = Lead.objects.filter(waits, point__in=list(moves))
    cases = Case.objects.filter(point__in=list(moves), closed_at=None)
    matters: list[Lead | Case] = [*leads, *cases]
    for matter in matters:
        old, new = moves[matter.point_id or 0]
        if matter.area_id != old:
            continue
        matter.area_id = new
        matter.save(update_fields=["area"])
        words = f"{matter.number} 随点位转由{names.get(new or 0, '无')}负责"
        if isinstance(matter, Case):
            _event(matter, None, "moved", note=words)
            record(None, "case.move", matter, words)
        else:
            record(None, "lead.move", matter, words)
