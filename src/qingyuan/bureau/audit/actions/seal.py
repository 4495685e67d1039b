"""The hash chain over the audit trail: one sealer chains batches, so that writers do not queue behind a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from django.db import transaction

from qingyuan import clock, config
from qingyuan.bureau.audit.actions.turns import sealing
from qingyuan.bureau.audit.models import AuditEntry, AuditSeal

BATCH = 2000


def _digest(previous: str, entries: Iterable[AuditEntry]) -> str:
    hasher = hashlib.sha256(previous.encode())
    for e in entries:
        line = [
            e.pk,
            e.at.isoformat(),
            e.actor_id,
            e.actor_label,
            e.verb,
            e.object_kind,
            e.object_id,
            e.summary,
            e.data,
            e.origin,
        ]
        hasher.update(json.dumps(line, ensure_ascii=False, sort_keys=True).encode())
    return hasher.hexdigest()


def seal() -> int:
    """Chain the entries written since the last seal; returns how many. Safe to call from several processes.

    While somebody writes to the trail on a database server nothing is sealed: the next turn does it.
    """
    with transaction.atomic():
        if not sealing():
            return 0
        last = AuditSeal.objects.order_by("-last_id").first()
        entries = list(AuditEntry.objects.filter(pk__gt=last.last_id if last else 0).order_by("pk")[:BATCH])
        if not entries:
            return 0
        previous = last.digest if last else ""
        made = AuditSeal.objects.create(
            first_id=entries[0].pk,
            last_id=entries[-1].pk,
            previous=previous,
            digest=_digest(previous, entries),
            sealed_at=clock.now(),
        )
    _witness(made)
    return len(entries)


def witness_file() -> Path:
    """Where every seal is noted outside the database, so that its end cannot be cut off unseen. Copy it elsewhere."""
    return config.data_dir() / "audit" / "seals.txt"


def _witness(made: AuditSeal) -> None:
    path = witness_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as file:
        file.write(f"{made.last_id} {made.digest}\n")


def missing_seals() -> list[int]:
    """Last entries of seals that the witness file does not name. The newest seal may be on its way into the file."""
    sealed = list(AuditSeal.objects.order_by("last_id").values_list("last_id", flat=True))
    if not witness_file().is_file():
        return sealed
    noted = {line.partition(" ")[0] for line in witness_file().read_text(encoding="ascii").splitlines()}
    return [number for number in sealed[:-1] if str(number) not in noted]


def verify_chain() -> int | None:
    """The number of the first seal that does not match its entries, or None if the chain is sound.

    A seal that was noted outside the database and is not in it (any more) breaks the chain too: then the number of the
    last entry it covered.
    """
    previous, digests = "", {}
    for link in AuditSeal.objects.order_by("last_id"):
        entries = AuditEntry.objects.filter(pk__gte=link.first_id, pk__lte=link.last_id).order_by("pk")
        if link.previous != previous or link.digest != _digest(previous, entries):
            return link.pk
        previous = digests[link.last_id] = link.digest
    if witness_file().is_file():
        for line in witness_file().read_text(encoding="ascii").splitlines():
            number, _, digest = line.partition(" ")
            if number.isdigit() and digests.get(int(number)) != digest:
                return int(number)
    return None
