"""The page docs/adding-a-register.md, walked: its files written, migrated, checked, and every inherited test run on them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "adding-a-register.md"
MOST_LINES, MOST_FILES = 80, 4
SETTINGS = """
from qingyuan.settings import *
INSTALLED_APPS = [*INSTALLED_APPS, "restaurants"]
"""


def files() -> dict[str, str]:
    """The files of the page by their path, without the line that names them."""
    blocks = re.findall(r"```python\n# (\S+\.py)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    return {path: text.replace("qingyuan.bureau.registers.restaurants", "restaurants") for path, text in blocks}


def test_it_is_short() -> None:
    found = files()
    lines = sum(len([line for line in text.splitlines() if line.strip()]) for text in found.values())
    assert len(found) <= MOST_FILES, list(found)
    assert lines <= MOST_LINES, lines


@pytest.mark.process
def test_a_fresh_reader_has_a_working_book(tmp_path: Path) -> None:
    """List, form, import, export, history, API, rights: by the commands, and by the tests that every book inherits."""
    for path, text in files().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    (tmp_path / "county_settings.py").write_text(SETTINGS, encoding="utf-8")
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "county_settings", "QINGYUAN_DATA_DIR": str(tmp_path / "data"),
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT / "src"), str(ROOT / "tests")]),
    }  # fmt: skip

    def run(*words: str) -> str:
        done = subprocess.run([sys.executable, "-m", *words], env=environment, capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    run("django", "makemigrations", "restaurants")
    run("django", "check")
    mine = {"code": "restaurants", "name": "餐饮单位", "rows": 0, "states": {"open": 0, "closed": 0}}
    assert mine in json.loads(run("qingyuan", "books", "list", "--json"))
    (tmp_path / "a.csv").write_text("编号,商户名称,灶头数,业主\nR7,七星居,3,陈七\n", encoding="utf-8")
    told = json.loads(run("qingyuan", "books", "import", "restaurants", str(tmp_path / "a.csv"), "--json"))
    assert told == {"rows": 1, "added": 1, "changed": 0, "unchanged": 0, "rejected": 0, "gone": 0}
    told = json.loads(run("qingyuan", "books", "count", "餐饮单位", "--by", "状态", "--where", "灶头数=3", "--json"))
    assert told == {"total": 1, "groups": {"open": 1}}
    names = "tests/book/test_every_book.py"
    said = run(
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--ds=county_settings",
        "-n0",
        "--no-migrations",
        names,
        "-k",
        "restaurants",
    )
    assert re.search(r"\b\d\d passed", said), said[-2000:]
