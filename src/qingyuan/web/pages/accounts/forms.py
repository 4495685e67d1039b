from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from qingyuan.bureau.accounts.actions.tokens import SCOPES
from qingyuan.bureau.accounts.models import Area, Organisation, Role, User
from qingyuan.bureau.base.choice_words import words_of


class SignInForm(AuthenticationForm):
    """Name and password at the door."""

    error_messages: ClassVar = {  # type: ignore[misc]
        "invalid_login": _("用户名或密码不对，或账号已停用。请检查大小写；忘记密码请联系安全管理员重置。"),
        "inactive": _("账号已停用；请联系安全管理员。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("用户名")
        self.fields["password"].label = _("密码")


class PasswordForm(forms.Form):
    """A new password of one's own; the present one proves who asks."""

    current = forms.CharField(
        label=_("现在的密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label=_("新密码"),
        strip=False,
        help_text=_("至少 10 个字符，不要全是数字，不要与用户名相近，不要用常见密码。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输一次新密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_current(self) -> str:
        """The present password must be right."""
        current: str = self.cleaned_data["current"]
        if not self.user.check_password(current):
            raise forms.ValidationError(_("现在的密码不对。"))
        return current

    def clean(self) -> dict[str, Any]:
        """Both new passwords are the same."""
        data = super().clean() or self.cleaned_data
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            self.add_error("again", _("两次输入的新密码不一致。"))
        return data


class UserForm(forms.Form):
    """A new account."""

    username = forms.CharField(label=_("用户名"), max_length=64, help_text=_("登录用，建议用拼音或工号。"))
    display_name = forms.CharField(label=_("姓名"), max_length=64)
    organisation = forms.ModelChoiceField(label=_("单位"), queryset=Organisation.objects.all(), required=False)


class RoleForm(forms.Form):
    """One role in one area; an empty role leaves the line out."""

    role = forms.ChoiceField(label=_("角色"), required=False)
    area = forms.ModelChoiceField(label=_("区域"), queryset=Area.objects.all(), required=False, empty_label=_("全域"))

    def __init__(self, *args: Any, roles: Sequence[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = words_of([("", "—"), *((role.value, role.label) for role in roles)])


RoleFormSet = forms.formset_factory(RoleForm, extra=2)


class TokenForm(forms.Form):
    """A token for programs that act as this user."""

    name = forms.CharField(label=_("用途"), max_length=100)
    scopes = forms.MultipleChoiceField(
        label=_("范围"), choices=words_of(SCOPES.items()), widget=forms.CheckboxSelectMultiple, initial=["read"]
    )
    expires_on = forms.DateField(
        label=_("到期日"), required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text=_("空 = 不到期。")
    )
