"""A list of firms as a bureau publishes it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bureau.office import make_office
from qingyuan.bureau.accounts.models import Organisation
from qingyuan.bureau.base.errors import Invalid, NotAllowed
from qingyuan.bureau.registers.actions.enterprises import put_enterprise
from qingyuan.bureau.registers.actions.enterprises_file import import_enterprises
from qingyuan.bureau.registers.credit_code import check_character, doubt_of
from qingyuan.bureau.registers.models import Enterprise

pytestmark = pytest.mark.django_db
HEAD = "序号,单位名称,统一社会信用代码,所属行业,重点排污单位类别,所在区县,经度,纬度\n"


def listed(folder: Path, text: str, name: str = "名录.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_key_units_are_entered_once(tmp_path: Path) -> None:
    path = listed(
        tmp_path,
        HEAD + "1,甲水泥,91350100M000100Y43,水泥制造,大气环境重点排污单位,某区,119.8123,31.4567\n"
        "2,乙污水厂,91320000MA0000001X,污水处理,水环境、土壤,某区,119.9°,31.4667\n",
    )
    looked = import_enterprises(None, path, dry_run=True)
    assert (looked.new, Enterprise.objects.count()) == (2, 0)
    report = import_enterprises(None, path)
    assert (report.new, report.errors, report.unused) == (2, [], ["序号"])
    assert [d.split("：")[0] for d in report.doubtful] == ["第 3 行"]  # kept, and told
    firm = Enterprise.objects.get(code="91320000MA0000001X")
    assert (firm.name, firm.key_unit, firm.lon, firm.lat) == ("乙污水厂", "水环境、土壤污染", 119.9, 31.4667)
    assert firm.organisation.kind == Organisation.Kind.ENTERPRISE
    again = import_enterprises(None, path)
    assert (again.new, again.changed, again.same) == (0, 0, 2)


def test_wrong_cells_are_told_and_the_good_rows_taken(tmp_path: Path) -> None:
    text = HEAD + (
        "1,甲,91350100M000100Y43,,大气,某区,31.4,119.8\n2,,91350100M000100Y44,,,,,\n3,丙,,,光污染,,,\n4,丁,,,,,0,0\n5,戊,,,,,,\n"
        "6,戊,,,,,,\n"
    )
    report = import_enterprises(None, listed(tmp_path, text))
    assert {(e["row"], e["column"]) for e in report.errors} == {
        (2, "经度"), (3, "单位名称"), (4, "重点排污单位类别"), (5, "经度"), (7, "单位名称"),
    }  # fmt: skip
    assert [firm.name for firm in Enterprise.objects.all()] == ["戊"]
    with pytest.raises(Invalid, match="缺少列：单位名称"):
        import_enterprises(None, listed(tmp_path, "a,b\n1,2\n", "x.csv"))


def test_a_firm_known_by_name_takes_its_credit_code(tmp_path: Path) -> None:
    firm, _ = put_enterprise("", "甲水泥")
    import_enterprises(None, listed(tmp_path, HEAD + "1,甲水泥,91350100M000100Y43,,,,,\n"))
    firm.refresh_from_db()
    assert firm.code == firm.organisation.code == "91350100M000100Y43"
    other, outcome = put_enterprise("91320000MA0000001X", "甲水泥")  # another firm of the same name
    assert (outcome, other.pk != firm.pk) == ("new", True)
    assert put_enterprise("91350100M000100Y43", "甲水泥股份", industry="")[1] == "changed"


def test_a_list_makes_no_firm_of_the_bureau(tmp_path: Path) -> None:
    """A name or code that another organisation bears would have given the firm's people that organisation's rights."""
    bureau = Organisation.objects.create(code="生态环境局", name="生态环境局", kind=Organisation.Kind.BUREAU)
    firm = Organisation.objects.create(
        code="91350100M000100Y43", name="甲", kind=Organisation.Kind.ENTERPRISE
    )  # entered for its people
    put_enterprise("", "乙")
    text = HEAD + "1,生态环境局,,,,,,\n2,乙,91350100M000100Y43,,,,,\n3,甲,91350100M000100Y43,,,,,\n"
    report = import_enterprises(None, listed(tmp_path, text))
    assert [(e["row"], "已登记给" in e["expected"]) for e in report.errors] == [(2, True), (3, True), (4, False)]
    assert not Enterprise.objects.filter(organisation=bureau).exists()
    report = import_enterprises(None, listed(tmp_path, HEAD + "3,甲,91350100M000100Y43,,,,,\n"))
    assert Enterprise.objects.get(name="甲").organisation == firm


def test_an_empty_cell_leaves_what_is_there(tmp_path: Path) -> None:
    put_enterprise("91350100M000100Y43", "甲", industry="水泥", key_unit="大气环境")
    import_enterprises(None, listed(tmp_path, HEAD + "1,甲,91350100M000100Y43,,,,119.8,31.4\n"))
    firm = Enterprise.objects.get()
    assert (firm.industry, firm.key_unit, firm.lon) == ("水泥", "大气环境", 119.8)


def test_who_may_not_keep_points_enters_no_firm(tmp_path: Path) -> None:
    office = make_office()
    with pytest.raises(NotAllowed):
        import_enterprises(office["officer"], listed(tmp_path, HEAD + "1,甲,,,,,,\n"))


def test_the_check_character() -> None:
    """91350100M000100Y43 is the example of GB 32100-2015."""
    assert check_character("91350100M000100Y43") == "3"
    assert doubt_of("91350100M000100Y43") == ""
    assert "校验位应为 3" in doubt_of("91350100M000100Y44")
    assert "不是 18 位" in doubt_of("某厂")


def test_the_list_of_the_field(tmp_path: Path) -> None:
    path = Path(os.environ.get("QINGYUAN_SHARED", "../shared")) / "cases/13-device-list/key_units.csv"
    if not path.is_file():
        pytest.skip("没有 ../shared")
    report = import_enterprises(None, path)
    assert (report.new, report.errors) == (2, [])
