from __future__ import annotations

from datetime import date
from typing import Any

from qingyuan.bureau.accounts.models import Area, AreaParent, Organisation


def put_area(
    code: str, name: str, kind: str, geometry: dict[str, Any] | None, parent: Area | None, valid_from: date
) -> Area:
    """Make or update an area, and its place in the tree from that day on."""
    area, _ = Area.objects.update_or_create(code=code, defaults={"name": name, "kind": kind, "geometry": geometry})
    if parent is not None:
        AreaParent.objects.get_or_create(area=area, valid_from=valid_from, defaults={"parent": parent})
    return area


def put_organisation(
    code: str, name: str, kind: str, area: Area | None = None, parent: Organisation | None = None
) -> Organisation:
    """Make or update an organisation."""
    body, _ = Organisation.objects.update_or_create(
        code=code, defaults={"name": name, "kind": kind, "area": area, "parent": parent}
    )
    return body


def find_or_make_organisation(code: str, name: str, kind: str, area: Area | None = None) -> Organisation:
    """The organisation of this code; made where there is none."""
    body, _ = Organisation.objects.get_or_create(code=code, defaults={"name": name, "kind": kind, "area": area})
    return body


def correct_organisation(body: Organisation, values: dict[str, Any]) -> None:
    """Correct what a list says otherwise: code, name, area."""
    if values:
        for key, value in values.items():
            setattr(body, key, value)
        body.save(update_fields=list(values))
