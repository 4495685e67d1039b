"""Putting the readings store in order, asking what is there, keeping and dropping: by command, and in backups."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ops.running import command
from qingyuan.config import REPOSITORY
from qingyuan.ops import keeper as keeping
from qingyuan.ops.backup import backup, restore
from qingyuan.ops.doctor import examine
from qingyuan.readings import NewReading, SeriesKey, open_store
from qingyuan.readings.archive import layout

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("readings-commands")]
KEY = SeriesKey("DA1", "SO2", "Avg", "hour")
MARCH = layout.month_begin("2026-03")
HOUR = 3600


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with 31 + 2 days of one hourly series, every fourth hour of March without a value."""
    from qingyuan.bureau.base.store import _opened

    folder = tmp_path / "data"
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(folder))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY / "src"))
    _opened.cache_clear()
    store = open_store(folder / "readings")
    store.append(
        NewReading(
            KEY, MARCH + h * HOUR, MARCH + (h + 1) * HOUR, None if h % 4 == 0 and h < 744 else h / 2, 1, "mg/m3",
            origin=h, received_at=MARCH + h * HOUR,
        )
        for h in range(33 * 24)
    )  # fmt: skip
    store.close()
    return folder


def asked(data: Path, *words: str) -> Any:
    return json.loads(command(data, "readings", *words, "--json").stdout)


def everything(data: Path) -> list[tuple[int, float | None]]:
    store = open_store(data / "readings")
    rows = [(r.start, r.value) for r in store.window([s.id for s in store.series()], 0, 2**40)]
    store.close()
    return rows


def test_compact_coverage_export_and_drop(data: Path, tmp_path: Path) -> None:
    before = everything(data)
    assert asked(data, "compact") == {"moved": 792, "rewritten": 0, "rows": 0}
    assert asked(data, "compact", "--all", "--gently")["moved"] == 0
    assert everything(data) == before
    (row,) = asked(data, "coverage", "--from", "2026-03-01", "--to", "2026-04-01")["series"]
    assert (row["series"], row["count"], row["share"]) == (str(KEY), 558, 0.75)
    out = tmp_path / "out.csv"
    assert asked(data, "export", "--series", "DA1", "--out", str(out))["rows"] == 792
    assert len(out.read_text().splitlines()) == 793
    refused = command(data, "readings", "drop-before", "hour", "2026-04-01", check=False)
    assert (refused.returncode, everything(data)) == (2, before)
    assert "--yes" in refused.stderr
    assert asked(data, "drop-before", "hour", "2026-04-01", "--yes") == {"rows": 744}
    assert everything(data) == before[744:]


def test_backup_holds_the_archive_and_what_moved_since(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data / "FORMAT").write_text('{"format": 1}')
    store = open_store(data / "readings")
    store.compact()
    store.append([NewReading(KEY, MARCH - HOUR, MARCH, 7.5, 1, "mg/m3", origin=9999, received_at=MARCH)])
    archive = data.parent / "backup.tar"
    backup(archive)
    store.compact(fully=True)
    copy = data.parent / "copy"
    before = everything(data)
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(copy))
    restore(archive)
    assert everything(copy) == before
    assert next(c for c in examine() if c.name == "读数归档").state == "ok"
    again = open_store(copy / "readings")
    assert again.compact().moved == 1
    assert everything(copy) == before


def test_backup_made_while_rows_move_has_each_once(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tail is copied before the archive: rows that moved in between are in both copies, and count once."""
    (data / "FORMAT").write_text('{"format": 1}')
    from qingyuan.ops import backup as module

    real = module._archive_files

    def moves_first(folder: Path) -> list[str]:
        open_store(folder / "readings").compact()
        return real(folder)

    monkeypatch.setattr(module, "_archive_files", moves_first)
    archive = data.parent / "backup.tar"
    backup(archive)
    before = everything(data)
    copy = data.parent / "copy"
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(copy))
    restore(archive)
    store = open_store(copy / "readings")
    assert (store.state().rows, store.waiting()) == (792, 792)
    assert everything(copy) == before
    assert store.append([NewReading(KEY, MARCH - HOUR, MARCH, 1.0, 1, "mg/m3", origin=5000, received_at=1)]).added == 1
    store.compact(fully=True)
    assert store.state().rows == 793
    assert everything(copy) == [(MARCH - HOUR, 1.0), *before]


def test_doctor_names_a_missing_file(data: Path) -> None:
    store = open_store(data / "readings")
    store.compact()
    gone = next(p for p in store.files() if p.suffix == ".parquet")
    gone.unlink()
    check = next(c for c in examine() if c.name == "读数归档")
    assert check.state == "bad"
    assert gone.name in check.found


def test_keeper_moves_when_much_waits(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_ROWS", 100)
    keeper = keeping.Keeper()
    keeper.look()
    assert keeper._child is not None
    keeper._child.wait(60)
    keeper.look()
    assert (keeper.problem, keeper._child) == ("", None)
    store = open_store(data / "readings")
    assert (store.waiting(), store.state().rows) == (0, 792)


def test_keeper_tells_what_went_wrong_and_waits_a_while(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_ROWS", 100)
    (data / "readings" / "archive").write_text("in the way")
    keeper = keeping.Keeper()
    keeper.look()
    assert keeper._child is not None
    keeper._child.wait(60)
    keeper.look()
    assert "退出码" in keeper.problem
    assert keeper._child is None
    keeper.look()
    assert keeper._child is None, "not again at once"
