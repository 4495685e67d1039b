"""The fields before CP, typed, and the edition that they name."""

from __future__ import annotations

from typing import Literal, NamedTuple

from qingyuan.hj212.deviations import Deviation

Edition = Literal["2005", "2017", "2025"]
EDITIONS: dict[int, Edition] = {0: "2005", 1: "2017", 2: "2025"}
"""By the version bits of Flag."""


def edition_of(flag: int | None) -> Edition:
    """The edition that the version bits of Flag name; no Flag means 2005, an unknown number the newest known."""
    return EDITIONS.get((flag or 0) >> 2, "2025")


def names_edition(flag: int | None) -> bool:
    """Whether the version bits of Flag name an edition that is known; a missing Flag does (2005)."""
    return (flag or 0) >> 2 in EDITIONS


class Head(NamedTuple):
    """The fields before CP. Text is as printed, "" where the frame has none; `flag`, `pnum`, `pno` None if
    absent.
    """

    qn: str
    st: str
    cn: str
    pw: str
    mn: str
    flag: int | None
    pnum: int | None
    pno: int | None
    extra: dict[str, str]
    deviations: tuple[Deviation, ...]

    @property
    def edition(self) -> Edition:
        """The edition that the version bits of Flag name; no Flag means 2005, an unknown number the newest
        known.
        """
        return edition_of(self.flag)

    @property
    def wants_answer(self) -> bool:
        """Whether the sender waits for an acknowledgement (lowest bit of Flag)."""
        return bool((self.flag or 0) & 1)

    @property
    def is_split(self) -> bool:
        """Whether this is one packet of several: second bit of Flag, and the numbers that belong to it.

        Many dust and air stations set the bit on every whole packet and number nothing.
        """
        return bool((self.flag or 0) & 2) and bool(self.pnum) and self.pno is not None

    @property
    def is_resent(self) -> bool:
        """Whether the sender says that it sends this again (RF=1, edition 2025)."""
        return self.extra.get("RF") == "1"
