"""Files on their way through the mapping screen: held under their digest and their own name until imported."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile

from qingyuan import config
from qingyuan.bureau.base.errors import Invalid

TOKEN = re.compile(r"[0-9a-f]{32}")


def _folder() -> Path:
    return config.data_dir() / "imports" / "held"


def _plain(name: str) -> str:
    own = "".join(sign for sign in Path(name.replace("\\", "/")).name if sign.isprintable()).strip(". ")
    return own.encode()[-180:].decode(errors="ignore") or "file"


def hold(file: UploadedFile[bytes]) -> str:
    """Keep an uploaded file; returns the token by which `held` finds it."""
    return _hold(file.chunks(), _plain(file.name or "file"))


def hold_again(path: Path, name: str) -> Path:
    """A kept file once more under its own name, so that a run after a dry run carries that name."""
    with path.open("rb") as content:
        return held(_hold(iter(lambda: content.read(1024**2), b""), _plain(name)))


def _hold(chunks: Iterable[bytes], name: str) -> str:
    """The token is of the name and the content: two files of one name, or one file under two names, never mix."""
    _folder().mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(name.encode() + b"\0")
    with tempfile.NamedTemporaryFile(dir=_folder(), prefix=".", delete=False) as out:
        temporary = Path(out.name)
        try:
            for chunk in chunks:
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            token = digest.hexdigest()[:32]
            (_folder() / token).mkdir(exist_ok=True)
            shutil.move(temporary, _folder() / token / name)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return token


def held(token: str) -> Path:
    """The file of a token. Raises Invalid when it is gone or was never there."""
    found = sorted((_folder() / token).iterdir()) if TOKEN.fullmatch(token) and (_folder() / token).is_dir() else []
    if not found:
        raise Invalid("上传的文件已不在；请重新选择文件", "file")
    return found[-1]
