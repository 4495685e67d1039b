"""A database server that goes away for some seconds, and a role that hangs: it is said at once, and all goes on."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from ops.running import Installation, command, eventually
from postgresql_server import cluster

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("installation")]


def send(installation: Installation, first: int, manifest: Path) -> list[dict[str, Any]]:
    port = str(installation.port("gateway"))
    words = ["--port", port, "--count", "3", "--rate", "10", "--seconds", "2", "--first", str(first)]
    command(installation.data, "simulate", "devices", *words, "--manifest", str(manifest))
    return [json.loads(line) for line in manifest.read_text().splitlines()]


def work(installation: Installation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((installation.data / "run" / "work.json").read_text())
    return found


@pytest.mark.postgres
def test_work_goes_on_after_the_database_was_away(tmp_path: Path) -> None:
    """With the server away for four seconds `work` lost its main thread and stayed as a zombie: nothing was judged again."""
    with cluster("away") as server:
        more = {"QINGYUAN_DATABASE_URL": server.url, "QINGYUAN_READINGS_DATABASE_URL": server.url}
        installation = Installation(tmp_path / "data", "--adopt-unknown", more=more)
        try:
            installation.healthy()
            before = send(installation, 100, tmp_path / "one.jsonl")
            eventually(lambda: work(installation)["offset"] >= work(installation)["journal_end"] > 0, "all read")
            pid = installation.pid("work")
            server.stop()
            told = eventually(lambda: installation.get("/healthz", expect=503), "a health that says it", 10)
            assert any("数据库" in problem for problem in told["problems"]), told
            while_away = send(installation, 200, tmp_path / "two.jsonl")  # intake needs no database
            assert all(row["acknowledged"] for row in while_away)
            eventually(lambda: work(installation).get("error"), "a turn that failed", 30)
            server.start()
            installation.healthy()
            read = eventually(
                lambda: (w := work(installation)) and not w.get("error") and w["offset"] >= w["journal_end"] and w,
                "all that came meanwhile read", 60,
            )  # fmt: skip
            assert installation.pid("work") == pid == read["pid"]  # it went on, it was not started again
            assert len(before) + len(while_away) > 0
            for _ in range(8):  # each of the processes of the pages
                assert installation.get("/healthz")["status"] == "ok"
        finally:
            installation.stop()


def test_a_role_that_hangs_is_started_again(tmp_path: Path) -> None:
    """A process that lives and does nothing was left alone for ever: only an ended one was started again."""
    more = {"QINGYUAN_SUPERVISOR_STUCK_SECONDS": "8"}
    installation = Installation(tmp_path / "data", more=more)
    try:
        installation.healthy()
        hanging = {role: installation.pid(role) for role in ("work", "gateway")}
        for pid in hanging.values():
            os.kill(pid, signal.SIGSTOP)
        for role, pid in hanging.items():
            eventually(lambda role=role, pid=pid: installation.pid(role) != pid, f"another {role}", 60)  # type: ignore[misc]
        installation.healthy()
        assert "没有心跳" in installation.output
    finally:
        installation.stop()
