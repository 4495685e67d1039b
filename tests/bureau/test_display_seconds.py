"""How far a clock is off, in words that are read at a glance."""

from __future__ import annotations

import pytest

from qingyuan.bureau.base.display import seconds_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (-1.24, "-1.2 s"),
        (119.9, "119.9 s"),
        (120.0, "2 min 0 s"),
        (-600.4, "-10 min 0 s"),
        (3661.0, "1 h 1 min"),
        (-1303471.0, "-15 d 2 h"),
    ],
)
def test_a_clock_that_is_off(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text
