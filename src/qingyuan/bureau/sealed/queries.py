"""Reading what is sealed, and finding it by the exact text."""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Iterable

from qingyuan.bureau.sealed.keys import digest_key, keys_of
from qingyuan.bureau.sealed.models import SealedDigest

__all__ = ["GONE", "MARK", "MASK", "digest_key", "digest_of", "opened", "rows_with", "subject_of"]
MARK = "sealed:"
MASK = "●●●●"
GONE = "（已销毁）"
_NONCE_BYTES = 12


def subject_of(token: str) -> str:
    """The subject of a token; empty for none."""
    return token.removeprefix(MARK).partition(":")[0] if token.startswith(MARK) else ""


def opened(place: str, tokens: Iterable[str]) -> dict[str, str]:
    """Text by token of one place; a text whose key is destroyed reads （已销毁）. The right is asked by the caller."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    wanted = [token for token in tokens if token]
    keys = keys_of(map(subject_of, wanted))
    found = {}
    for token in wanted:
        subject = subject_of(token)
        raw = base64.b64decode(token.rpartition(":")[2])
        try:
            key = keys[subject]
            found[token] = (
                AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], f"{place} {subject}".encode()).decode()
            )
        except (KeyError, InvalidTag):
            found[token] = GONE
    return found


def digest_of(place: str, text: str, key: bytes | None = None) -> str:
    """The keyed digest of a text: width of letters, case and blanks do not matter."""
    bare = "".join(unicodedata.normalize("NFKC", text).lower().split())
    return hmac.new(key or digest_key(), f"{place}\0{bare}".encode(), hashlib.sha256).hexdigest()


def rows_with(place: str, text: str) -> list[int]:
    """The rows whose sealed value is exactly this text."""
    return list(SealedDigest.objects.filter(place=place, digest=digest_of(place, text)).values_list("row", flat=True))
