"""The work role: a loop that is told nothing and looks at what there is to do."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from qingyuan import clock, config, process
from qingyuan.bureau.alerts.actions.silence import sweep_silence
from qingyuan.bureau.audit.actions.seal import seal
from qingyuan.bureau.base.models import LoopState
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.cases.actions.automatic import (
    leads_from_lasting_alerts,
    leads_from_restarts,
)
from qingyuan.bureau.judging.actions.days import work_off
from qingyuan.bureau.judging.models import DueDay
from qingyuan.bureau.judging.queries.waiting import MANY_BYTES
from qingyuan.bureau.line.actions.adopt import read_adopted_again
from qingyuan.bureau.line.actions.requests import look_after_requests
from qingyuan.bureau.line.actions.resolver import BureauResolver
from qingyuan.bureau.line.actions.stations import lay_down_register
from qingyuan.bureau.loop import PRESENT, find, note_day_ended, step
from qingyuan.bureau.messages.actions import remind, send_waiting
from qingyuan.bureau.monitoring.queries.watchdog import SWEEP_SECONDS
from qingyuan.bureau.quality.actions import later
from qingyuan.bureau.quality.models import QualityDue
from qingyuan.bureau.search.actions.keeping import catch_up
from qingyuan.bureau.values.actions import kept_emissions
from qingyuan.bureau.values.actions.rollups import sweep_hours
from qingyuan.bureau.values.actions.sweep_tags import sweep_tags
from qingyuan.intake.healing import heal
from qingyuan.intake.ingest import Ingester
from qingyuan.intake.journal import Journal
from qingyuan.ops.jobs import run_jobs
from qingyuan.ops.keeper import Keeper
from qingyuan.readings import StoreFull
from qingyuan.science.intervals import beijing_date

log = logging.getLogger(__name__)
IDLE_SECONDS = 0.3
GATHER_SECONDS = 0.8
"""Turns that take in live frames begin so far apart: what a turn asks, it asks once for all that came meanwhile."""
QUALITY_SECONDS, INSTANTS_SECONDS = 15.0, 5.0
TAG_LOOK_BACK, TAG_OVERLAP = timedelta(days=1), timedelta(minutes=1)
ERROR_SECONDS = 5.0
BATCH_RECORDS = 2000
LOOK_RECORDS = 100_000
"""With MANY_BYTES unread live frames are read ahead of the rest; so many records are looked through in a turn."""
LIVE_SECONDS = 15.0
"""What is live is read while nothing older than this has not been looked at."""
AFRESH_DAYS = 7
"""How many days are evaluated again after the clock was set back."""
MOST_DAYS = 62


@dataclass
class _Chore:
    """Something done every so often (real seconds)."""

    name: str
    every: float
    run: Callable[[], object]
    next_at: float = 0.0


class Worker:
    """Ingest, judge, and look after what time alone makes due. Every part may be repeated."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._journal = Journal(config.data_dir() / "journal")
        self._resolver = BureauResolver()
        self._ingester = Ingester(self._journal, readings(), self._resolver)
        begun = clock.SystemClock().now().timestamp()
        self._facts: dict[str, object] = {"silence_looked_at": begun, "silence_swept_at": begun}
        self._keeper = Keeper()
        self._tags_swept_at = clock.now() - TAG_LOOK_BACK
        self._last_received_us = self._last_looked_us = self._most = 0
        self._read_from = readings().offset()
        self._quality_at = self._instants_at = 0.0
        self._end_at_turn: int | None = None
        self._chores = [
            _Chore("beat", 2.0, self._beat),
            _Chore("register", 3.0, lay_down_register),
            _Chore("requests", 5.0, self._requests),
            _Chore("missing", 60.0, lambda: self._requests(fetching=True)),
            _Chore("hours", 120.0, sweep_hours),
            _Chore("quality", 1.0, self._quality),
            _Chore("days", 20.0, days_ended),
            _Chore("emissions", 5.0, self._emissions),
            _Chore("findings", 10.0, find),
            _Chore("tags", 300.0, self._tags),
            _Chore("silence", SWEEP_SECONDS, self._silence),
            _Chore("lasting", 30.0, self._lasting),
            _Chore("adopt", 2.0, self._resolver.adopt_later),
            _Chore("adopted", 15.0, read_adopted_again),
            _Chore("parts", 30.0, self._parts),
            _Chore("journal", 30.0, self._heal),
            _Chore("search", 1.0, self._search),
            _Chore("messages", 3.0, send_waiting),
            _Chore("dues", 3600.0, remind),
            _Chore("seal", 15.0, seal),
            _Chore("archive", 20.0, self._keeper.look),
        ]

    def stop(self) -> None:
        """End after the present turn."""
        self._stop.set()

    def run(self) -> None:
        """Until stopped. An error is logged, shown in the heartbeat, and tried again; nothing is skipped."""
        self._beat_in_trouble()
        jobs = threading.Thread(target=run_jobs, args=(self._stop, self._journal), name="jobs")
        jobs.start()
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                wait = self._turn()
                self._facts.pop("error", None)
            except Exception as error:
                log.exception("work: a turn failed and will be repeated")
                self._facts["error"] = f"{type(error).__name__}: {error}"
                connection.close()  # so that the next turn asks for a new one
                self._beat_in_trouble()
                self._stop.wait(1.0 if isinstance(error, StoreFull) else ERROR_SECONDS)
                continue
            if wait > (spent := time.monotonic() - begun):
                self._stop.wait(wait - spent)
        self._keeper.stop()
        jobs.join()
        self._journal.close()

    def _turn(self) -> float:
        """Everything once; how many seconds after its begin the next turn begins at the earliest."""
        self._end_at_turn = self._journal.end()
        live = self._read_ahead()
        progress = self._ingester.step(BATCH_RECORDS)
        if progress.newest_received_us:
            self._last_received_us = progress.newest_received_us
        turn = step(instants=self._is_time_for_instants(progress.records or live))
        behind = progress.records >= BATCH_RECORDS // 4
        if not behind and turn.is_full:  # a history is worked off for long: the days of the present do not wait for it
            work_off(since=beijing_date(clock.now() - PRESENT))
        elif not behind:
            work_off(since=beijing_date(clock.now() - PRESENT)) or work_off()
        now = time.monotonic()
        for chore in self._chores:
            if now >= chore.next_at:
                chore.run()
                chore.next_at = time.monotonic() + chore.every
        if behind or turn.is_full or (turn.marks and not progress.records):
            return 0.0
        return GATHER_SECONDS if progress.records else IDLE_SECONDS

    def _read_ahead(self) -> int:
        """With much unread, what devices measure now goes first; how many frames those were."""
        if self._journal.end() - readings().offset() < MANY_BYTES:
            return 0
        progress = self._ingester.step_ahead(clock.now(), LOOK_RECORDS)
        self._last_looked_us = max(self._last_looked_us, progress.newest_received_us)
        return progress.records

    def _lag(self, reached: int, received_us: int) -> float:
        """Seconds between now and the receipt of the newest record before a position; 0 where that is the end."""
        if not received_us or reached >= self._journal.end():
            return 0.0
        return max(0.0, clock.now().timestamp() - received_us / 1_000_000)

    def _live_lag(self) -> float:
        reached = max(readings().offset(), self._ingester.looked_to)
        return self._lag(reached, max(self._last_received_us, self._last_looked_us))

    def _is_time_for_instants(self, records: int) -> bool:
        """While frames come, what they say of instants is asked of many at once; at once when there are none."""
        if records and time.monotonic() < self._instants_at:
            return False
        self._instants_at = time.monotonic() + INSTANTS_SECONDS
        return True

    def _beat(self) -> None:
        store = readings()
        end, offset = self._journal.end(), store.offset()
        self._journal.reach(offset)  # also where somebody took the note away
        process.beat(
            "work",
            offset=offset,
            looked_to=max(offset, self._ingester.looked_to),
            journal_end=end,
            lag_s=round(self._live_lag(), 1),
            behind_s=round(self._lag(offset, self._last_received_us), 1),
            **self._unread(end, offset),
            **self._waiting(),
            archive_error=self._keeper.problem,
            journal_damages=[damage._asdict() for damage in self._journal.damages(offset)],
            **self._facts,
        )

    def _unread(self, end: int, offset: int) -> dict[str, int]:
        """Bytes of the journal that wait to be read, and of how many that came since no more than the present waited."""
        if end - offset < MANY_BYTES:
            self._read_from = offset
        return {"unread": end - offset, "unread_of": end - self._read_from}

    def _waiting(self) -> dict[str, int]:
        """What waits to be judged, and how much it was when the queue was longest since it was last empty."""
        hours, days = readings().dirty_count(), DueDay.objects.count()
        self._most = max(self._most, hours) if hours or days else 0
        return {"dirty": hours, "dirty_most": self._most, "due_days": days, "quality_due": QualityDue.objects.count()}

    def _beat_in_trouble(self) -> None:
        """A heartbeat although what it tells cannot be asked: the role lives, and says what is wrong."""
        try:
            self._beat()
        except Exception as error:
            log.warning("work: heartbeat without its figures: %s", error)
            process.beat("work", **{**(process.last_beat("work") or {}), **self._facts, **_own()})
            connection.close()

    def _is_behind(self) -> bool:
        """Whether something lies unread that had come when this turn began: where frames come all the time, some always
        come meanwhile.
        """
        return readings().offset() < (self._journal.end() if self._end_at_turn is None else self._end_at_turn)

    def _emissions(self) -> None:
        if not self._is_behind():
            kept_emissions.work_off()

    def _search(self) -> None:
        """An index that cannot be kept is told, and holds up neither the line nor what comes after it."""
        try:
            catch_up()
            self._facts.pop("search_error", None)
        except Exception as error:
            log.exception("work: the search index was not kept")
            self._facts["search_error"] = f"{type(error).__name__}: {error}"

    def _quality(self) -> None:
        """What live values say is asked of many of them at once; a history is worked off as fast as it goes, once it is
        read: before, the same weeks would be asked again with every hour that comes to them (a flood without end is
        asked all the same, see `note_full`).
        """
        is_history = later.reaches_back_to(clock.now() - PRESENT)
        if (is_history and not self._is_behind()) or (not is_history and time.monotonic() >= self._quality_at):
            later.work_off()
            self._quality_at = time.monotonic() + QUALITY_SECONDS

    def _parts(self) -> None:
        if not self._is_behind():  # the rest of a message may wait in the journal
            self._ingester.give_up_parts(clock.now())

    def _heal(self) -> None:
        heal(self._journal, self._ingester, clock.SystemClock().now().timestamp())

    def _requests(self, *, fetching: bool = False) -> None:
        """What is asked of devices. Not while we are behind: what seems missing may lie in the journal."""
        if not self._is_behind():
            look_after_requests(fetching=fetching)

    def _tags(self) -> None:
        now = clock.now()
        sweep_tags(self._tags_swept_at - TAG_OVERLAP)
        self._tags_swept_at = now

    def _silence(self) -> None:
        """Only when all that is live has been read: our own backlog is no silence of theirs. Says when it looked."""
        held = "behind" if self._live_lag() > LIVE_SECONDS else ""
        if not held:
            sweep_silence()
        now = clock.SystemClock().now().timestamp()
        self._facts |= {"silence_looked_at": now, "silence_held": held} | ({} if held else {"silence_swept_at": now})

    def _lasting(self) -> None:
        demo = process.read_json(process.run_dir() / "demo.json") or {}
        if demo.get("state") != "backfilling":
            leads_from_lasting_alerts()
            leads_from_restarts()


def _own() -> dict[str, object]:
    """What a heartbeat always says anew."""
    return {"pid": os.getpid(), "at": clock.SystemClock().now().timestamp()}


def days_ended() -> None:
    """Note each Beijing day that ended since the last look.

    Where the last look was made by a clock that was ahead, the days it took for ended are noted again: they had not ended.
    """
    today = beijing_date(clock.now())
    state, made = LoopState.objects.get_or_create(name="days_until", defaults={"value": today.isoformat()})
    if made or state.value == today.isoformat():
        return
    day = date.fromisoformat(state.value)
    if day > today:
        log.warning("本机时钟曾经快到 %s，现在是 %s；已改回，近 %d 天重新评价", day, today, AFRESH_DAYS)
        day = today - timedelta(days=AFRESH_DAYS)
    day = max(day, today - timedelta(days=MOST_DAYS))  # a clock that jumps ahead makes no years of days due
    while day < today:
        note_day_ended(day)
        day += timedelta(days=1)
    LoopState.objects.filter(pk=state.pk).update(value=today.isoformat())
