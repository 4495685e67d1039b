"""Prepares the private environment of a checkout and hands over to the program in it. Standard library only.

Its talk goes to stderr, so that a command's stdout stays its own. Nothing is fetched when the environment already
matches the lock file, or when the wheels lie beside it (offline bundle).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

SETS = {
    "runtime": ("runtime",),
    "test": ("runtime", "test"),
    "full": ("runtime", "test", "full"),
    "lint": ("runtime", "test", "lint"),
}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _stamp(root: Path, names: tuple[str, ...]) -> str:
    digest = hashlib.sha256(f"{sys.version_info[:2]}{sysconfig.get_platform()}{root}".encode())
    for name in names:
        digest.update((root / "requirements" / f"{name}.txt").read_bytes())
    return digest.hexdigest()


def _has(venv: Path, root: Path, wanted: str) -> bool:
    """Whether the environment holds a set that includes the wanted one."""
    try:
        name, _, digest = (venv / ".qingyuan").read_text().partition(" ")
    except OSError:
        return False
    return name in SETS and set(SETS[wanted]) <= set(SETS[name]) and digest.strip() == _stamp(root, SETS[name])


def _install(root: Path, venv: Path, wanted: str) -> None:
    """Make or complete the environment. Exits with one clear line when that cannot be done."""
    python = venv / "bin" / "python"
    if not _is_whole(venv):
        shutil.rmtree(venv, ignore_errors=True)
        _say("正在建立私有 Python 环境……")
        _run([sys.executable, "-m", "venv", str(venv)], "无法建立 Python 环境：请安装 Python 的 venv 组件")
    (venv / ".qingyuan").unlink(missing_ok=True)
    _say("正在安装锁定的依赖……")
    wheels = root / "wheels"
    source = ["--no-index", "--find-links", str(wheels)] if wheels.is_dir() else []
    files = [part for name in SETS[wanted] for part in ("-r", str(root / "requirements" / f"{name}.txt"))]
    _run(
        [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "--only-binary=:all:",
            "--require-hashes",
            "--no-compile",
            *source,
            *files,
        ],
        "依赖没有装好，原因见上；请检查网络或软件包索引的设置后重试（已下载的会保留）",
    )
    purelib = next((venv / "lib").glob("python3.*/site-packages"))
    _compile(python, purelib)
    _link(root, venv, purelib)
    (venv / ".qingyuan").write_text(f"{wanted} {_stamp(root, SETS[wanted])}\n")
    _say("环境已就绪。")


def _compile(python: Path, purelib: Path) -> None:
    """Byte code on all processors, which pip makes on one. A package's own broken sample file is no failure."""
    command = [str(python), "-m", "compileall", "-qq", "-j", "0", str(purelib)]
    with subprocess.Popen(command, stdout=sys.stderr, start_new_session=True) as child:
        try:
            child.wait()
        except (KeyboardInterrupt, SystemExit):
            os.killpg(child.pid, signal.SIGKILL)  # its workers too: they would wait for it for ever
            raise


def _link(root: Path, venv: Path, purelib: Path) -> None:
    """Make the environment know the checkout.

    Both by relative paths: Python reads `.pth` in the locale's encoding, and a `#!` line ends at the first blank, so
    neither may hold the checkout's own path.
    """
    (purelib / "qingyuan.pth").write_text(os.path.relpath(root / "src", purelib) + "\n")
    script = venv / "bin" / "qingyuan"
    script.write_text('#!/bin/sh\nexec "$(dirname -- "$0")/python" -m qingyuan "$@"\n')
    script.chmod(0o755)


def _is_whole(venv: Path) -> bool:
    """Whether the environment is of this Python and its pip runs; one whose making was broken off is made anew."""
    if not (venv / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}").is_dir():
        return False
    try:
        asked = [str(venv / "bin" / "python"), "-m", "pip", "--version"]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _run(command: list[str], failure: str) -> None:
    with subprocess.Popen(command, stdout=sys.stderr) as child:
        try:
            code = child.wait()
        except (KeyboardInterrupt, SystemExit):
            child.terminate()
            raise
    if code:
        _say(failure)
        raise SystemExit(1)


def _stop(number: int, frame: object) -> None:
    """A stop during set-up ends the child too and says so; the next start takes it up again."""
    _say("准备工作被中断；再次运行会接着完成。")
    raise SystemExit(128 + number)


def ready(root: Path, wanted: str) -> Path:
    """The environment's Python, with at least the wanted set installed."""
    venv = root / ".venv"
    if not _has(venv, root, wanted):
        try:
            handle = os.open(root / ".venv.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            _say(f"{root} 不可写（{error.strerror}）；请改权限，或把清源放到可写的目录")
            raise SystemExit(1) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not _has(venv, root, wanted):
                before = [(n, signal.signal(n, _stop)) for n in (signal.SIGTERM, signal.SIGINT)]
                _install(root, venv, wanted)
                for number, handler in before:
                    signal.signal(number, handler)
        finally:
            os.close(handle)
    return venv / "bin" / "python"


def _test(root: Path, arguments: list[str]) -> None:
    """`./qingyuan test [--fast | --full] [pytest options]`; --fast is pytest's own option (tests/ledger.py)."""
    full = "--full" in arguments
    python = ready(root, "full" if full else "test")
    rest = [a for a in arguments if a != "--full"]
    marks = [] if full else ["-m", "not slow"]
    workers = (
        [] if any(a.startswith("-n") for a in rest) else ["-n", "2", "--dist", "loadgroup", "--no-loadscope-reorder"]
    )
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes would each compile the program anew
    os.chdir(root)
    os.execv(python, [str(python), "-m", "pytest", *workers, *marks, *rest])  # noqa: S606


def main() -> None:
    """Called by the `qingyuan` script with the checkout's root and the command line."""
    root, arguments = Path(sys.argv[1]), sys.argv[2:]
    if arguments[:1] == ["test"]:
        _test(root, arguments[1:])
    if arguments[:1] == ["_lint"]:
        ready(root, "lint")
        return
    python = ready(root, "runtime")
    os.execv(python, [str(python), "-m", "qingyuan", *arguments])  # noqa: S606


if __name__ == "__main__":
    main()
