"""The offline bundle: built with an index, installed and started without one."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import signal
import subprocess
import sys
import tarfile
import urllib.request
from pathlib import Path

import pytest

from needs import _absent
from ops.running import command, eventually

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("bundle")]
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


MACHINES = ("x86_64", "aarch64")


def built(folder: Path, *machines: str) -> Path:
    """The unpacked bundle for this Python and these machines."""
    chosen = [word for machine in machines for word in ("--machine", machine)]
    done = command(folder / "data", "bundle", str(folder / "q.tar.gz"), *chosen, "--json", check=False, timeout=400)
    if done.returncode:
        _absent(f"no package index within reach: {done.stderr[-200:]}")
    facts = json.loads(done.stdout)
    assert facts["wheels"] > 20
    with tarfile.open(folder / "q.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return next(p for p in folder.iterdir() if p.is_dir() and p.name.startswith("qingyuan-"))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle for the machine that runs the tests."""
    machine = platform.machine()
    return built(tmp_path_factory.mktemp("bundle"), machine if machine in MACHINES else "x86_64")


def test_every_file_has_its_digest(bundle: Path) -> None:
    manifest = json.loads((bundle / "BUNDLE.json").read_text())
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.slow
def test_without_a_choice_it_is_for_both_machines(tmp_path: Path) -> None:
    names = [p.name for p in (built(tmp_path) / "wheels").iterdir()]
    for machine in MACHINES:
        assert any("polars_runtime" in n and machine in n for n in names), names


def test_installs_and_starts_without_an_index(bundle: Path, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "QINGYUAN_", "PYTHONPATH"))}
    environment |= {
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "HOME": str(tmp_path),
        "QINGYUAN_PYTHON": sys.executable,
    }
    data = tmp_path / "data"
    words = ["up", "--data-dir", str(data), "--port", "0", "--gateway-port", "0"]
    log = tmp_path / "log"
    with log.open("w") as out:
        process = subprocess.Popen([str(bundle / "qingyuan"), *words], env=environment, stdout=out, stderr=out)
        try:
            eventually(lambda: _is_healthy(process, data, log), "the bundle to be healthy", 240)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(40) == 0


def _is_healthy(process: subprocess.Popen[bytes], data: Path, log: Path) -> bool:
    assert process.poll() is None, log.read_text()[-2000:]
    port = data / "run" / "serve.port"
    if not port.exists():
        return False
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port.read_text().strip()}/healthz", timeout=5) as answer:
            return bool(json.load(answer)["status"] == "ok")
    except OSError:
        return False
