"""Evidence: kept under its digest, once, checked by content, and damage is noticed."""

from __future__ import annotations

import hashlib

import pytest

from bureau.office import Office
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.evidence.actions import files as evidence
from qingyuan.bureau.evidence.actions.files import EvidenceDamaged, Upload, keep, path_of, read
from qingyuan.bureau.evidence.models import Evidence

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256))


def test_both_digests_and_the_bytes(office: Office) -> None:
    row = keep(Upload("a.jpg", JPEG))
    assert row.sha256 == hashlib.sha256(JPEG).hexdigest()
    assert row.sm3 == hashlib.new("sm3", JPEG).hexdigest()
    assert (row.size, row.media_type, read(row)) == (len(JPEG), "image/jpeg", JPEG)


def test_same_content_is_kept_once(office: Office) -> None:
    assert keep(Upload("a.jpg", JPEG)) == keep(Upload("另一个名字.jpg", JPEG))
    assert Evidence.objects.count() == 1
    assert len([p for p in evidence.folder().rglob("*") if p.is_file()]) == 1


@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_damage_is_noticed_and_mended_by_the_same_file(office: Office, damage: str) -> None:
    """A file damaged on disk stayed damaged when the same content was handed in again."""
    row = keep(Upload("a.jpg", JPEG))
    path = path_of(row.sha256)
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(JPEG[:-1] + b"!" if damage == "changed" else JPEG[:50])
    with pytest.raises(EvidenceDamaged, match="请从备份恢复"):
        read(row)
    keep(Upload("a.jpg", JPEG))
    assert read(row) == JPEG


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("照片.jpg", JPEG, "image/jpeg"),
        ("照片.JPG", b"\x89PNG\r\n\x1a\n....", "image/png"),
        ("a.webp", b"RIFF....WEBP", "image/webp"),
        ("a.heic", b"....ftypheic", "image/heic"),
        ("a.mp4", b"....ftypisom", "video/mp4"),
        ("a.pdf", b"%PDF-1.7", "application/pdf"),
        ("a.xlsx", b"PK\x03\x04....", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.csv", "点位,数值".encode(), "text/csv"),
    ],
)
def test_type_is_told_by_content(office: Office, name: str, content: bytes, kind: str) -> None:
    assert keep(Upload(name, content)).media_type == kind


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.exe", b"MZ\x90\x00", id="program"),
        pytest.param("a.jpg", b"<script>alert(1)</script>", id="script-as-picture"),
        pytest.param("a.html", b"<html></html>", id="page"),
        pytest.param("a.svg", b"<svg onload='x'/>", id="svg"),
        pytest.param("a.txt", b"abc\x00def", id="binary-as-text"),
        pytest.param("a.zip", b"not a zip", id="no-zip"),
        pytest.param("noname", b"PK\x03\x04", id="archive-without-suffix"),
    ],
)
def test_other_content_is_refused(office: Office, name: str, content: bytes) -> None:
    with pytest.raises(Invalid, match="不是可接受的类型") as caught:
        keep(Upload(name, content))
    assert caught.value.field == "files"
    assert not Evidence.objects.exists()


def test_empty_and_too_large(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid, match="是空的"):
        keep(Upload("a.jpg", b""))
    monkeypatch.setattr(evidence, "MAX_BYTES", len(JPEG))
    keep(Upload("a.jpg", JPEG))
    with pytest.raises(Invalid, match="上限"):
        keep(Upload("a.jpg", JPEG + b"1"))
