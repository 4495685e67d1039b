"""SM4 keys of devices, sealed under the data folder's secret: see `intake.sealing`."""

from __future__ import annotations

from django.conf import settings

from qingyuan.bureau.base.errors import Invalid
from qingyuan.intake.errors import WrongSecret
from qingyuan.intake.sealing import KeyBox


def seal_key(mn: str, key: bytes) -> str:
    """A key as text that only this installation can open, and only for this MN."""
    return KeyBox(settings.SECRET_KEY).seal(mn, key)


def open_key(mn: str, sealed: str) -> bytes:
    """The key that was sealed. Invalid where the secret of the data folder is another one."""
    try:
        return KeyBox(settings.SECRET_KEY).open(mn, sealed)
    except WrongSecret as error:
        raise Invalid(f"设备 {mn} 的密钥无法解封：数据目录的 secret.key 与封存时不同；请重新登记密钥") from error
