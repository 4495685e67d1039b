"""Files on their way through the mapping screen: held under their digest and their own name until imported."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile

from qingyuan import config
from qingyuan.bureau.errors import Invalid

TOKEN = re.compile(r"[0-9a-f]{32}")


def _folder() -> Path:
    return config.data_dir() / "imports" / "held"


def _plain(name: str) -> str:
    return Path(name.replace("\\", "/")).name[-120:] or "file"


def hold(file: UploadedFile[bytes]) -> str:
    """Keep an uploaded file; returns the token by which `held` finds it."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    token = digest.hexdigest()[:32]
    folder = _folder() / token
    folder.mkdir(parents=True, exist_ok=True)
    file.seek(0)
    with (folder / _plain(file.name or "file")).open("wb") as out:
        for chunk in file.chunks():
            out.write(chunk)
    return token


def hold_again(path: Path, name: str) -> Path:
    """A kept file once more under its own name, so that a run after a dry run carries that name."""
    folder = _folder() / path.stem[:32]
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / _plain(name)
    shutil.copyfile(path, target)
    return target


def held(token: str) -> Path:
    """The file of a token. Raises Invalid when it is gone or was never there."""
    found = sorted((_folder() / token).iterdir()) if TOKEN.fullmatch(token) and (_folder() / token).is_dir() else []
    if not found:
        raise Invalid("上传的文件已不在；请重新选择文件", "file")
    return found[-1]
