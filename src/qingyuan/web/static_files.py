"""Files that never change under their address, before anything of Django: compressed once, kept by the browser.

Only what lay in the folder at the start is given out, by its exact name.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

PREFIX = "/static/"
LEAST, MOST_OF_IT = 1000, 0.9
"""Smaller files are sent as they are, and those that compressing makes hardly smaller."""
FOR_EVER, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"
mimetypes.add_type("text/javascript", ".js")

Start = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]


class _File(NamedTuple):
    type: str
    tag: str
    plain: bytes
    small: bytes | None


class StaticFiles:
    """Answers what lies below `/static/`; all else goes on to the application."""

    def __init__(self, application: Application, folder: Path) -> None:
        self._application = application
        self._paths = {PREFIX + p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """See PEP 3333."""
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return self._application(environ, start)
        method = environ["REQUEST_METHOD"]
        if path not in self._paths or method not in {"GET", "HEAD"}:
            start("404 Not Found" if path not in self._paths else "405 Method Not Allowed", [("Content-Length", "0")])
            return []
        found = _read(self._paths[path])
        is_small = found.small is not None and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
        body = found.small if is_small and found.small is not None else found.plain
        tag = f'"{found.tag}{"-gz" if is_small else ""}"'
        named = environ.get("QUERY_STRING", "").removeprefix("v=")
        headers = [
            ("ETag", tag),
            ("Vary", "Accept-Encoding"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", FOR_EVER if named and found.tag.startswith(named) else ASK_AGAIN),
        ]
        if environ.get("HTTP_IF_NONE_MATCH") == tag:
            start("304 Not Modified", headers)
            return []
        headers += [("Content-Type", found.type), ("Content-Length", str(len(body)))]
        if is_small:
            headers.append(("Content-Encoding", "gzip"))
        start("200 OK", headers)
        return [] if method == "HEAD" else [body]


@cache
def _read(path: Path) -> _File:
    """A file with its compressed form; a process keeps all that was asked for (some 500 kB)."""
    plain = path.read_bytes()
    name = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    small = gzip.compress(plain, 9, mtime=0) if len(plain) >= LEAST else plain
    if name.startswith("text/"):
        name += "; charset=utf-8"
    tag = hashlib.sha256(plain).hexdigest()
    return _File(name, tag, plain, small if len(small) < MOST_OF_IT * len(plain) else None)
