"""What lies in the data folder is its owner's alone, and a killed backup leaves no copy of everything behind."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

from ops.running import command
from qingyuan.ops.leftovers import sweep_leftovers
from qingyuan.ops.private import make_private, open_to_others


def modes(folder: Path) -> dict[str, str]:
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_mode & 0o077:
            found[str(path.relative_to(folder))] = stat.filemode(path.stat().st_mode)
    return found


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as commands make it, under the usual umask."""
    folder = tmp_path_factory.mktemp("private") / "data"
    before = os.umask(0o022)
    folder.mkdir()  # empty: what is in it, the command makes
    try:
        command(folder, "devices", "waiting")
    finally:
        os.umask(before)
    return folder


@pytest.fixture
def made(made_once: Path, folder: Path) -> Path:
    """A copy of it, with the rights that each file has."""
    return Path(shutil.copytree(made_once, folder))


def test_no_file_can_be_read_by_others(made: Path) -> None:
    """Databases with their -wal and -shm, journal and imports were readable for every account of the host."""
    assert (made / "main.sqlite").is_file()
    assert modes(made) == {}
    assert open_to_others(made) == []


def test_a_backup_is_its_owners_and_so_is_what_is_restored(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "b.tar"
    command(made, "backup", "--out", str(out))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with tarfile.open(out) as archive:
        assert "secret.key" in archive.getnames()
        assert not any(name.startswith("journal/positions") for name in archive.getnames())
    back = tmp_path / "back"
    command(back, "restore", str(out))
    assert {n: m for n, m in modes(back).items() if not n.startswith(("rulebooks", "demo", "rules"))} == {}


def test_older_files_are_closed_to_others(made: Path) -> None:
    (made / "main.sqlite").chmod(0o644)
    (made / "secret.key").chmod(0o640)
    assert {p.name for p in open_to_others(made)} == {"main.sqlite", "secret.key"}
    assert make_private(made) == 2
    assert modes(made) == {}


def test_leftovers_of_a_killed_backup_are_swept(made: Path, tmp_path: Path) -> None:
    """A backup that was killed left a whole copy of the databases, and the next one left another."""
    gone = subprocess.run(["true"], check=True)
    assert gone.returncode == 0
    dead = subprocess.Popen(["true"])
    dead.wait()
    old = tmp_path / f".qingyuan-{dead.pid}-xyz"
    old.mkdir()
    (old / "main.sqlite").write_bytes(b"x")
    (tmp_path / f".qingyuan-{dead.pid}-b.tar.part").write_bytes(b"x")
    alive = tmp_path / f".qingyuan-{os.getpid()}-abc"
    alive.mkdir()
    command(made, "backup", "--out", str(tmp_path / "b.tar"))
    assert {p.name for p in tmp_path.glob(".qingyuan-*")} == {alive.name}
    assert sweep_leftovers(tmp_path) == 0
