"""The copy of the register that the bureau lays down for the gateway, which so needs no database of its own.

A JSON file in the run folder, replaced whole: by MN the networks as text, the check, and the keys, sealed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from qingyuan.intake.errors import NoRegister, WrongSecret
from qingyuan.intake.known import KnownStation, station_of
from qingyuan.intake.sealing import KeyBox

REGISTER_FILE = "gateway_register.json"
"""Name of the file in the run folder."""
log = logging.getLogger(__name__)


class Row(NamedTuple):
    """One station in use. sealed: its keys, the one in use first."""

    mn: str
    network: str
    dialect: str
    sealed: Sequence[str] = ()


def content_of(rows: Iterable[Row]) -> dict[str, object]:
    """What the file holds; the same rows give the same content."""
    return {"stations": {row.mn: [row.network, row.dialect, list(row.sealed)] for row in sorted(rows)}}


class RegisterFile:
    """See `known.Register`. Parsed again only when the file was replaced."""

    def __init__(self, path: Path, box: KeyBox) -> None:
        self._path, self._box = path, box
        self._seen: tuple[int, int, int] | None = None
        self._stations: dict[str, KnownStation] = {}

    def __call__(self) -> Mapping[str, KnownStation]:
        """Every station in use, by MN. Raises NoRegister."""
        try:
            told = self._path.stat()
            seen = (told.st_ino, told.st_mtime_ns, told.st_size)
            if seen != self._seen:
                content = json.loads(self._path.read_text(encoding="utf-8"))["stations"]
                self._stations = {mn: self._station(mn, *row) for mn, row in content.items()}
                self._seen = seen
        except FileNotFoundError as error:
            raise NoRegister(str(self._path), "not there") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoRegister(str(self._path), f"cannot be read ({error})") from error
        return self._stations

    def _station(self, mn: str, network: str, dialect: str, sealed: Sequence[str]) -> KnownStation:
        keys = []
        for one in sealed:
            try:
                keys.append(self._box.open(mn, one))
            except WrongSecret as error:
                log.warning("%s", error)
        return station_of(mn, network, dialect, tuple(keys))
