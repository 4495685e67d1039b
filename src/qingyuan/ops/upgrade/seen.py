"""Which layout a main database has, and the way up from an earlier one."""

from __future__ import annotations

import os
import subprocess
import sys

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from qingyuan.ops.errors import OpsError

SETTINGS = "qingyuan.ops.upgrade.settings"


def is_before_house() -> bool:
    """Whether the database holds the books as they were before the house."""
    recorder = MigrationRecorder(connection)
    if not recorder.has_table():
        return False
    applied = {app for app, _ in recorder.applied_migrations()}
    return "places" in applied and "registers" not in applied


def bring_up() -> None:
    """Bring the database up, in a process that knows the old books. Raises OpsError; the next start goes on."""
    connection.close()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "qingyuan.ops.upgrade.house"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": SETTINGS},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        copy = "升级前的副本在数据目录的 backups 中" if connection.vendor == "sqlite" else "PostgreSQL 请用您自己的备份"
        raise OpsError(f"升级数据库时出错（{last}）；修正后重新运行会接着做。要退回旧版本：{copy}")
