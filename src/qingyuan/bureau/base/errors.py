"""Errors of the bureau's books. Messages are Chinese, for the person who acts; fields are for the edge."""

from __future__ import annotations


class BureauError(Exception):
    """Base: a domain rule says no. `field` names the input it is about, if it is about one."""

    code = "domain"

    def __init__(self, message: str, field: str = "") -> None:
        self.message, self.field = message, field
        self.more: dict[str, object] = {}  # what the API tells beside it
        super().__init__(message)


class NotAllowed(BureauError):
    """The person lacks the capability, or the object lies outside the person's scope."""

    code = "not_allowed"


class WrongState(BureauError):
    """The object is not (or no longer) in a state that allows this."""

    code = "wrong_state"


class Missing(BureauError):
    """Something required was not given."""

    code = "missing"


class Invalid(BureauError):
    """Something given is not of the expected form."""

    code = "invalid"
