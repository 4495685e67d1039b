"""What a password must be, said in the words of our own catalogue: Django's has no Chinese for half of them."""

from __future__ import annotations

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from qingyuan.bureau.accounts.models import User


class LongEnough(password_validation.MinimumLengthValidator):
    """A least length."""

    def get_error_message(self) -> str:
        """How long it must be."""
        return _("密码太短：至少 %(least)s 个字符") % {"least": self.min_length}

    def get_help_text(self) -> str:
        """The same as advice."""
        return _("密码至少 %(least)s 个字符。") % {"least": self.min_length}


class UnlikeThePerson(password_validation.UserAttributeSimilarityValidator):
    """Not the user's own names over again."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("username", "display_name"))

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError that names what it resembles."""
        try:
            super().validate(password, user)
        except ValidationError as error:
            like = _(str((error.params or {}).get("verbose_name", "")))
            raise ValidationError(_("密码与%(name)s太像，容易被猜到：换一个") % {"name": like}, error.code) from None

    def get_help_text(self) -> str:
        """The same as advice."""
        return _("密码不要与用户名、姓名相像。")


class NotOnlyDigits(password_validation.NumericPasswordValidator):
    """Not a number."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError where all are digits."""
        if password.isdigit():
            raise ValidationError(_("密码全是数字，容易被猜到：加上字母或符号"), "password_entirely_numeric")

    def get_help_text(self) -> str:
        """The same as advice."""
        return _("密码不要全是数字。")


class NotCommon(password_validation.CommonPasswordValidator):
    """None of the twenty thousand that are tried first."""

    def get_error_message(self) -> str:
        """That it is one of them."""
        return _("密码太常见，容易被猜到：换一个")

    def get_help_text(self) -> str:
        """The same as advice."""
        return _("不要用常见的密码。")
