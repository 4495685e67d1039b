"""The offline bundle: this program, its wheels for x86_64 and aarch64, digests, the same start script."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from qingyuan import __version__, clock
from qingyuan.config import REPOSITORY
from qingyuan.ops.errors import OpsError

MACHINES = ("x86_64", "aarch64")
_GLIBC = ("2_28", "2_24", "2_17", "2_5", "2014", "2_12")
_TAKEN = (
    "qingyuan",
    "src",
    "requirements",
    "pyproject.toml",
    "README.md",
    "README.en.md",
    "LICENSE",
    "CHANGELOG.md",
    "docs",
)
_READ_ME = "离线安装：解开本包，进入目录，运行 ./qingyuan up。不需要网络；需要 Python {versions}。\n"


def bundle(out: Path, machines: Sequence[str], versions: Sequence[str]) -> dict[str, object]:
    """Write the archive `out` (.tar.gz). versions: Python versions such as 3.11. Raises OpsError."""
    with tempfile.TemporaryDirectory() as work:
        root = Path(work) / f"qingyuan-{__version__}"
        wheels = root / "wheels"
        wheels.mkdir(parents=True)
        for version in versions:
            for machine in machines:
                _download(wheels, machine, version)
        for name in _TAKEN:
            source = REPOSITORY / name
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
            elif source.exists():
                shutil.copy2(source, root / name)
        (root / "离线安装.txt").write_text(_READ_ME.format(versions="、".join(versions)), encoding="utf-8")
        digests = {str(p.relative_to(root)): _digest(p) for p in sorted(root.rglob("*")) if p.is_file()}
        manifest = {"version": __version__, "made_at": clock.now().isoformat(), "machines": list(machines)}
        content = json.dumps(manifest | {"python": list(versions), "files": digests}, ensure_ascii=False, indent=1)
        (root / "BUNDLE.json").write_text(content, encoding="utf-8")
        out.parent.mkdir(parents=True, exist_ok=True)
        # Wheels are packed already: to pack them again takes half the time and saves one part in a hundred.
        with tarfile.open(out, "w:gz", compresslevel=0) as archive:
            archive.add(root, root.name)
        count = len(list(wheels.glob("*.whl")))
    return {"out": str(out), "wheels": count, "bytes": out.stat().st_size, "sha256": _digest(out)}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(wheels: Path, machine: str, version: str) -> None:
    platforms = [
        f"--platform=manylinux_{g}_{machine}" if "_" in g else f"--platform=manylinux{g}_{machine}" for g in _GLIBC
    ]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--only-binary=:all:",
            "--no-deps",
            "--require-hashes",
            "-r",
            str(REPOSITORY / "requirements" / "runtime.txt"),
            "-d",
            str(wheels),
            f"--python-version={version}",
            "--implementation=cp",
            *platforms,
        ],
        stdout=sys.stderr,
        check=False,
    )
    if done.returncode:
        raise OpsError(f"没有取到 {machine}、Python {version} 的全部安装包，原因见上；请在能访问软件包索引的机器上运行")
