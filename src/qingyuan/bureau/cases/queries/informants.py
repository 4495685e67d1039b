"""Who reported a matter. The name and the number stay with the lead; what is shown of it leaves them out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from qingyuan.bureau.cases.models import Lead

SOMEBODY = "反映人"
NUMBER = "（号码不显示）"
SHORTEST = 2  # a name of one character would blacken half the text
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)")
_CITIZEN = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")


@dataclass(frozen=True)
class Identity:
    """What is kept back: the informant's name and number, and the words as they were taken down."""

    name: str
    phone: str
    title: str
    description: str


def has_informant(lead: Lead) -> bool:
    """Whether a person from outside is behind the lead, not the official who registered it, nor the system."""
    registrar = str(lead.created_by) if lead.created_by else "系统"
    return bool(lead.reporter_phone.strip()) or lead.reporter.strip() not in {"", registrar}


def identity_of(lead: Lead) -> Identity:
    """The identity itself; only the acts that write it into the audit trail may ask."""
    return Identity(lead.reporter, lead.reporter_phone, lead.title, lead.description)


def secrets_of(leads: Iterable[Lead]) -> tuple[str, ...]:
    """Words that must not be shown beside these leads, the longest first."""
    words = set()
    for lead in leads:
        if has_informant(lead):
            words |= {lead.reporter.strip(), lead.reporter_phone.strip()}
    return tuple(sorted((w for w in words if len(w) >= SHORTEST), key=len, reverse=True))


def without(text: str, secrets: Iterable[str]) -> str:
    """The text without the informant's name, and without any telephone or identity number."""
    for word in secrets:
        text = text.replace(word, NUMBER if word.replace("-", "").isdigit() else SOMEBODY)
    for pattern in (_CITIZEN, _MOBILE, _LANDLINE):
        text = pattern.sub(NUMBER, text)
    return text
