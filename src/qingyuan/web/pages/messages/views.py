from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from qingyuan.bureau.messages.actions import mark_read
from qingyuan.bureau.messages.queries import inbox as messages_of
from qingyuan.bureau.messages.queries import unread
from qingyuan.web import listing
from qingyuan.web.doors import person


def inbox(request: HttpRequest) -> HttpResponse:
    """The person's own messages."""
    user = person(request)
    return render(
        request, "messages/inbox.html", {"listing": listing.build(request, messages_of(user)), "unread": unread(user)}
    )


def bell(request: HttpRequest) -> HttpResponse:
    """The bell of the frame with the number of unread messages."""
    return render(request, "messages/bell.html", {"unread": unread(person(request))})


def read(request: HttpRequest) -> HttpResponse:
    """One message is read and its link opened, or all are."""
    if request.method != "POST":
        return redirect("outbox:inbox")
    number, link = request.POST.get("message", ""), request.POST.get("link", "")
    mark_read(person(request), int(number) if number.isdecimal() and len(number) < 18 else None)
    is_ours = link.startswith("/") and url_has_allowed_host_and_scheme(link, allowed_hosts=None)
    return redirect(link if is_ours else "outbox:inbox")
