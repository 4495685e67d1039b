"""Addresses of static files with a piece of their digest, so that a browser may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import cache

from django.contrib.staticfiles import finders
from django.templatetags.static import static


@cache
def asset_url(path: str) -> str:
    """`/static/<path>?v=<digest>`; a path that does not exist is an error, not a broken page."""
    found = finders.find(path)
    if not isinstance(found, str):
        raise FileNotFoundError(f"static file {path!r} does not exist; expected it under web/static")
    with open(found, "rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()[:10]
    return f"{static(path)}?v={digest}"
