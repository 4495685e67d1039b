"""What is vendored is what VENDORED.toml says, file by file."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

import qingyuan.web
from qingyuan.rules import rule_book

STATIC = Path(qingyuan.web.__file__).parent / "static"
VENDOR = STATIC / "vendor"
PACKAGES = tomllib.loads((VENDOR / "VENDORED.toml").read_text())["package"]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p["name"])
def test_digests(package: dict[str, object]) -> None:
    digests = package["sha256"]
    assert isinstance(digests, dict)
    for name, digest in digests.items():
        assert hashlib.sha256((VENDOR / str(package["folder"]) / name).read_bytes()).hexdigest() == digest, name


def test_nothing_is_vendored_without_a_line() -> None:
    listed = {VENDOR / p["folder"] / name for p in PACKAGES for name in p["sha256"]} | {VENDOR / "VENDORED.toml"}
    assert {f for f in VENDOR.rglob("*") if f.is_file()} == listed


def test_no_asset_of_ours_asks_for_anything_outside() -> None:
    for path in [*STATIC.glob("js/*.js"), *STATIC.glob("css/*.css")]:
        text = path.read_text()
        assert not re.search(r"https?://(?!www\.w3\.org)|@import|url\(", text), path.name


def test_aqi_and_water_colours_are_those_of_the_rule_book() -> None:
    css = (STATIC / "css" / "tokens.css").read_text().lower()
    book = rule_book()
    for number, aqi in enumerate((25, 75, 125, 175, 250, 400), start=1):
        assert f"--aqi-{number}: {book.aqi_category(aqi).colour.lower()};" in css
    for name in ("I", "II", "III", "IV", "V", ">V"):
        found = book.water_class(name)
        assert f"--water-{found.rank}: {found.colour.lower()};" in css
