"""What a machine may lack. A test that needs it skips with a plain reason; in CI (QINGYUAN_CI) that is an error."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from qingyuan import config

FONTS = {
    "the widths of Times": ("liberation serif", "tinos", "times new roman", "nimbus roman"),
    "Chinese characters": ("noto sans cjk", "noto serif cjk", "wenquanyi", "fangsong", "仿宋", "simsun", "宋体"),
}


def _absent(reason: str) -> None:
    if os.environ.get("QINGYUAN_CI"):
        pytest.fail(f"CI must have it: {reason}", pytrace=False)
    pytest.skip(reason)


def chromium() -> str:
    """The browser's executable."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        _absent("no Chromium on PATH: the journey in a browser is not run")
    assert found is not None
    return found


def libreoffice() -> str:
    """The office suite that turns a Word file into PDF."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        _absent("no LibreOffice on PATH: the Word record is not rendered")
    assert found is not None
    return found


def printing_fonts() -> None:
    """Fonts by which pages break as in the office: Chinese ones, and Latin ones of Times' widths; others break elsewhere."""
    if shutil.which("fc-list") is None:
        _absent("no fontconfig: which fonts a page is set in cannot be told")
    there = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=False).stdout.casefold()
    for kind, names in FONTS.items():
        if not any(name in there for name in names):
            _absent(f"no font with {kind} ({', '.join(names)}): how many pages a record has cannot be told")


def pdf_reader() -> str:
    """The program that reads the words of a PDF."""
    found = shutil.which("pdftotext")
    if found is None:
        _absent("no pdftotext on PATH: the printed pages are not read")
    assert found is not None
    return found


def postgresql() -> Path:
    """The folder of PostgreSQL's server programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        _absent("no PostgreSQL server programs and no QINGYUAN_TEST_DATABASE_URL: the server database is not tested")
    return found[-1].parent


def shared(*parts: str) -> Path:
    """A file of the shared facts and data."""
    path = config.shared_dir().joinpath(*parts)
    if not path.exists():
        pytest.skip(f"shared data not here: {'/'.join(parts)} (set QINGYUAN_SHARED)")
    return path
