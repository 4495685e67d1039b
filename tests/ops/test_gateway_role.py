"""The gateway as a process of its own: what it loads, what it knows of the register, and from where."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ops.running import environment
from qingyuan import process
from qingyuan.hj212 import CrcDialect
from qingyuan.intake.errors import NoRegister
from qingyuan.intake.register_file import REGISTER_FILE, RegisterFile, Row, content_of
from qingyuan.intake.sealing import KeyBox

MN, KEY = "E" * 24, bytes(range(16))
BOX = KeyBox("a secret")
_LOADED = """
import sys
from qingyuan.cli import build_parser
build_parser("gateway")
from qingyuan.ops import gateway_role, roles, supervisor
print(sorted({name.partition(".")[0] for name in sys.modules}
      & {"django", "polars", "numpy", "pyarrow", "duckdb", "deltalake", "cryptography", "sqlite3"}))
"""


def test_gateway_and_supervisor_load_neither_django_nor_an_engine(tmp_path: Path) -> None:
    """The gateway took 68 MB, because it asked the database itself, and every command loaded Polars."""
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True, env=environment(tmp_path)
    )
    assert done.stdout.strip() == "[]"


def lay_down(path: Path, *rows: Row) -> None:
    process.write_json(path, content_of(rows))


def test_register_is_read_again_when_it_was_replaced(tmp_path: Path) -> None:
    path = tmp_path / REGISTER_FILE
    register = RegisterFile(path, BOX)
    with pytest.raises(NoRegister, match="not there"):
        register()
    lay_down(path, Row(MN, "10.1.0.0/16,10.2.3.0/24", "modbus", (BOX.seal(MN, KEY),)))
    station = register()[MN]
    assert [str(network) for network in station.networks] == ["10.1.0.0/16", "10.2.3.0/24"]
    assert station.how == (frozenset({CrcDialect.MODBUS}), (KEY,))
    assert register() is register(), "the same file is not parsed again"
    lay_down(path, Row(MN, "", "hj"), Row("F" * 24, "ten", "hj"))
    assert register()[MN].networks == ()
    assert [network.num_addresses for network in register()["F" * 24].networks] == [1], "unreadable: nowhere"
    path.write_text("half a fi")
    with pytest.raises(NoRegister, match="cannot be read"):
        register()


def test_register_file_holds_no_open_key_and_a_wrong_secret_opens_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / REGISTER_FILE
    lay_down(path, Row(MN, "", "hj", (BOX.seal(MN, KEY),)))
    assert KEY.hex() not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    assert RegisterFile(path, KeyBox("another"))()[MN].how.keys == ()
    assert "secret.key" in caplog.text


def test_gateway_lets_itself_open_as_many_files_as_it_may(tmp_path: Path) -> None:
    """A service with the usual 1,024 files held 1,000 connections and refused the others without a word."""
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 2000))\n"
        "from qingyuan.ops.gateway_role import allow_open_files\n"
        "print(allow_open_files(100), allow_open_files(1500), allow_open_files(9000), "
        "resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment(tmp_path)
    )
    assert done.stdout.strip() == "256 1500 2000 (2000, 2000)"
