"""Files kept under their digest: written once, never changed, checked when read."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from qingyuan import config
from qingyuan.bureau.base.errors import BureauError, Invalid
from qingyuan.bureau.base.media import CSV, EXCEL, HEIC, JPEG, JSON, MP4, PDF, PNG, TEXT, WEBP, WORD, ZIP
from qingyuan.bureau.evidence.models import Evidence

MAX_BYTES = 50 * 1024 * 1024
# What a file begins with decides what it is, not what its name says.
_SIGNATURES: tuple[tuple[bytes, int, str], ...] = (
    (b"\xff\xd8\xff", 0, JPEG),
    (b"\x89PNG\r\n\x1a\n", 0, PNG),
    (b"WEBP", 8, WEBP),
    (b"ftypheic", 4, HEIC),
    (b"%PDF-", 0, PDF),
    (b"ftyp", 4, MP4),
)
_OFFICE = {
    ".docx": WORD,
    ".xlsx": EXCEL,
    ".zip": ZIP,
}
_TEXT = {".txt": TEXT, ".csv": CSV, ".json": JSON, ".log": TEXT}


class EvidenceDamaged(BureauError):
    """A kept file no longer matches its digest."""

    code = "evidence_damaged"


@dataclass(frozen=True)
class Upload:
    """A file on its way in."""

    name: str
    content: bytes
    title: str = ""


def media_type(name: str, content: bytes) -> str:
    """The type by content. Raises Invalid for what is neither picture, video, PDF, office file nor text."""
    for signature, at, kind in _SIGNATURES:
        if content[at : at + len(signature)] == signature:
            return kind
    suffix = Path(name).suffix.lower()
    if content[:4] == b"PK\x03\x04" and suffix in _OFFICE:
        return _OFFICE[suffix]
    if suffix in _TEXT and b"\x00" not in content[:4096]:
        return _TEXT[suffix]
    raise Invalid(f"文件“{name}”不是可接受的类型；可上传图片、视频（MP4）、PDF、Word、Excel、文本", "files")


def folder() -> Path:
    """Where evidence lies."""
    return config.data_dir() / "evidence"


def path_of(sha256: str) -> Path:
    """The file of a digest."""
    return folder() / sha256[:2] / sha256


def keep(upload: Upload) -> Evidence:
    """Keep a file; the same content is kept once. Call outside a transaction. Raises Invalid."""
    if not upload.content:
        raise Invalid(f"文件“{upload.name}”是空的；请重新选择", "files")
    if len(upload.content) > MAX_BYTES:
        size = len(upload.content) // 1024 // 1024
        raise Invalid(f"文件“{upload.name}”有 {size} MB，上限 {MAX_BYTES // 1024 // 1024} MB；请压缩或拆分", "files")
    kind = media_type(upload.name, upload.content)
    sha256 = hashlib.sha256(upload.content).hexdigest()
    path = path_of(sha256)
    if not path.is_file() or path.read_bytes() != upload.content:  # absent, or damaged on the disk
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(upload.content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    evidence, _ = Evidence.objects.get_or_create(
        sha256=sha256,
        defaults={
            "sm3": hashlib.new("sm3", upload.content).hexdigest(),
            "size": len(upload.content),
            "media_type": kind,
        },
    )
    return evidence


def read(evidence: Evidence) -> bytes:
    """The content, checked against its digest. Raises EvidenceDamaged."""
    path = path_of(evidence.sha256)
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != evidence.sha256:
        raise EvidenceDamaged(f"证据 {evidence.sha256[:12]} 缺失或已被改动；请从备份恢复后再使用")
    return content
