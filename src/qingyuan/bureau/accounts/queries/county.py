"""What the pages say of places."""

from __future__ import annotations

from qingyuan import config
from qingyuan.bureau.accounts.models import Area


def county_name() -> str:
    """The county's name: as set, else the register's one county; empty while there is none."""
    if name := config.COUNTY_NAME.get():
        return name
    names = list(Area.objects.filter(kind=Area.Kind.COUNTY).values_list("name", flat=True)[:2])
    return names[0] if len(names) == 1 else ""
