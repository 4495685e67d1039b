"""Photos of a case as its record prints them: pixels only, without what the camera wrote about place, time and device."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.image.image import Image

from qingyuan.bureau.cases.queries.shown_files import ShownFile
from qingyuan.bureau.evidence.actions import files as evidence
from qingyuan.bureau.evidence.actions.files import EvidenceDamaged
from qingyuan.bureau.evidence.models import Evidence
from qingyuan.bureau.evidence.queries.plain_copy import plain

PRINTED = {"image/jpeg", "image/png"}
MOST_BYTES = 40 * 1024 * 1024  # of all photos of one record: a Word file that no mail carries helps nobody
TURNS = {3: 180, 6: 90, 8: 270}
MOST_PIXELS = 100_000_000


@dataclass(frozen=True)
class Picture:
    """A photo that can be printed; width and height in pixels, turn: degrees clockwise to set it upright."""

    exhibit: int
    content: bytes
    width: int
    height: int
    turn: int = 0


@dataclass(frozen=True)
class Photos:
    """What is printed, and why the others are not, both by the number of the exhibit."""

    printed: dict[int, Picture]
    left_out: dict[int, str]


def photos_of(files: Sequence[ShownFile]) -> Photos:
    """The photos among the files that a reader sees. A photo that came with a lead is not printed: a paper travels."""
    printed: dict[int, Picture] = {}
    left_out: dict[int, str] = {}
    size = 0
    for file in files:
        if file.media_type not in PRINTED or file.of_lead:
            continue
        if size + file.size > MOST_BYTES:
            left_out[file.pk] = f"照片合计超过 {MOST_BYTES // 1024 // 1024} MB，本张未附"
            continue
        found = _picture(file)
        if isinstance(found, str):
            left_out[file.pk] = found
        else:
            size += file.size
            printed[file.pk] = found
    return Photos(printed, left_out)


def _picture(file: ShownFile) -> Picture | str:
    try:
        kept = evidence.read(Evidence.objects.get(sha256=file.sha256))
    except EvidenceDamaged as error:
        return str(error.message)
    content = plain(kept, file.media_type)
    if content is None:
        return "图像无法打开"
    try:
        image = Image.from_blob(content)
    except (
        InvalidImageStreamError,
        UnexpectedEndOfFileError,
        UnrecognizedImageError,
        ValueError,
        KeyError,
        IndexError,
    ):
        return "图像无法打开"
    if not 0 < image.px_width * image.px_height <= MOST_PIXELS:
        return "图像尺寸不可用"
    return Picture(file.pk, content, image.px_width, image.px_height, _turn(kept))


def _turn(content: bytes) -> int:
    """How a camera was held (EXIF 2.3, tag 0x0112): the copy without EXIF would lie on its side. Unreadable is upright."""
    at = content.find(b"Exif\x00\x00", 0, 65536)
    if at < 0 or not content.startswith(b"\xff\xd8"):
        return 0
    try:
        return TURNS.get(_orientation(content[at + 6 : at + 6 + 65536]), 0)
    except struct.error:
        return 0


def _orientation(tiff: bytes) -> int:
    order = "<" if tiff[:2] == b"II" else ">"
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for n in range(min(count, 200)):
        tag, kind, _number, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * n)
        if (tag, kind) == (0x0112, 3):
            return int(value)
    return 1
