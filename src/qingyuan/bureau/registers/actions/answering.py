"""What happens elsewhere when another area answers for a point: who wants to follow says so once, at the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Moves = Mapping[int, tuple[int | None, int | None]]
"""Point -> the area that answered for it, and the one that does now; all as keys."""
Follower = Callable[[Moves], None]
_followers: list[Follower] = []


def follow(follower: Follower) -> None:
    """Call this whenever points move, in the transaction that moves them."""
    if follower not in _followers:
        _followers.append(follower)


def tell(moves: Moves) -> None:
    """Points have moved."""
    real = {point: (old, new) for point, (old, new) in moves.items() if old != new}
    for follower in _followers if real else ():
        follower(real)
