"""What is copied while the installation runs may be moved meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingyuan.intake.journal_packed import pack
from qingyuan.ops.backup import _copied


def test_a_segment_that_was_packed_meanwhile_is_copied_as_it_lies_now(tmp_path: Path) -> None:
    path = tmp_path / f"{0:020d}.qyj"
    path.write_bytes(b"frames" * 1000)
    target = pack(path)
    assert _copied(path, tmp_path / "copy") == target
    assert (tmp_path / "copy").read_bytes() == target.read_bytes()


def test_what_is_simply_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        _copied(tmp_path / f"{0:020d}.qyj", tmp_path / "copy")
    with pytest.raises(FileNotFoundError):
        _copied(tmp_path / "photo.jpg", tmp_path / "copy")
