"""The keys of sealed fields lie apart: private, in no backup unless asked for."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from qingyuan.bureau.sealed.keys import forget, key_file, keys_of, new_keys
from qingyuan.ops import folder
from qingyuan.ops.backup import KEYS, backup, restore


@pytest.fixture
def kept(data_dir: Path) -> Path:
    """A prepared data folder that holds keys."""
    folder.prepare()
    new_keys(["somebody", "another"])
    return data_dir


def names(archive: Path) -> set[str]:
    with tarfile.open(archive) as opened:
        return set(opened.getnames())


def test_a_backup_holds_no_keys_unless_asked(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, whole = tmp_path / "plain.tar", tmp_path / "whole.tar"
    backup(plain)
    backup(whole, with_keys=True)
    assert KEYS not in names(plain)
    assert KEYS in names(whole)
    before = keys_of(["somebody"])
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(tmp_path / "again"))
    restore(whole)
    assert keys_of(["somebody"]) == before
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(tmp_path / "without"))
    restore(plain)
    assert keys_of(["somebody"]) == {}


def test_a_destroyed_key_is_nowhere_in_the_file(kept: Path) -> None:
    key = keys_of(["somebody"])["somebody"]
    assert key in key_file().read_bytes()
    assert forget("somebody")
    assert not forget("somebody")
    assert key not in key_file().read_bytes()
    assert set(keys_of(["somebody", "another"])) == {"another"}
    assert {path.name for path in key_file().parent.iterdir()} == {"subjects.sqlite"}
    assert key_file().stat().st_mode & 0o777 == 0o600
    assert key_file().parent.stat().st_mode & 0o777 == 0o700
