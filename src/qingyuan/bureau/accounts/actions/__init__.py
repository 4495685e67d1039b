"""Acts on accounts: create, roles, passwords, tokens."""

from qingyuan.bureau.accounts.actions.first_account import hand_over_first_account
from qingyuan.bureau.accounts.actions.tokens import SCOPES, create_token, revoke_token, user_of_token
from qingyuan.bureau.accounts.actions.users import (
    change_password,
    create_first_administrator,
    create_user,
    reset_password,
    set_active,
    set_roles,
)

__all__ = [
    "SCOPES",
    "change_password",
    "create_first_administrator",
    "create_token",
    "create_user",
    "hand_over_first_account",
    "reset_password",
    "revoke_token",
    "set_active",
    "set_roles",
    "user_of_token",
]
