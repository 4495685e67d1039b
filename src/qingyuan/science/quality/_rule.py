"""What every quality rule is: it says which readings it hits, and how far around a reading it looks."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields

from qingyuan.rules.quality import Outcome
from qingyuan.science.quality._track import Mask, Track


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule with its parameters. `version` counts its edition in the data file."""

    version: int = 1
    outcome: Outcome = "suspect"

    kind = ""

    def reach(self) -> tuple[int, int]:
        """Seconds before and after a reading that decide about it."""
        return 0, 0

    def hits(self, track: Track, usable: Mask) -> Mask:
        """The readings it hits, of those that earlier rules left usable."""
        raise NotImplementedError

    def parameters(self) -> str:
        """Its parameters as JSON, to be kept beside every flag."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("version", "outcome")}
        return json.dumps(own, ensure_ascii=False, sort_keys=True)
