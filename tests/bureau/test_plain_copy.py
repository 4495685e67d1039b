"""Copies of pictures and papers without their maker's traces: the picture stays, what tells on people goes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest

from canaries import AUTHOR, CHUNK, EXIF, docx, jpeg, png
from qingyuan.bureau.evidence.queries.plain_copy import plain

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_a_jpeg_keeps_its_picture() -> None:
    copy = plain(jpeg(), "image/jpeg")
    assert copy is not None
    assert not [w for w in (EXIF, CHUNK, "GPS") if w.encode() in copy]
    assert copy[:2] == b"\xff\xd8"
    assert copy.endswith(b"\x12\xff\x00\x34\xff\xd9")
    for marker in (b"\xff\xdb", b"\xff\xc0", b"\xff\xc4", b"\xff\xda"):
        assert marker in copy
    assert plain(copy, "image/jpeg") == copy


def test_a_png_keeps_its_picture() -> None:
    copy = plain(png(), "image/png")
    assert copy is not None
    assert not [w for w in (EXIF, CHUNK) if w.encode() in copy]
    at, kinds = 8, []
    while at < len(copy):
        size, kind = struct.unpack_from(">I4s", copy, at)
        data, (check,) = copy[at + 8 : at + 8 + size], struct.unpack_from(">I", copy, at + 8 + size)
        assert check == zlib.crc32(kind + data)
        kinds.append(kind)
        at += 12 + size
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]


def test_a_webp_keeps_its_picture() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return kind + struct.pack("<I", len(data)) + data + b"\x00" * (len(data) % 2)

    body = b"WEBP" + chunk(b"VP8X", bytes([0x2C, *[0] * 9])) + chunk(b"VP8 ", b"picture")
    body += chunk(b"EXIF", EXIF.encode()) + chunk(b"XMP ", CHUNK.encode())
    copy = plain(b"RIFF" + struct.pack("<I", len(body)) + body + b"tail" + CHUNK.encode(), "image/webp")
    assert copy is not None
    assert not [w for w in (EXIF, CHUNK) if w.encode() in copy]
    assert copy[20] == 0
    assert struct.unpack_from("<I", copy, 4)[0] == len(copy) - 8
    assert b"picture" in copy


def test_a_word_file_names_nobody() -> None:
    copy = plain(docx(), DOCX)
    assert copy is not None
    with zipfile.ZipFile(io.BytesIO(copy)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    assert not [name for name, part in parts.items() if AUTHOR.encode() in part or EXIF.encode() in part]
    assert "烟尘很大".encode() in parts["word/document.xml"]


def test_a_sheet_names_nobody() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("xl/comments1.xml", f"<authors><author>{AUTHOR}</author></authors>")
        file.writestr("xl/persons/person.xml", f'<person displayName="{AUTHOR}"/>')
        file.writestr("docProps/app.xml", f"<Company>{AUTHOR}</Company>")
        file.writestr("xl/embeddings/oleObject1.bin", AUTHOR)
        file.writestr("xl/worksheets/sheet1.xml", "<v>81.8</v>")
    copy = plain(made.getvalue(), XLSX)
    assert copy is not None
    with zipfile.ZipFile(io.BytesIO(copy)) as file:
        assert AUTHOR.encode() not in b"".join(file.read(n) for n in file.namelist())
        assert file.read("xl/worksheets/sheet1.xml") == b"<v>81.8</v>"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(jpeg()[:40], "image/jpeg", id="cut-jpeg"),
        pytest.param(b"\xff\xd8\xff\xe0 a photo", "image/jpeg", id="no-jpeg"),
        pytest.param(png()[:30], "image/png", id="cut-png"),
        pytest.param(b"PK\x03\x04....", DOCX, id="no-zip"),
        pytest.param(b"%PDF-1.7", "application/pdf", id="pdf"),
        pytest.param(b"....ftypheic", "image/heic", id="heic"),
        pytest.param(b"....ftypisom", "video/mp4", id="video"),
        pytest.param(b"", "image/jpeg", id="empty"),
    ],
)
def test_what_cannot_be_cleaned_is_not_copied(content: bytes, kind: str) -> None:
    assert plain(content, kind) is None


@pytest.mark.parametrize("make", [jpeg, png, docx])
def test_any_cut_is_refused_or_cleaned(make: object) -> None:
    """No prefix of a file brings its traces through."""
    assert callable(make)
    content = make()
    kind = {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png", b"PK": DOCX}[content[:2]]
    for end in range(0, len(content), 7):
        copy = plain(content[:end], kind) or b""
        assert not [w for w in (EXIF, CHUNK, AUTHOR) if w.encode() in copy]
