"""The private environment of a checkout, made in folders and under locales that people really have."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ops.running import eventually
from qingyuan.config import REPOSITORY

SAYS = "import sys\nprint('参数', *sys.argv[1:])\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that needs no package, in a folder with a blank and Chinese letters in its name."""
    root = tmp_path / "安装 目录"
    package = root / "src" / "qingyuan"
    package.mkdir(parents=True)
    (root / "requirements").mkdir()
    for name in ("runtime", "test", "lint"):
        (root / "requirements" / f"{name}.txt").write_text("")
    shutil.copy(REPOSITORY / "qingyuan", root)
    shutil.copy(REPOSITORY / "src" / "qingyuan" / "bootstrap.py", package)
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(SAYS, encoding="utf-8")
    return root


def environment(locale: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PYTHONUTF8", "VIRTUAL_ENV"}}
    return kept | {"LC_ALL": locale, "QINGYUAN_PYTHON": sys.executable, "PIP_NO_INDEX": "1"}


def run(program: Path, locale: str = "C") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, "你好"], cwd="/", env=environment(locale), capture_output=True, encoding="utf-8", check=False
    )


def test_plain_locale_and_odd_folder_name(checkout: Path) -> None:
    for program, locale in (("qingyuan", "C"), ("qingyuan", "POSIX"), (".venv/bin/qingyuan", "C.UTF-8")):
        done = run(checkout / program, locale)
        assert (done.stdout, done.returncode) == ("参数 你好\n", 0), done.stderr


def test_half_made_environment_is_made_anew(checkout: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", checkout / ".venv"], check=True)
    done = run(checkout / "qingyuan")
    assert (done.stdout, done.returncode) == ("参数 你好\n", 0), done.stderr


def test_stop_during_set_up_leaves_no_process(checkout: Path) -> None:
    started = subprocess.Popen(
        [checkout / "qingyuan", "up"], env=environment("C"), stderr=subprocess.PIPE, encoding="utf-8"
    )
    children = Path(f"/proc/{started.pid}/task/{started.pid}/children")
    if not children.exists():
        started.kill()
        pytest.skip("this kernel does not list the children of a process")
    child = eventually(lambda: (checkout / ".venv").exists() and children.read_text().split(), "the child")[0]
    started.send_signal(signal.SIGTERM)
    said = started.communicate(timeout=30)[1]
    assert started.returncode == 128 + signal.SIGTERM
    assert "Traceback" not in said
    assert "中断" in said
    assert not Path(f"/proc/{child}").exists()
    assert run(checkout / "qingyuan").returncode == 0
