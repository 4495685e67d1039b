"""What is wrong with a new password is said in the language of the page: Django's own words have no Chinese."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from qingyuan.bureau.accounts.actions.users import change_password
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base.errors import Invalid
from web.factories import NOW

WRONG = {
    "abc": "密码太短：至少 10 个字符",
    "password123": "密码太常见，容易被猜到：换一个",
    "gukongjian2": "密码与用户名太像，容易被猜到：换一个",
    "shenjiance-1": "密码与姓名太像，容易被猜到：换一个",
    "83920175536": "密码全是数字，容易被猜到：加上字母或符号",
}
LATIN, HAN = re.compile("[A-Za-z]{2}"), re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("gukongjian", "x", display_name="ShenJiance", created_at=NOW)


@pytest.mark.parametrize("password", WRONG)
def test_a_bad_password_is_refused_in_both_languages(user: User, password: str) -> None:
    """Refused by words of ours: "This password is too short" stood on a Chinese page."""
    for language, strange in (("zh-hans", LATIN), ("en", HAN)):
        with translation.override(language), pytest.raises(Invalid) as refused:
            change_password(user, password)
        assert not strange.search(str(refused.value)), refused.value
        if language == "zh-hans":
            assert WRONG[password] in str(refused.value)


def test_a_good_password_passes(user: User) -> None:
    change_password(user, "沚河边的柳树 27 棵")
    assert user.check_password("沚河边的柳树 27 棵")
