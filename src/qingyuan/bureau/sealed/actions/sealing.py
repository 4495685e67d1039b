"""Sealing text, and destroying a subject's key."""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Iterable

from django.db import transaction

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Missing
from qingyuan.bureau.sealed.keys import digest_key, forget, new_keys
from qingyuan.bureau.sealed.models import SealedDigest
from qingyuan.bureau.sealed.queries import MARK, digest_of, subject_of

BATCH = 2000
_NONCE_BYTES = 12


def new_subject() -> str:
    """The name of a person or thing whose data are sealed under one key."""
    return uuid.uuid4().hex


def seal(place: str, texts: dict[str, str]) -> dict[str, str]:
    """Tokens by subject of texts by subject, all of one place (`book.column`); one token opens only there."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    tokens = {}
    for subject, key in new_keys(texts).items():
        nonce = secrets.token_bytes(_NONCE_BYTES)
        closed = nonce + AESGCM(key).encrypt(nonce, texts[subject].encode(), f"{place} {subject}".encode())
        tokens[subject] = f"{MARK}{subject}:{base64.b64encode(closed).decode('ascii')}"
    return tokens


def note(place: str, texts: Iterable[tuple[int, str, str]]) -> None:
    """By what the sealed texts of rows are found from now on: (row, subject, text); an empty text is found no more."""
    key, wanted = digest_key(), list(texts)
    for at in range(0, len(wanted), BATCH):
        part = wanted[at : at + BATCH]
        SealedDigest.objects.filter(place=place, row__in=[row for row, _, _ in part]).delete()
        SealedDigest.objects.bulk_create(
            SealedDigest(place=place, row=row, subject=subject, digest=digest_of(place, text, key))
            for row, subject, text in part
            if text
        )


def destroy(actor: User | None, token: str, reason: str) -> str:
    """Destroy the key behind a token: its text is gone from every row, version, backup and search. Returns the subject.

    The right is asked by the caller. Raises Missing without a reason.
    """
    if not reason.strip():
        raise Missing("请写明销毁密钥的依据；销毁后任何人都不能再看到内容", "reason")
    subject = subject_of(token)
    with transaction.atomic():
        SealedDigest.objects.filter(subject=subject).delete()
        record(actor, "sealed.destroy", f"subject:{subject}", f"销毁封存密钥：{reason.strip()[:200]}")
    forget(subject)
    return subject
