"""SM4 keys of devices, sealed under the data folder's secret: no database, dump, file or audit trail holds one open."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING

from qingyuan.intake.errors import WrongSecret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class KeyBox:
    """Seals and opens under one secret text."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def seal(self, mn: str, key: bytes) -> str:
        """A key as text that only the holder of the secret can open, and only for this MN."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.b64encode(nonce + self._box().encrypt(nonce, key, mn.encode())).decode("ascii")

    def open(self, mn: str, sealed: str) -> bytes:
        """The key that was sealed. Raises WrongSecret where it was sealed under another secret or for another MN."""
        from cryptography.exceptions import InvalidTag

        raw = base64.b64decode(sealed)
        try:
            return self._box().decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], mn.encode())
        except InvalidTag as error:
            raise WrongSecret(mn) from error

    def _box(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # only where there is a key to open

        return AESGCM(hashlib.sha256(b"qingyuan device keys\0" + self._secret.encode()).digest())
