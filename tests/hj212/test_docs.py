"""docs/hj212.md names every deviation with its weight and its words."""

from __future__ import annotations

import re
from pathlib import Path

from qingyuan.hj212 import Deviation

WEIGHTS = {"note": "记录", "lenient": "修补", "fatal": "不可用"}


def test_every_deviation_stands_in_the_table_as_in_the_code():
    text = (Path(__file__).resolve().parents[2] / "docs/hj212.md").read_text(encoding="utf-8")
    table = {row[0]: row[1:] for row in re.findall(r"^\| `([a-z0-9_]+)` \| (\S+) \| (.+) \|$", text, re.MULTILINE)}
    assert table == {str(one): (WEIGHTS[one.severity], one.text_zh) for one in Deviation}
