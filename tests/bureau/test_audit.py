"""The audit trail: sealed in a chain, so that a later change shows."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.audit.actions.seal import seal, verify_chain, witness_file
from qingyuan.bureau.audit.models import AuditEntry, AuditSeal

pytestmark = pytest.mark.django_db


def fill(count: int = 9) -> None:
    for n in range(count):
        record(None, "test.act", f"thing:{n}", f"第 {n} 行", {"n": n})


def sealed() -> None:
    for _ in range(3):
        fill(3)
        assert seal() == 3


def test_each_entry_is_sealed_once(office: object) -> None:
    sealed()
    assert seal() == 0
    assert [(s.last_id - s.first_id) for s in AuditSeal.objects.order_by("last_id")] == [2, 2, 2]
    assert verify_chain() is None


TAMPERINGS: dict[str, Callable[[int], object]] = {
    "summary": lambda pk: AuditEntry.objects.filter(pk=pk).update(summary="别的"),
    "actor": lambda pk: AuditEntry.objects.filter(pk=pk).update(actor_label="别人"),
    "data": lambda pk: AuditEntry.objects.filter(pk=pk).update(data={"n": 99}),
    "verb": lambda pk: AuditEntry.objects.filter(pk=pk).update(verb="other"),
    "object": lambda pk: AuditEntry.objects.filter(pk=pk).update(object_id="x"),
    "time": lambda pk: connection.cursor().execute(
        "UPDATE audit_auditentry SET at='2020-01-01 00:00:00' WHERE id=%s", [pk]
    ),
    "deleted": lambda pk: AuditEntry.objects.filter(pk=pk).delete(),
    "origin": lambda pk: AuditEntry.objects.filter(pk=pk).update(origin="10.9.9.9"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_changed_row_is_found(office: object, name: str) -> None:
    sealed()
    second = AuditSeal.objects.order_by("last_id")[1]
    TAMPERINGS[name](second.first_id + 1)
    assert verify_chain() == second.pk


def test_removed_seal_is_found(office: object) -> None:
    """A seal and its entries cut out together left a chain that began somewhere else."""
    sealed()
    first, second, _ = AuditSeal.objects.order_by("last_id")
    AuditEntry.objects.filter(pk__lte=first.last_id).delete()
    first.delete()
    assert verify_chain() == second.pk


def test_row_slipped_in_between_is_found(office: object) -> None:
    fill(3)
    middle = AuditEntry.objects.order_by("pk")[1]
    kept = middle.pk
    middle.delete()
    seal()
    record(None, "x", "a:1", "x")
    AuditEntry.objects.filter(verb="x").update(id=kept)
    assert verify_chain() is not None


def test_long_summary_is_cut_not_refused(office: object) -> None:
    assert len(record(None, "x", "a:1", "长" * 1000).summary) == 300


def test_end_cut_off_is_found(office: object) -> None:
    """The last seal and its entries were deleted together and the chain still looked whole: it ends where it ends."""
    sealed()
    last = AuditSeal.objects.order_by("-last_id").first()
    assert last is not None
    AuditEntry.objects.filter(pk__gte=last.first_id).delete()
    last.delete()
    assert verify_chain() == last.last_id


def test_chain_worked_out_anew_is_found(office: object) -> None:
    sealed()
    first = AuditEntry.objects.order_by("pk").values_list("pk", flat=True)[0]
    AuditEntry.objects.filter(pk=first).update(summary="别的")
    lines = witness_file().read_text()
    AuditSeal.objects.all().delete()
    while seal():
        pass
    witness_file().write_text(lines)
    assert verify_chain() is not None


@pytest.mark.django_db(transaction=True)
def test_a_row_numbered_earlier_and_committed_later_is_sealed_too() -> None:
    """On a server a slow act got its number first, a quick one was sealed meanwhile, and the slow one's row never was."""
    numbered, sealed_once = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            record(None, "slow", "thing:1", "先编号，后提交")
            numbered.set()
            sealed_once.wait(5 if connection.vendor == "postgresql" else 0)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert numbered.wait(10)
    record(None, "quick", "thing:2", "后编号，先提交")
    seal()
    sealed_once.set()
    thread.join(10)
    while seal():
        continue
    sealed_rows = sum(
        AuditEntry.objects.filter(pk__gte=s.first_id, pk__lte=s.last_id).count() for s in AuditSeal.objects.all()
    )
    assert sealed_rows == AuditEntry.objects.count() == 2
    assert verify_chain() is None
