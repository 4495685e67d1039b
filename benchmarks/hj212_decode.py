"""What one HJ 212 frame costs: check alone, plain split alone, framing, full decode.

Run: python benchmarks/hj212_decode.py [--rounds N]. Prints CPU microseconds a frame (median of five) and the
ratio to the floor, which is the folded check plus a plain split into dictionaries in the same run.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from qingyuan.hj212 import Frame, Framer, crc16, decode, encode

CONVERTED = ("a21026", "a21002", "a34013", "a21005", "a21024", "a24088", "a21001")
PLAIN = ("a00000", "a01011", "a01012", "a01013", "a01014", "a19001")


def sample_frame() -> bytes:
    """A 2011 frame of 13 factors, 7 of them with a converted value."""
    items = [f"{code}-Rtd=112.4,{code}-ZsRtd=128.9,{code}-Flag=N" for code in CONVERTED]
    items += [f"{code}-Rtd=43.58,{code}-Flag=N" for code in PLAIN]
    cp = ";".join(["DataTime=20260601085857", *items])
    mn = "010000A8900016F000169DC0"
    return encode(qn="20260601085857223", st="31", cn="2011", pw="123456", mn=mn, flag=5, cp=cp)


def split_plainly(body: bytes) -> dict[str, dict[str, str]]:
    """The least that any reader must do: text, groups, pairs, dictionaries; nothing is checked."""
    text = body.decode()
    items: dict[str, dict[str, str]] = {}
    for group in text[text.index("CP=&&") + 5 : -2].split(";"):
        for pair in group.split(","):
            key, _, value = pair.partition("=")
            code, _, sub = key.partition("-")
            items.setdefault(code, {})[sub] = value
    return items


def microseconds(work: Callable[[], object], rounds: int) -> float:
    """CPU time of one call, median of five runs of `rounds` calls."""
    runs = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(rounds):
            work()
        runs.append((time.process_time() - start) / rounds * 1e6)
    return statistics.median(runs)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4000)
    rounds = parser.parse_args().rounds
    raw = sample_frame()
    (frame,) = Framer().feed(raw)
    assert isinstance(frame, Frame)
    body = frame.body
    framer = Framer()
    batch = raw * 100

    def whole() -> None:
        (one,) = framer.feed(raw)
        assert isinstance(one, Frame)
        decode(one)

    floor = microseconds(lambda: (crc16(body), split_plainly(body)), rounds)
    rows = {
        "check alone": microseconds(lambda: crc16(body), rounds),
        "plain split alone": microseconds(lambda: split_plainly(body), rounds),
        "floor: check and plain split": floor,
        "framing, one frame a feed": microseconds(lambda: framer.feed(raw), rounds),
        "framing, 100 frames a feed": microseconds(lambda: framer.feed(batch), max(rounds // 100, 1)) / 100,
        "framing and full decode": microseconds(whole, rounds),
    }
    print(f"frame of {len(raw)} bytes, segment {len(body)} bytes")
    for name, value in rows.items():
        print(f"{name:32s} {value:8.2f} us  {value / floor:5.2f} x floor")


if __name__ == "__main__":
    main()
