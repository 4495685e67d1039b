"""Split messages: read when they are whole, whatever comes between; given up after a while, with what came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from intake.frames import MN, RECEIVED
from intake.test_ingest import Line
from qingyuan.hj212 import encode
from qingyuan.intake.ingest import Ingester

CP = "DataTime=20261121060000;a21002-Avg=41.5,a21002-Flag=N;a21026-Avg=12.25,a21026-Flag=N"
TEXTS = (CP[:40], CP[40:63], CP[63:])
WHOLE = (
    "DataTime=20261121060000;a21002-Avg=41.5,a21002-Flag=N",
    "DataTime=20261121060000;a21026-Avg=12.25,a21026-Flag=N",
)


def parts(pieces: Sequence[str], first: int = 0) -> list[bytes]:
    return [
        encode(qn=f"20261121070000{first + n:03d}", st="31", cn="2061", pw="123456", mn=MN, flag=7, cp=piece,
               pnum=len(pieces), pno=n)
        for n, piece in enumerate(pieces, 1)
    ]  # fmt: skip


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path, MN)


@pytest.mark.parametrize("pieces", [pytest.param(TEXTS, id="cut-anywhere"), pytest.param(WHOLE, id="whole-items")])
@pytest.mark.parametrize(
    "is_restarted", [pytest.param(False, id="one-batch"), pytest.param(True, id="restart-between")]
)
def test_parts_become_one_message(line: Line, pieces: Sequence[str], is_restarted: bool) -> None:
    for raw in parts(pieces):
        line.put(raw)
        if is_restarted:
            Ingester(line.journal, line.store, line.register).step()
            assert 4.0 not in line.values()
    line.ingester.step()
    assert sorted(v for v in line.values() if v is not None) == [12.25, 41.5]
    assert line.outcomes() == ["part_joined"] * (len(pieces) - 1) + ["stored"]


def test_part_sent_again_changes_nothing(line: Line) -> None:
    first, *others = parts(TEXTS)
    line.put(first, first, *others, others[-1])
    line.ingester.step()
    line.put(first, *others)
    line.ingester.step()
    assert sorted(v for v in line.values() if v is not None) == [12.25, 41.5]
    assert all(r.revisions == 1 for r in line.readings())
    assert line.ingester.give_up_parts(RECEIVED + timedelta(days=1)) == 0


def test_message_that_stays_incomplete_is_used_as_far_as_it_came(line: Line) -> None:
    line.put(parts(WHOLE)[1])
    line.ingester.step()
    assert line.values() == []
    assert line.ingester.give_up_parts(RECEIVED + timedelta(minutes=4)) == 0
    assert line.ingester.give_up_parts(RECEIVED + timedelta(minutes=6)) == 1
    assert line.values() == [12.25]
    assert line.outcomes() == ["part_alone"]
    assert line.register.counts[MN]["split_incomplete"] == 1
    assert line.ingester.give_up_parts(RECEIVED + timedelta(days=1)) == 0
