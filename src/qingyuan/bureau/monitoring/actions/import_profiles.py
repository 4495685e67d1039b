from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.db.models import Max

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, Missing
from qingyuan.bureau.monitoring.models import ImportProfile
from qingyuan.intake.files import ProfileError
from qingyuan.intake.files.profile import Profile


def save_profile(actor: User | None, name: str, mapping: dict[str, Any]) -> ImportProfile:
    """Save a mapping made on the screen; a name that exists gets a new version. Raises Missing, Invalid.

    A point that was given for one file is not part of the profile: the next file may be of another place.
    """
    require(actor, "import")
    name = name.strip()
    if not name:
        raise Missing("没有填写方案名称", "name")
    mapping = mapping | {"fixed_point": "", "sheet": ""}
    try:
        Profile.from_json(json.dumps(mapping)).check()
    except ProfileError as error:
        raise Invalid(str(error), "mapping") from error
    with transaction.atomic():
        newest = ImportProfile.objects.filter(name=name).aggregate(n=Max("version"))["n"] or 0
        row = ImportProfile.objects.create(
            name=name, version=newest + 1, mapping=mapping, created_at=clock.now(), created_by=actor
        )
        record(actor, "import.profile", row, f"保存导入方案 {name} 第 {row.version} 版")
    return row
