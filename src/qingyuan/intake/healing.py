"""Parts of the journal that were lost and are there again, restored from a backup: read after all."""

from __future__ import annotations

from itertools import takewhile

from qingyuan.intake.errors import JournalDamaged
from qingyuan.intake.ingest import Ingester
from qingyuan.intake.journal import Journal, Record
from qingyuan.intake.journal_damage import LOST, RESCUED, UNREADABLE, Damage, forget, note, noted

SHOWN_SECONDS = 3600.0
"""How long it is said that a deleted file was put back."""
_AT_ONCE = 500


def heal(journal: Journal, ingester: Ingester, now: float) -> int:
    """Read what is there again of every noted loss, and note what is left of it; returns how many records. now: [s]."""
    done = 0
    for damage in noted(journal.folder):
        if damage.kind == RESCUED and now - damage.at > SHOWN_SECONDS:
            forget(journal.folder, [damage])
        elif damage.kind in {LOST, UNREADABLE}:
            done += _made_good(journal, ingester, damage)
    return done


def _made_good(journal: Journal, ingester: Ingester, damage: Damage) -> int:
    done, position = 0, damage.begin
    while position < damage.end:
        found = _there(journal, position, damage.end)
        if not found:
            break
        ingester.replay(record.position for record in found)
        done += len(found)
        position = found[-1].next_position
    if position > damage.begin:
        forget(journal.folder, [damage])
        if position < damage.end:
            note(journal.folder, damage._replace(begin=position))
    return done


def _there(journal: Journal, position: int, end: int) -> list[Record]:
    """Sound records without a hole from a position on."""
    found: list[Record] = []
    try:
        for record in takewhile(lambda r: r.position < end, journal.read(position, _AT_ONCE)):
            if record.position != (found[-1].next_position if found else position):
                break
            found.append(record)
    except JournalDamaged:
        pass
    return found
