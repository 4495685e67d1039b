"""Settings of the one process that brings an old installation up: the old books' migrations, and nothing else."""

from __future__ import annotations

from qingyuan.settings import DATABASES, DEFAULT_AUTO_FIELD, SECRET_KEY, TIME_ZONE, USE_TZ

__all__ = ["DATABASES", "DEFAULT_AUTO_FIELD", "INSTALLED_APPS", "SECRET_KEY", "TIME_ZONE", "USE_TZ"]

BEFORE = "qingyuan.ops.upgrade.before_house"
INSTALLED_APPS = [
    *(
        f"{BEFORE}.{book}"
        for book in (
            "accounts",
            "alerts",
            "audit",
            "calendar",
            "cases",
            "evaluation",
            "exports",
            "imports",
            "monitoring",
            "places",
            "sources",
        )
    ),
]
AUTH_USER_MODEL = "accounts.User"
