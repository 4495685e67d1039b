from __future__ import annotations

from datetime import datetime, time

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qingyuan.bureau.accounts.actions.failures import failing_addresses
from qingyuan.bureau.accounts.actions.first_account import hand_over_first_account
from qingyuan.bureau.accounts.actions.tokens import create_token, revoke_token
from qingyuan.bureau.accounts.actions.users import create_user, reset_password, set_active, set_roles
from qingyuan.bureau.accounts.models import ApiToken, Area, Role, User
from qingyuan.bureau.accounts.policies.duties import grantable
from qingyuan.bureau.accounts.policies.rights import can, visible_users
from qingyuan.bureau.accounts.queries.people import users_with_roles
from qingyuan.bureau.base.errors import BureauError
from qingyuan.clock import BEIJING
from qingyuan.web import listing
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.pages.accounts.forms import RoleFormSet, TokenForm, UserForm

ACTIVE = [("1", gettext_lazy("启用")), ("0", gettext_lazy("停用"))]


@needs("manage_users")
def users(request: HttpRequest) -> HttpResponse:
    """All accounts with the roles they hold today."""
    rows = users_with_roles(person(request))
    filters = [
        listing.Filter("role", gettext_lazy("角色"), Role.choices, lambda q, v: q.filter(roles__role=v).distinct()),
        listing.Filter("active", gettext_lazy("状态"), ACTIVE, lambda q, v: q.filter(is_active=v == "1")),
    ]
    found = listing.build(
        request,
        rows,
        filters,
        search=("username", "display_name", "organisation__name"),
        search_hint=gettext_lazy("用户名、姓名、单位"),
    )
    failing = failing_addresses() if can(person(request), "manage_users") else []
    return render(request, "accounts/users.html", {"listing": found, "failing": failing})


def _roles(formset: RoleFormSet) -> list[tuple[str, Area | None]]:  # type: ignore[valid-type]
    lines = [form.cleaned_data for form in formset if form.cleaned_data.get("role")]  # type: ignore[attr-defined]
    return [(line["role"], line["area"]) for line in lines]


@needs("manage_users")
def new_user(request: HttpRequest) -> HttpResponse:
    """A new account; its one-time password is shown once, on the answer itself."""
    form = UserForm(request.POST or None)
    roles = RoleFormSet(request.POST or None, prefix="roles", form_kwargs={"roles": grantable(person(request))})
    if request.method == "POST" and form.is_valid() and roles.is_valid():
        try:
            user, secret = create_user(person(request), roles=_roles(roles), **form.cleaned_data)
        except BureauError as error:
            attach(form, error)
        else:
            return render(request, "accounts/password_once.html", {"subject": user, "secret": secret, "new": True})
    return render(request, "accounts/user_new.html", {"form": form, "roles": roles})


@needs("manage_users")
def user(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: roles, state, tokens."""
    actor = person(request)
    subject = get_object_or_404(users_with_roles(actor), pk=pk)
    held = [{"role": r.role, "area": r.area_id} for r in subject.roles_now]  # type: ignore[attr-defined]
    roles = RoleFormSet(request.POST or None, prefix="roles", initial=held, form_kwargs={"roles": grantable(actor)})
    problem = ""
    if request.method == "POST" and roles.is_valid():
        try:
            set_roles(actor, subject, _roles(roles))
        except BureauError as error:
            problem = str(error)
        else:
            messages.success(request, _("角色已更新，自今日起生效。"))
            return redirect("accounts:user", pk=pk)
    own = subject.pk == actor.pk
    context = {
        "own": own,
        "subject": subject,
        "roles": roles,
        "problem": problem,
        "tokens": subject.tokens.order_by("-created_at"),
    }
    return render(request, "accounts/user.html", context)


@require_POST
@needs("manage_users")
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch an account on or off."""
    subject = get_object_or_404(visible_users(person(request)), pk=pk)
    try:
        set_active(person(request), subject, request.POST.get("active") == "1")
    except BureauError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已更新。"))
    return redirect("accounts:user", pk=pk)


@require_POST
@needs("manage_users")
def new_password(request: HttpRequest, pk: int) -> HttpResponse:
    """A new one-time password, shown once."""
    subject = get_object_or_404(visible_users(person(request)), pk=pk)
    try:
        secret = reset_password(person(request), subject)
    except BureauError as error:
        messages.error(request, str(error))
        return redirect("accounts:user", pk=pk)
    return render(request, "accounts/password_once.html", {"subject": subject, "secret": secret, "new": False})


@require_POST
@needs("hand_over")
def hand_over(request: HttpRequest) -> HttpResponse:
    """The first account ends; whoever used it is signed out."""
    try:
        hand_over_first_account(person(request))
    except BureauError as error:
        messages.error(request, str(error))
        return redirect("web:settings")
    logout(request)
    return redirect("accounts:sign_in")


def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens; the text of a new one is shown once."""
    actor = person(request)
    form = TokenForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        last = form.cleaned_data["expires_on"]
        until = datetime.combine(last, time.max, BEIJING) if last else None
        try:
            _token, secret = create_token(actor, actor, form.cleaned_data["name"], form.cleaned_data["scopes"], until)
        except BureauError as error:
            attach(form, error)
        else:
            form = TokenForm()
    rows = actor.tokens.order_by("-created_at")
    return render(request, "accounts/tokens.html", {"form": form, "tokens": rows, "secret": secret})


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token: one's own, or anybody's for who manages users."""
    actor = person(request)
    owners = visible_users(actor) if can(actor, "manage_users") else User.objects.filter(pk=actor.pk)
    token = get_object_or_404(ApiToken, pk=pk, user__in=owners)
    try:
        revoke_token(actor, token)
    except BureauError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("令牌已撤销。"))
    return redirect("accounts:tokens" if token.user_id == actor.pk else f"/settings/users/{token.user_id}/")
