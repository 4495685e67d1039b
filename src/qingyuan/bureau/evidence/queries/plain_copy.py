"""A copy of a file without what it says about its maker: place, time, device, author, comments, thumbnails.

Pictures are copied marker by marker, so that their pixels stay the same. What cannot be cleaned for certain is not
copied: `plain` gives None.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable

from qingyuan.bureau.base.media import EXCEL, JPEG, PNG, WEBP, WORD

_JPEG_KEPT = ({*range(0xC0, 0xD0)} - {0xC8}) | {0xDB, 0xDD}  # frames and their tables, restart interval
_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"}
_WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"}
_WEBP_MARKS = 0b0010_1100  # ICC profile, EXIF, XMP
_AUTHORS = re.compile(rb'\b((?:w|w15|w16du|a|p):)?(author|initials|userId|providerId)="[^"]*"')
_EMPTY_CORE = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties '
    b'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
_EMPTY_APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties '
    b'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
)
_EMPTY_CUSTOM = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties '
    b'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>'
)
_PROPERTIES = {"docProps/core.xml": _EMPTY_CORE, "docProps/app.xml": _EMPTY_APP, "docProps/custom.xml": _EMPTY_CUSTOM}
MOST_UNPACKED = 200 * 1024 * 1024


def plain(content: bytes, media_type: str) -> bytes | None:
    """The cleaned copy, or None where the kind of file, or this file, cannot be cleaned."""
    clean = _CLEANERS.get(media_type)
    if clean is None:
        return None
    try:
        return clean(content)
    except (ValueError, IndexError, KeyError, struct.error, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return None


def _jpeg(content: bytes) -> bytes:
    """Tables, frames and scans; no APPn, no comment; JFIF's first 20 bytes are put in anew. Ends at the end marker."""
    out = bytearray(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
    at = 2
    while True:
        if content[at] != 0xFF:
            raise ValueError(f"byte {at}: got {content[at]:#x}, expected a marker")
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            return bytes(out + b"\xff\xd9")
        size = struct.unpack_from(">H", content, at + 2)[0]
        segment = content[at : at + 2 + size]
        if len(segment) < 2 + size or size < 2:
            raise ValueError(f"byte {at}: segment of {size} bytes is cut off")
        at += 2 + size
        if marker == 0xDA:
            end = _scan_end(content, at)
            out += segment + content[at:end]
            at = end
        elif marker in _JPEG_KEPT or (marker == 0xEE and segment[4:9] == b"Adobe"):
            out += segment[:16] if marker == 0xEE and size == 14 else segment if marker != 0xEE else b""


def _scan_end(content: bytes, at: int) -> int:
    """Where the entropy-coded data ends: at the first marker that is neither stuffing nor a restart."""
    while True:
        at = content.index(b"\xff", at)
        following = content[at + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7:
            return at
        at += 2


def _png(content: bytes) -> bytes:
    """The chunks that draw the picture; no text, time, EXIF or private chunks. Ends at IEND."""
    out, at = bytearray(content[:8]), 8
    while True:
        size, kind = struct.unpack_from(">I4s", content, at)
        chunk = content[at : at + 12 + size]
        if len(chunk) < 12 + size:
            raise ValueError(f"byte {at}: chunk {kind!r} is cut off")
        if kind in _PNG_KEPT:
            out += chunk
        at += 12 + size
        if kind == b"IEND":
            return bytes(out)


def _webp(content: bytes) -> bytes:
    if content[:4] != b"RIFF":
        raise ValueError(f"got {content[:4]!r}, expected RIFF")
    out, at = bytearray(b"WEBP"), 12
    end = min(len(content), 8 + struct.unpack_from("<I", content, 4)[0])
    while at + 8 <= end:
        kind, size = struct.unpack_from("<4sI", content, at)
        chunk = bytearray(content[at : at + 8 + size + size % 2])
        if kind == b"VP8X":
            chunk[8] &= 0xFF & ~_WEBP_MARKS
        if kind in _WEBP_KEPT:
            out += chunk
        at += 8 + size + size % 2
    return b"RIFF" + struct.pack("<I", len(out)) + bytes(out)


def _office(content: bytes) -> bytes:
    """Word and Excel: properties emptied, authors of changes and comments blanked, pictures inside cleaned."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        if sum(part.file_size for part in old.infolist()) > MOST_UNPACKED:
            raise ValueError("the file unpacks to more than can be cleaned")
        for part in old.infolist():
            inside = _part(part.filename, old.read(part))
            if inside is not None:
                new.writestr(zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0)), inside)
    return made.getvalue()


def _part(name: str, content: bytes) -> bytes | None:
    if name in _PROPERTIES:
        return _PROPERTIES[name]
    if name.startswith(("docProps/", "customXml/")) or "/people" in name or "/persons/" in name:
        return b"<x/>" if name.endswith(".xml") else None
    suffix = name.rpartition(".")[2].lower()
    picture = {"jpg": JPEG, "jpeg": JPEG, "png": PNG, "webp": WEBP}.get(suffix)
    if picture is not None:
        return plain(content, picture) or b""
    if suffix in {"xml", "rels"}:
        content = _AUTHORS.sub(lambda m: (m[1] or b"") + m[2] + b'=""', content)
        return re.sub(rb"<author>[^<]*</author>", b"<author></author>", content)
    return None  # embedded objects, macros, other pictures: nobody can say what they hold


_CLEANERS: dict[str, Callable[[bytes], bytes]] = {
    JPEG: _jpeg,
    PNG: _png,
    WEBP: _webp,
    WORD: _office,
    EXCEL: _office,
}
