"""The data folder: made, checked, locked. Its layout has a version; a newer one is refused."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import uuid
from pathlib import Path

from qingyuan import __version__, clock, config
from qingyuan.ops.errors import OpsError
from qingyuan.ops.private import keep_private
from qingyuan.process import write_json

FORMAT = 2
PARTS = ("readings", "journal", "evidence", "imports", "run", "backups")


def prepare() -> Path:
    """Make the folder if absent, check that it can be written and that its format is known; returns it.

    Raises OpsError with one line that says what is wrong and what to do.
    """
    folder = config.data_dir()
    keep_private()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        probe = folder / ".probe"
        probe.write_bytes(b"")
        probe.unlink(missing_ok=True)  # another role looks at the same moment
        check_format(folder)
        for part in PARTS:
            (folder / part).mkdir(exist_ok=True)
        if not (folder / "FORMAT").exists():
            content = {"format": FORMAT, "id": str(uuid.uuid4()), "made_at": clock.now().isoformat()}
            write_json(folder / "FORMAT", content | {"made_by": __version__})
        key = folder / "secret.key"
        if not key.exists():
            handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48))
    except PermissionError as error:
        raise OpsError(
            f"数据目录 {folder} 不可写（{error.strerror}）；请改权限，或用 --data-dir 指定其他目录"
        ) from error
    except (NotADirectoryError, FileExistsError) as error:
        raise OpsError(f"数据目录 {folder} 不是目录；请用 --data-dir 指定其他目录") from error
    except OSError as error:
        raise OpsError(f"数据目录 {folder} 无法使用（{error.strerror}）；请检查磁盘空间和挂载") from error
    return folder


def check_format(folder: Path) -> None:
    """Raise OpsError if the folder was written by a newer program."""
    path = folder / "FORMAT"
    if not path.exists():
        return
    try:
        got = int(json.loads(path.read_text())["format"])
    except (ValueError, KeyError, TypeError) as error:
        raise OpsError(f"{path} 无法读懂；请从备份恢复该文件") from error
    if got > FORMAT:
        raise OpsError(
            f"数据目录 {folder} 的格式为 {got}，本程序（{__version__}）只认识到 {FORMAT}；"
            "请使用更新的程序，或恢复由本版本做的备份"
        )


def note_format() -> None:
    """After an upgrade: an older program must not open what it does not know any more."""
    path = config.data_dir() / "FORMAT"
    if not path.exists():
        return
    content = json.loads(path.read_text())
    if int(content["format"]) < FORMAT:
        write_json(path, content | {"format": FORMAT, "raised_at": clock.now().isoformat(), "raised_by": __version__})


class FolderLock:
    """One supervisor per data folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "LOCK"
        self._handle = -1

    def take(self) -> None:
        """Raises OpsError if another supervisor holds the folder."""
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(self._handle, 32).decode(errors="replace").strip() or "?"
            raise OpsError(
                f"数据目录 {self._path.parent} 正由另一个清源使用（进程 {holder}）；"
                "请先停止它，或用 --data-dir 换一个目录"
            ) from error
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let the folder go."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
