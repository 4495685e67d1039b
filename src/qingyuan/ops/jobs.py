"""Beside the turns of `work`, in a thread of its own: what people asked for and wait for, and what is tidied up now and then."""

from __future__ import annotations

import logging
import threading
import time

from django.db import close_old_connections, connection

from qingyuan.bureau.base.store import readings
from qingyuan.bureau.monitoring.actions.exports import run_next_export, sweep_lost_exports, sweep_old_exports
from qingyuan.bureau.monitoring.actions.import_jobs import run_next_job, sweep_lost_jobs
from qingyuan.intake.journal import Journal
from qingyuan.intake.journal_packed import pack_closed
from qingyuan.ops.growth import note_today
from qingyuan.ops.purge import purge

log = logging.getLogger(__name__)
SWEEP_LOST_SECONDS, SWEEP_EXPORTS_SECONDS, PURGE_SECONDS, PACK_SECONDS = 30.0, 600.0, 3600.0, 30.0


def run_jobs(stop: threading.Event, journal: Journal) -> None:
    """Imports and exports one after the other until stopped; a failed one is logged, and the next is taken."""
    swept_at = looked_at = purged_at = packed_at = float("-inf")
    while not stop.is_set():
        try:
            close_old_connections()
            if time.monotonic() - looked_at > SWEEP_LOST_SECONDS:
                sweep_lost_jobs()
                sweep_lost_exports()
                looked_at = time.monotonic()
            if time.monotonic() - swept_at > SWEEP_EXPORTS_SECONDS:
                sweep_old_exports()
                swept_at = time.monotonic()
            if time.monotonic() - purged_at > PURGE_SECONDS:
                purge()
                note_today()
                purged_at = time.monotonic()
            if time.monotonic() > packed_at:
                packed_at = time.monotonic() + _pack(journal)
            done = run_next_job() or run_next_export()
        except Exception:
            log.exception("work: a job failed")
            done = False
        if not done:
            stop.wait(1.0)
    connection.close()
    readings().close()


def _pack(journal: Journal) -> float:
    """Compress one segment of the journal that is closed and read; seconds until the next look."""
    try:
        return 1.0 if pack_closed(journal.segments(), readings().offset()) else PACK_SECONDS
    except OSError as error:  # the plain one is as it was
        log.warning("work: a segment of the journal was not packed: %s", error)
        return PURGE_SECONDS
