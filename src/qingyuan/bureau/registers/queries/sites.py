"""Which site of the register a list means when it names a firm: by permit, else credit code and name, else name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from qingyuan.bureau.registers.credit_code import doubt_of
from qingyuan.bureau.registers.models import Enterprise
from qingyuan.bureau.registers.models.firms import CreditCodeField


@dataclass(frozen=True)
class FirmWords:
    """What a list says of a firm; empty where it says nothing."""

    name: str = ""
    code: str = ""
    permit: str = ""


def read_code(text: str) -> tuple[str, str]:
    """The credit code that a cell means, and why it must be mistyped; "" for a right one, and for none."""
    code = CreditCodeField.tidy(text)
    return code, doubt_of(code) if code else ""


def sites_meant(words: FirmWords, among: Sequence[Enterprise] | None = None) -> list[Enterprise]:
    """The sites that fit, best first told apart: one is meant, several must be asked, none is not registered.

    A site with another permit or another credit code never fits: a code with two permits is two sites.
    """
    sites = _near(words) if among is None else among
    if words.permit and (found := [site for site in sites if site.permit == words.permit]):
        return found
    open_ones = [
        site
        for site in sites
        if not (words.permit and site.permit)
        and not (words.code and site.credit_code and site.credit_code != words.code)
    ]
    named = [site for site in open_ones if words.name and words.name in (site.name, site.code)]
    coded = [site for site in open_ones if words.code and words.code in (site.credit_code, site.code)]
    both = [site for site in named if site in coded]
    return both or coded or named


def _near(words: FirmWords) -> list[Enterprise]:
    near = Q(pk__in=[])
    if words.permit:
        near |= Q(permit=words.permit)
    if words.code:
        near |= Q(credit_code=words.code) | Q(code=words.code)
    if words.name:
        near |= Q(name=words.name) | Q(code=words.name)
    return list(Enterprise.objects.filter(near).order_by("code")[:50])
