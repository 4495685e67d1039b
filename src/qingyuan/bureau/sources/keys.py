"""SM4 keys of devices, sealed under the data folder's secret: the database, its dumps and the audit trail hold none."""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from qingyuan.bureau.errors import Invalid

_NONCE_BYTES = 12


def seal_key(mn: str, key: bytes) -> str:
    """A key as text that only this installation can open, and only for this MN."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return base64.b64encode(nonce + _box().encrypt(nonce, key, mn.encode())).decode("ascii")


def open_key(mn: str, sealed: str) -> bytes:
    """The key that was sealed. Invalid where the secret of the data folder is another one."""
    raw = base64.b64decode(sealed)
    try:
        return _box().decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], mn.encode())
    except InvalidTag as error:
        raise Invalid(f"设备 {mn} 的密钥无法解封：数据目录的 secret.key 与封存时不同；请重新登记密钥") from error


def _box() -> AESGCM:
    return AESGCM(hashlib.sha256(b"qingyuan device keys\0" + settings.SECRET_KEY.encode()).digest())
