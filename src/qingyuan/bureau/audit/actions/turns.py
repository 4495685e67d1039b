"""Writers of the trail and its sealer take turns on a database server, where a number is given out before its row is seen.

A row that was numbered earlier and committed later would lie below the last seal and in none. So a writer holds a shared
lock to the end of its transaction, and the sealer seals only while it holds it alone: then every number given out is
either seen or gone. SQLite has one writer at a time and needs none of it.
"""

from __future__ import annotations

from django.db import connection

KEY = 0x51_59_41_55
SERVER = "postgresql"


def writing() -> None:
    """This transaction writes to the trail; to be called before its row is numbered."""
    if connection.vendor == SERVER:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [KEY])


def sealing() -> bool:
    """Whether nobody is writing now; nobody begins before this transaction ends. Never waits: a later turn will do."""
    if connection.vendor != SERVER:
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [KEY])
        return bool(cursor.fetchone()[0])
