"""The command line as scripts use it: exit codes, one line of JSON, Chinese help, what is said on bad input."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from migrated import lay_down
from ops.running import command

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("commands")]
COMMANDS = (
    "up", "serve", "work", "gateway", "demo", "import", "verify", "evaluate", "report", "backup", "restore", "bundle",
    "doctor", "simulate", "token", "devices", "readings", "air", "water", "rules", "hj212", "limits",
)  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all commands of this module."""
    return lay_down(tmp_path_factory.mktemp("commands") / "data")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_chinese(data: Path, name: str) -> None:
    shown = command(data, name, "--help").stdout
    assert shown.startswith("用法：")
    assert "usage" not in shown
    assert any("\u4e00" <= c <= "\u9fff" for c in shown.splitlines()[-1])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nonsense"], 2, "应为"),
        (["verify", "water"], 2, "缺少参数"),
        (["verify", "water", "no-such-file"], 2, "no-such-file"),
        (["import", "no-such-file"], 2, "没有这个文件"),
        (["devices", "import", "no-such-file"], 2, "没有这个文件"),
        (["limits", "import", "no-such-file"], 2, "没有这个文件"),
        (["limits", "undo", "9"], 2, "没有批号"),
        (["token", "create", "--user", "nobody", "--scope", "read"], 1, "没有用户"),
        (["token", "create", "--user", "admin", "--scope", "fly"], 2, "read、write"),
        (["readings", "export", "--series", "NOPE", "--out", "o.csv"], 1, "没有序列"),
        (["readings", "export", "--series", "*", "--out", "o.txt"], 2, ".csv"),
        (["readings", "export", "--series", "*", "--from", "soon", "--out", "o.csv"], 2, "2026-03-01"),
        (["report", "case", "AJ1999-0001", "--out", "o.docx"], 1, "没有编号"),
        (["restore", "no-such-file"], 2, "没有这个文件"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_wrong_use_is_said_in_words(data: Path, words: list[str], code: int, said: str) -> None:
    done = command(data, *words, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert said in done.stderr
    assert done.stdout == ""


def test_token_and_device_list_as_one_line_of_json(data: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    rows = [
        ["MN", "ST", "点位编号", "因子编码", "单位", "限值"],
        ["1" * 24, "31", "DA001", "a21026", "mg/m3", "35"],
        ["1" * 24, "31", "DA001", "a21002", "mg/m3", "五十"],
    ]
    with listed.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(rows)
    for _ in range(2):
        done = command(data, "devices", "import", str(listed), "--json")
        assert len(done.stdout.splitlines()) == 1
        report = json.loads(done.stdout)
        assert (report["good"], report["devices"], report["limits"]) == (1, 1, 1)
        assert report["errors"] == [{"row": 3, "column": "上限", "got": "五十", "expected": "数字"}]
    done = command(data, "token", "create", "--user", "admin", "--scope", "read", "--json")
    assert json.loads(done.stdout)["scopes"] == ["read"]
    assert len(done.stdout.splitlines()) == 1


def test_limits_are_checked_kept_and_taken_back(data: Path, tmp_path: Path) -> None:
    devices, limits, told = tmp_path / "d.csv", tmp_path / "l.csv", tmp_path / "told.csv"
    devices.write_text(f"MN,ST,点位编号,因子编码\n{'2' * 24},31,DA002,a21026\n", encoding="utf-8")
    command(data, "devices", "import", str(devices), "--json")
    head = "排放口编号,监测项目,限值,单位,执行标准,类别,工艺,基准氧含量,执行日期\n"
    row = "DA002,a21026,60,{},GB 13223-2011,特别排放,燃煤锅炉,6,2026-01-01\n"
    limits.write_text(head + row.format("mg/m3") + row.format("mg/L"), encoding="utf-8")
    tried = json.loads(command(data, "limits", "import", str(limits), "--dry-run", "--json").stdout)
    assert (tried["new"], tried["refused"], tried["batch"]) == (1, 1, None)
    kept = json.loads(command(data, "limits", "import", str(limits), "--errors", str(told), "--json").stdout)
    assert {(p["row"], p["kind"]) for p in kept["problems"]} == {(2, "looser"), (3, "row"), (0, "missing")}
    assert "looser" in told.read_text(encoding="utf-8-sig")
    shown = command(data, "limits", "check", "--point", "DA002").stdout
    assert "DA002 SO2 2026-01-01 起：得到 60 mg/m3" in shown
    assert "已撤回批" in command(data, "limits", "undo", str(kept["batch"])).stdout
    assert (
        json.loads(command(data, "limits", "check", "--point", "DA002", "--json").stdout)["outlets"][0]["limits"] == 0
    )
    template = tmp_path / "limits.xlsx"
    command(data, "limits", "template", "--out", str(template))
    assert template.stat().st_size > 0


def test_file_with_a_bad_row_gives_the_good_rows(data: Path, tmp_path: Path) -> None:
    source, bad = tmp_path / "g.csv", tmp_path / "bad.csv"
    source.write_text("时间,点位,PM2.5,SO2\n2026-11-20 08:00,甲站,35,8\n2026-11-20 09:00,甲站,abc,9\n")
    tried = json.loads(command(data, "import", str(source), "--dry-run", "--json").stdout)
    assert (tried["readings_new"], tried["bad_rows"]) == (0, 1)
    made = ("--new-points", "--errors", str(bad), "--json")
    done = json.loads(command(data, "import", str(source), *made).stdout)
    assert (done["readings_new"], done["bad_rows"]) == (3, 1)
    assert {k: done["errors"][0][k] for k in ("row", "column")} == {"row": 3, "column": "PM2.5"}
    assert "abc" in bad.read_text(encoding="utf-8-sig")
    again = json.loads(command(data, "import", str(source), "--json").stdout)
    assert (again["readings_new"], again["readings_unchanged"]) == (0, 3)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://q@127.0.0.1:1/q", "无法使用主数据库"),
        ("postgresql://q@%2Fno%2Fsuch:5433/q", "/no/such/.s.PGSQL.5433"),
        ("postgresql://q@/q?host=/no/such&port=5433", "/no/such/.s.PGSQL.5433"),
        ("mysql://q@127.0.0.1/q", "QINGYUAN_DATABASE_URL"),
    ],
    ids=["refused", "socket", "socket-as-option", "other-kind"],
)
def test_database_out_of_reach_is_one_clear_line(tmp_path: Path, url: str, said: str) -> None:
    done = command(tmp_path / "data", "evaluate", "--from", "2026-11-01", "--to", "2026-11-02", check=False, url=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert said in done.stderr


def test_the_first_account_hands_over_when_the_three_are_there(tmp_path: Path) -> None:
    """The account of the installation stayed for ever, with every right; now the doctor reminds until it has ended."""
    data = lay_down(tmp_path / "first")

    def said(name: str) -> str:
        found = json.loads(command(data, "doctor", "--json", check=False).stdout)
        return next(f"{c['state']} {c['found']} {c['advice']}" for c in found["checks"] if c["name"] == name)

    command(data, "user", "create", "zhang", "--role", "officer", "--json")
    assert said("初始账号").startswith("warn admin 仍在用 先建立系统管理员、安全管理员、审计管理员")
    early = command(data, "user", "hand-over", check=False)
    assert (early.returncode, "还没有系统管理员" in early.stderr) == (1, True)
    both = command(data, "user", "create", "both", "--role", "system_admin", "--role", "audit_admin", check=False)
    assert (both.returncode, "三员分立" in both.stderr, "Traceback" in both.stderr) == (1, True, False)
    for role in ("system_admin", "security_admin", "audit_admin"):
        command(data, "user", "create", f"u_{role}", "--role", role, "--json")
    firm = command(data, "user", "create", "firm", "--role", "enterprise", check=False)
    assert (firm.returncode, "企业" in firm.stderr) == (1, True)
    nowhere = command(data, "user", "create", "firm", "--role", "enterprise", "--organisation", "F404", check=False)
    assert "没有单位“F404”" in nowhere.stderr
    done = json.loads(command(data, "user", "hand-over", "--json").stdout)
    assert done == {"user": "admin", "active": False}
    assert said("初始账号").startswith("ok 已移交")
