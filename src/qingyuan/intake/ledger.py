"""What the gateway saw of each station and of each address that named no station: counted, and visible.

Kinds: `frames`, `acknowledged`, a reason of `Deviation` for a piece that was no frame or for an odd head, and the words
below. Bounded: a flood of made-up names is counted under one name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ACKNOWLEDGED, ASKED, NOT_SENDABLE = "acknowledged", "asked", "not_sendable"
WRONG_NETWORK = "wrong_network"
REFUSED_UNKNOWN = "refused_unknown"
SLOWED = "slowed"
CLOSED_SLOW = "closed_slow"
CLOSED_GARBAGE = "closed_garbage"
CLOSED_IDLE = "closed_idle"
OTHERS = "*"
LEDGER_FILE = "gateway_stations.json"
"""Name of the file in the run folder."""
_MN = re.compile(r"[0-9A-Za-z_.-]{1,40}")
_CODE = re.compile(r"[\w.+-]{1,20}")
_MOST_STATIONS, _MOST_PEERS = 20_000, 1_000


@dataclass
class Page:
    """One station's or address's counts. at: instant of its last packet; peer: where that came from."""

    counts: Counter[str] = field(default_factory=Counter)
    at: datetime | None = None
    peer: str = ""

    def as_json(self) -> dict[str, Any]:
        """The same as plain words."""
        return {"counts": dict(self.counts), "at": self.at.isoformat() if self.at else None, "peer": self.peer}


class Ledger:
    """Pages by station and by address."""

    def __init__(self) -> None:
        self.stations: dict[str, Page] = {}
        self.peers: dict[str, Page] = {}

    def page(self, mn: str, peer: str, *, is_registered: bool = False) -> Page:
        """The page of a station; where no station is named, of the address; `peer` with or without its port."""
        if not is_name(mn):
            return _page(self.peers, peer.rpartition(":")[0] or peer, _MOST_PEERS, is_sure=False)
        return _page(self.stations, mn, _MOST_STATIONS, is_sure=is_registered)

    def as_json(self) -> dict[str, Any]:
        """Everything, for the file that other processes read."""
        return {
            "stations": {mn: page.as_json() for mn, page in self.stations.items()},
            "peers": {peer: page.as_json() for peer, page in self.peers.items()},
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Ledger:
        """What `as_json` wrote, to count on after a restart."""
        found = cls()
        for pages, rows in ((found.stations, content.get("stations", {})), (found.peers, content.get("peers", {}))):
            for name, row in rows.items():
                at = datetime.fromisoformat(row["at"]) if row["at"] else None
                pages[name] = Page(Counter(row["counts"]), at, row["peer"])
        return found


def is_name(mn: str) -> bool:
    """Whether a text can be the name of a station; anything else is not repeated anywhere."""
    return _MN.fullmatch(mn) is not None


def is_code(text: str) -> bool:
    """Whether a text can be a factor's code, a statistic, a command or a system; others become no name of anything."""
    return _CODE.fullmatch(text) is not None


def _page(pages: dict[str, Page], name: str, most: int, *, is_sure: bool) -> Page:
    if name not in pages and len(pages) >= most and not is_sure:
        name = OTHERS
    return pages.setdefault(name, Page())
