from __future__ import annotations

from qingyuan import config
from qingyuan.bureau.accounts.models import Organisation

CODE = "bureau"


def ensure_bureau() -> Organisation:
    """The bureau itself, made at first start, so that cases have a body that orders them."""
    name = config.COUNTY_NAME.get()
    bureau, _ = Organisation.objects.get_or_create(
        code=CODE, defaults={"name": f"{name}生态环境局", "kind": Organisation.Kind.BUREAU}
    )
    return bureau
