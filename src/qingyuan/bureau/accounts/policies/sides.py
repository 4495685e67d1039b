"""On which side a person stands: the bureau and the towns, or a firm or an O&M company that is supervised."""

from __future__ import annotations

from qingyuan.bureau.accounts.models import Organisation, User
from qingyuan.bureau.accounts.policies.rights import scope_of

SUPERVISED = (Organisation.Kind.ENTERPRISE, Organisation.Kind.OPERATOR)


def is_outside(user: User) -> bool:
    """Whether the user acts for a firm or an O&M company: by organisation, or by a role that sees only its own."""
    if user.organisation is not None and user.organisation.kind in SUPERVISED:
        return True
    held = scope_of(user).capabilities
    return "view_own" in held and "view" not in held


def name_for(reader: User | None, person: User | None, nobody: str = "系统") -> str:
    """A person's name as the reader may see it. To a firm the bureau speaks as a body, other firms not at all.

    reader None: the system itself, for a paper of the bureau.
    """
    if person is None:
        return nobody
    if reader is None or not is_outside(reader) or person.pk == reader.pk:
        return str(person)
    if person.organisation_id and person.organisation_id == reader.organisation_id:
        return str(person)
    body = person.organisation
    if body is None or body.kind in SUPERVISED:
        return "其他单位" if body is not None else "主管部门"
    return body.name
