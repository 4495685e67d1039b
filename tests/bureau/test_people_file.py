"""People from a list: the first steps took a form only, and a bureau has a hundred accounts to make on its first day."""

from __future__ import annotations

from pathlib import Path

import pytest

from bureau.office import Office
from qingyuan.bureau.accounts.models import RoleAssignment, User
from qingyuan.bureau.base.errors import Invalid, NotAllowed
from qingyuan.bureau.registers.actions.people_file import import_people

pytestmark = pytest.mark.django_db
LIST = """用户名,姓名,角色,单位,区域
li,李监测,监测人员,,
wang,王镇长,town,城南镇政府,城南镇
zhao,赵科长,科室负责人、执法人员,,
firm9,某企业,企业,企业1,
director,重名,局领导,,
qian,钱某,厨师,,
sun,孙某,监测人员,没有这个单位,
zhou,周某,安全管理员、监测人员,,
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "people.csv"
    path.write_text(text)
    return path


def test_each_row_is_an_account_that_changes_its_password_first(office: Office, tmp_path: Path) -> None:
    path = written(tmp_path, LIST)
    before = User.objects.count()
    tried = import_people(office["security"], path, dry_run=True)
    assert User.objects.count() == before
    assert {secret for _, _, secret in tried.made} == {""}
    report = import_people(office["security"], path)
    assert [name for name, _, _ in report.made] == [name for name, _, _ in tried.made]
    assert report.known == ["director"]
    wrong = {e["got"]: e["expected"] for e in report.errors}
    assert set(wrong) == {"厨师", "没有这个单位", "zhou"}
    assert "安全管理员" in wrong["zhou"]
    li = User.objects.get(username="li")
    assert li.must_change_password
    assert li.check_password(next(secret for name, _, secret in report.made if name == "li"))
    assert RoleAssignment.objects.get(user__username="wang").area == office.south
    assert import_people(office["security"], path).made == []


def test_what_is_no_list_of_people(office: Office, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="用户名"):
        import_people(office["security"], written(tmp_path, "a,b\n1,2\n"))
    many = "用户名\n" + "".join(f"u{n}\n" for n in range(201))
    with pytest.raises(Invalid, match="至多 200 人"):
        import_people(office["security"], written(tmp_path, many))


@pytest.mark.parametrize("who", ["director", "chief", "officer", "south", "firm", "operator", "system", "audit"])
def test_who_may_not(office: Office, tmp_path: Path, who: str) -> None:
    with pytest.raises(NotAllowed):
        import_people(office[who], written(tmp_path, LIST))
