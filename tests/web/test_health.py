"""`/healthz` says what is wrong with the journal, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from qingyuan import process
from qingyuan.intake.journal_damage import Damage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["lost", "unreadable", "stranger", "shorter", "rescued"])
def test_damage_of_the_journal_is_told(data_dir: Path, kind: str) -> None:
    """A journal shorter than what was read of it was no problem to anybody."""
    damage = Damage(kind, "00000000000000000000.qyj", 100, 300)
    process.beat("gateway", journal_damages=[damage._asdict()])
    process.beat("work", journal_damages=[damage._asdict()], lag_s=0, offset=0)
    process.beat("serve")
    told = Client().get("/healthz").json()
    assert told["status"] == "degraded"
    assert [problem for problem in told["problems"] if "原始日志" in problem] == [f"{damage.words}；{damage.advice}"]
