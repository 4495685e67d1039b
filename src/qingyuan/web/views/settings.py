from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from qingyuan import __version__, clock, config
from qingyuan.bureau.accounts.policies.duties import is_first, missing_administrators
from qingyuan.bureau.accounts.policies.rights import NAMES, can, scope_of
from qingyuan.bureau.audit.queries.entries import audit_rows, sealed_up_to, shown_summary
from qingyuan.bureau.audit.queries.words import KINDS, VERBS, kind_words, verb_words
from qingyuan.bureau.book.registry import books, word
from qingyuan.rules import rule_book
from qingyuan.web import listing
from qingyuan.web.about import data_folder, vendored
from qingyuan.web.doors import needs, person


def settings(request: HttpRequest) -> HttpResponse:
    """What may be set, by role."""
    user = person(request)
    held = [NAMES.get(c, c) for c in NAMES if c in scope_of(user).capabilities]
    first = is_first(user)
    context = {"held": held, "first": first, "missing": missing_administrators() if first else []}
    return render(request, "settings/settings.html", context)


def about(request: HttpRequest) -> HttpResponse:
    """Version, rule book, data folder, third-party parts."""
    system = can(person(request), "manage_system")
    context = {
        "product": __version__,
        "rules": rule_book(),
        "folder": data_folder(config.data_dir()) if system else None,
        "vendored": vendored(),
        "now": clock.now(),
    }
    return render(request, "settings/about.html", context)


@needs("read_audit")
def audit(request: HttpRequest) -> HttpResponse:
    """Who did what, when; and up to where the trail is sealed."""
    kinds = ["case", "lead", "alert", "user", "apitoken", "importjob", "exportjob", "point", "device", "tag"]
    filters = [
        listing.Filter("object", gettext_lazy("对象"), [(k, KINDS[k]) for k in kinds], "object_kind"),
        listing.Filter("verb", gettext_lazy("动作"), list(VERBS.items()), "verb"),
    ]
    found = listing.build(
        request,
        audit_rows(),
        filters,
        search=("summary", "actor_label", "verb", "object_id"),
        search_hint=gettext_lazy("操作者、动作、摘要"),
    )
    names = {book.code: word(book, book.name) for book in books()}
    rows = [
        {
            "entry": e,
            "summary": shown_summary(e),
            "verb": verb_words(e.verb),
            "kind": names.get(e.object_kind) or kind_words(e.object_kind),
        }
        for e in found.rows
    ]
    return render(request, "settings/audit.html", {"listing": found, "rows": rows, "seal": sealed_up_to()})
