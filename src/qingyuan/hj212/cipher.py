"""SM4 as the 2025 edition uses it: the bytes between `CP=&&` and `&&`, whole blocks only.

ECB without padding: what is left after the last whole block of 16 bytes stays plain, so the length does not
change. The check of the frame is made over the plain text, before encryption. Ciphertext travels as bytes; some
senders write it out as the standard prints its example, `{0xE4,0x3E,...}`.

References: HJ 212-2025, 6.4 and annex A.2 (as retold; the text itself was not at hand).
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from string import hexdigits
from typing import TYPE_CHECKING

from qingyuan.hj212.errors import BadKeyError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import ECB

BLOCK = 16
_WRITTEN = re.compile(rb"(\{?)\s*((?:0[xX][0-9A-Fa-f]{2}[\s,]*)+)(\}?)")
_BYTE = re.compile(rb"0[xX]([0-9A-Fa-f]{2})")
_BARE = re.compile(rb"(?:[0-9A-Fa-f]{2}){16,}")
_NAMED = re.compile(rb"\s*[0-9A-Za-z_]{1,20}(?:-[0-9A-Za-z_]{1,20})?=")


class CipherForm(StrEnum):
    """How ciphertext travels."""

    RAW = "raw"
    HEX_TEXT = "hex_text"


def key_of(text: str) -> bytes:
    """A key written as 32 hexadecimal digits; BadKeyError if it is not that."""
    strangers = sum(one not in hexdigits for one in text)
    if strangers or len(text) != 2 * BLOCK:
        raise BadKeyError(len(text), strangers)
    return bytes.fromhex(text)


def encrypt(content: bytes, key: bytes) -> bytes:
    """`content` with its whole blocks encrypted. Same length. BadKeyError for a key that is not 16 bytes."""
    whole = len(content) - len(content) % BLOCK
    return _cipher(key).encryptor().update(content[:whole]) + content[whole:]


def decrypt(content: bytes, key: bytes) -> bytes:
    """The inverse of `encrypt`; a wrong key gives noise, not an error."""
    whole = len(content) - len(content) % BLOCK
    return _cipher(key).decryptor().update(content[:whole]) + content[whole:]


def to_hex_text(content: bytes) -> bytes:
    """Ciphertext written out: whole blocks as `{0xE4,0x3E,...}`, the plain rest behind it."""
    whole = len(content) - len(content) % BLOCK
    return b"{%s}%s" % (b",".join(b"0x%02X" % byte for byte in content[:whole]), content[whole:])


def from_hex_text(content: bytes) -> bytes | None:
    """The bytes that a written-out ciphertext stands for; None if `content` is nothing of the kind.

    Understood: `0x` bytes separated by commas or blanks, with or without braces, a plain rest behind them; or an
    even number of bare digits, at least one block.
    """
    written = _WRITTEN.match(content)
    if written is None:
        return bytes.fromhex(content.decode("ascii")) if _BARE.fullmatch(content) else None
    return bytes(int(digits, 16) for digits in _BYTE.findall(written[2])) + content[written.end() :]


def written_size(content: bytes) -> tuple[int, int] | None:
    """(bytes that the `0x` notation at the beginning takes, bytes that it stands for); None if there is none."""
    written = _WRITTEN.match(content)
    return (written.end(), len(_BYTE.findall(written[2]))) if written else None


def reads_as_text(content: bytes) -> bool:
    """Whether a data section begins with a name and is text throughout; ciphertext is neither."""
    if not content:
        return True
    if not _NAMED.match(content):
        return content.isascii() and content.decode("ascii").isprintable()
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


@lru_cache(maxsize=4096)
def _cipher(key: bytes) -> Cipher[ECB]:
    """Loaded on first use: most counties have no encrypted device yet."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if len(key) != BLOCK:
        raise BadKeyError(2 * len(key))
    return Cipher(algorithms.SM4(key), modes.ECB())  # noqa: S305 - the standard prescribes ECB
