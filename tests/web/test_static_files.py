"""Files of the pages: compressed, kept for ever under their digest, nothing but what lies there; and what a first view weighs."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from qingyuan.web.assets import asset_url
from qingyuan.web.static_files import ASK_AGAIN, FOR_EVER, StaticFiles

STATIC = Path(__file__).parents[2] / "src/qingyuan/web/static"


def other(environ: dict[str, Any], start: Any) -> list[bytes]:
    start("200 OK", [])
    return [b"the application"]


def ask(address: str, method: str = "GET", **headers: str) -> tuple[str, dict[str, str], bytes]:
    path, _, query = address.partition("?")
    told: list[Any] = []
    environ = {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": method} | headers
    body = b"".join(StaticFiles(other, STATIC)(environ, lambda *said: told.extend(said)))
    return told[0], dict(told[1]), body


SCRIPT = "/static/vendor/echarts/echarts.min.js"
ZIP = {"HTTP_ACCEPT_ENCODING": "br, gzip"}


def test_compressed_for_who_takes_it() -> None:
    plain = (STATIC / "vendor/echarts/echarts.min.js").read_bytes()
    status, headers, body = ask(SCRIPT, **ZIP)
    assert (status, headers["Content-Encoding"], headers["Vary"]) == ("200 OK", "gzip", "Accept-Encoding")
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert headers["Content-Length"] == str(len(body))
    assert gzip.decompress(body) == plain
    status, headers, body = ask(SCRIPT)
    assert (status, "Content-Encoding" in headers, body) == ("200 OK", False, plain)
    assert ask(SCRIPT, "HEAD", **ZIP)[2] == b""


def test_kept_for_ever_under_its_digest_and_asked_again_without() -> None:
    address = asset_url("vendor/echarts/echarts.min.js")
    tag = ask(address, **ZIP)[1]["ETag"]
    assert ask(address)[1]["Cache-Control"] == FOR_EVER
    assert ask(f"{SCRIPT}?v=0000000000")[1]["Cache-Control"] == ASK_AGAIN
    assert ask(SCRIPT)[1]["Cache-Control"] == ASK_AGAIN
    status, headers, body = ask(SCRIPT, HTTP_IF_NONE_MATCH=tag, **ZIP)
    assert (status, headers["ETag"], body) == ("304 Not Modified", tag, b"")
    assert ask(SCRIPT, HTTP_IF_NONE_MATCH=tag)[0] == "200 OK"  # of the other form


@pytest.mark.parametrize(
    "path",
    [
        "/static/", "/static/js", "/static/../settings.py", "/static/js/../../settings.py", "/static//etc/passwd",
        "/static/nothing.js",
    ],
)  # fmt: skip
def test_nothing_else_is_given_out(path: str) -> None:
    status, _, body = ask(path)
    assert (status, body) == ("404 Not Found", b"")


def test_what_is_not_static_goes_on_and_nothing_is_written() -> None:
    assert ask("/healthz")[2] == b"the application"
    assert ask("/statically")[2] == b"the application"
    assert ask(SCRIPT, "POST")[0] == "405 Method Not Allowed"


ASSET = re.compile(r'(?:src|href)="(/static/[^"?#]+)')


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/", 150_000), ("/monitoring/", 150_000), ("/books/enterprises/", 150_000), ("/map/", 700_000),
        ("/monitoring/D01/", 400_000),
    ],
)  # fmt: skip
def test_a_first_view_is_light(chief: Client, address: str, most: int) -> None:
    """The page and all that it loads, as a browser gets them: 150 kB, 400 with charts, 700 with a map."""
    answer = chief.get(address, headers={"accept-encoding": "gzip"})
    page = gzip.decompress(answer.content) if answer.headers.get("Content-Encoding") == "gzip" else answer.content
    loaded = set(ASSET.findall(page.decode()))
    modules = {f"/static/js/{p.name}" for p in STATIC.glob("js/*.js")}  # what a module imports comes too
    assert len(loaded) >= 5
    assert most == 150_000 or any("vendor/ol" in path or "vendor/echarts" in path for path in loaded)
    weight = len(answer.content) + sum(len(ask(path, **ZIP)[2]) for path in loaded | modules)
    assert weight <= most, {"all": weight} | {path: len(ask(path, **ZIP)[2]) for path in loaded}
