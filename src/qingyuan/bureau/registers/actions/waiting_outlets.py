"""Outlets whose firm was not registered when a list named it get it as soon as it is."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Q

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.registers.models import Enterprise, Outlet
from qingyuan.bureau.registers.queries.sites import FirmWords, sites_meant


def words_of(outlet: Outlet) -> FirmWords:
    """What the list said of the outlet's firm."""
    return FirmWords(outlet.firm_name, outlet.firm_code, outlet.firm_permit)


def match_waiting(actor: User | None) -> None:
    """Give every waiting outlet the one site that its words mean; one that may mean several goes on waiting."""
    waiting = list(Outlet.objects.filter(enterprise=None).exclude(firm_name="", firm_code="", firm_permit=""))
    if not waiting:
        return
    said = [words_of(outlet) for outlet in waiting]
    names = {word for words in said for word in (words.name, words.code) if word}
    permits = {words.permit for words in said if words.permit}
    near: dict[str, list[Enterprise]] = defaultdict(list)
    for site in Enterprise.objects.filter(
        Q(name__in=names) | Q(code__in=names) | Q(credit_code__in=names) | Q(permit__in=permits)
    ).order_by("code"):
        for word in {site.name, site.code, site.credit_code, site.permit} - {""}:
            near[word].append(site)
    for outlet, words in zip(waiting, said, strict=True):
        among = {site.pk: site for word in (words.name, words.code, words.permit) if word for site in near[word]}
        found = sites_meant(words, list(among.values()))
        if len(found) == 1:  # whoever registered the firm need not hold the right to the outlet
            save(None, book_of("outlets"), {"enterprise": found[0].pk}, outlet, reason="与企业台账匹配")
