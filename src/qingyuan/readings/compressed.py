"""Bytes packed by zstd, as the engine of the archive brings it; so that nobody else need know the engine."""

from __future__ import annotations

import pyarrow as pa


def packed(parts: list[bytes], level: int) -> list[bytes]:
    """Each part by itself."""
    codec = pa.Codec("zstd", compression_level=level)
    return [codec.compress(part, asbytes=True) for part in parts]


def unpacked(data: bytes, size: int) -> bytes | None:
    """What was packed, of `size` bytes; None where it is not that any more."""
    try:
        found: bytes = pa.Codec("zstd").decompress(data, decompressed_size=size, asbytes=True)
    except (OSError, ValueError, pa.ArrowException):
        return None
    return found if len(found) == size else None
