from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.db.models import Q

from qingyuan.bureau.places.models import Area, AreaParent


def in_force(on: date) -> Q:
    """Rows with valid_from/valid_to that hold on a day (valid_to exclusive)."""
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def subtree_ids(area: Area, on: date) -> set[int]:
    """The area and everything below it on that day, as primary keys."""
    children: dict[int, list[int]] = defaultdict(list)
    for child, parent in AreaParent.objects.filter(in_force(on)).values_list("area_id", "parent_id"):
        children[parent].append(child)
    found, waiting = set(), [area.pk]
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting.extend(children[number])
    return found
