from __future__ import annotations

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from qingyuan.bureau.accounts.actions.failures import slow_down
from qingyuan.bureau.accounts.actions.users import change_password
from qingyuan.bureau.base.errors import BureauError
from qingyuan.web.doors import attach, person
from qingyuan.web.pages.accounts.forms import PasswordForm, SignInForm


class SignIn(LoginView):
    """The door."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Said beside the form; where this address tried many accounts, slowly."""
        if not slow_down(get_client_ip_address(self.request) or ""):
            return super().form_invalid(form)
        form.add_error(None, _("这个地址上有多个账号登录失败，失败的登录会放慢；密码正确的不受影响。"))
        answer = super().form_invalid(form)
        answer.status_code = 429
        answer.headers["Retry-After"] = "60"
        return answer


class SignOut(LogoutView):
    """Out, by POST."""


def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; the first one must be changed before anything else."""
    user = person(request)
    form = PasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            change_password(user, form.cleaned_data["new"])
        except BureauError as error:
            attach(form, error)
        else:
            user.refresh_from_db()
            update_session_auth_hash(request, user)
            messages.success(request, _("密码已修改。"))
            return redirect("/")
    return render(request, "accounts/password.html", {"form": form, "first": user.must_change_password})
