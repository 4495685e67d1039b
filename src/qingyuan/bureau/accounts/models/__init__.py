from __future__ import annotations

from qingyuan.bureau.accounts.models.people import ApiToken, Role, RoleAssignment, User, UserManager
from qingyuan.bureau.accounts.models.places import Area, AreaParent, Organisation

__all__ = ["ApiToken", "Area", "AreaParent", "Organisation", "Role", "RoleAssignment", "User", "UserManager"]
