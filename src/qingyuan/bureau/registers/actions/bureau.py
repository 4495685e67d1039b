from __future__ import annotations

from qingyuan import config
from qingyuan.bureau.accounts.models import Organisation
from qingyuan.bureau.registers.actions.register import find_or_make_organisation

CODE = "bureau"


def ensure_bureau() -> Organisation:
    """The bureau itself, made at first start, so that cases have a body that orders them."""
    name = config.COUNTY_NAME.get()
    return find_or_make_organisation(CODE, f"{name}生态环境局", Organisation.Kind.BUREAU)
