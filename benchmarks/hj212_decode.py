"""What one HJ 212 frame costs: check alone, plain split alone, framing, typed one by one, typed in batches.

Run: python benchmarks/hj212_decode.py [--frames N]. The frame is a 2011 upload of 656 bytes with 13 factors, 7 of them
with -ZsRtd; N of them (of 50 devices) differ in time and in every value. All ways go over the same frames in turn, five
times, in one process. Printed are the medians of CPU microseconds a frame and the ratio to the floor, which is the
folded check plus a plain split into dictionaries, nothing looked at. "Typed" is everything: framing with form and
check, head, times, every number as a number, every flag, shape and ranges of the command, deviations.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable

from qingyuan.hj212 import Frame, Framer, crc16, decode, encode, interpret, judge
from qingyuan.hj212.columnar import decode_batch

CONVERTED = ("a21026", "a21002", "a34013", "a21005", "a21024", "a24088", "a21001")
PLAIN = ("a00000", "a01011", "a01012", "a01013", "a01014", "a19001")
SIZE = 656
ROUNDS = 5


def sample_frame(number: int, numbers: random.Random) -> bytes:
    """A 2011 frame of 13 factors, 7 of them with a converted value."""

    def value(least: int, decimals: int) -> str:
        return f"{numbers.randrange(least, 10 * least) / 10**decimals:.{decimals}f}"

    items = [f"{code}-Rtd={value(1000, 1)},{code}-ZsRtd={value(1000, 1)},{code}-Flag=N" for code in CONVERTED]
    items += [f"{code}-Rtd={value(1000, 2)},{code}-Flag=N" for code in PLAIN[:4]]
    items += [f"{code}-Rtd={value(100, 1)},{code}-Flag=N" for code in PLAIN[4:]]
    at = f"202606{1 + number % 28:02d}{number % 24:02d}{number % 60:02d}{number % 59:02d}"
    mn = f"010000A8900016F000169D{number % 50:02X}"
    cp = ";".join([f"DataTime={at}", *items])
    return encode(qn=f"{at}{number % 1000:03d}", st="31", cn="2011", pw="123456", mn=mn, flag=5, cp=cp)


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


def typed(raws: list[bytes]) -> None:
    """One by one, as a connection brings them."""
    framer = Framer()
    for raw in raws:
        (frame,) = framer.feed(raw)
        assert isinstance(frame, Frame)
        message = decode(frame)
        content = interpret(message)
        assert not message.deviations
        assert not judge(message, content)


def in_batches(raws: list[bytes], size: int) -> None:
    """Typed, `size` frames at once, into columns."""
    for start in range(0, len(raws), size):
        batch = decode_batch(raws[start : start + size])
        assert not batch.singles


def each(work: Callable[[bytes], object], pieces: list[bytes]) -> None:
    """Nothing is kept, so that no way pays for the memory of another."""
    for piece in pieces:
        work(piece)


def medians(ways: dict[str, Callable[[], object]], frames: int) -> dict[str, float]:
    """CPU microseconds a frame of every way, all run in turn."""
    runs: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.process_time()
            way()
            runs[name].append((time.process_time() - start) / frames * 1e6)
    return {name: statistics.median(times) for name, times in runs.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=5000)
    count = parser.parse_args().frames
    numbers = random.Random(212)
    raws = [sample_frame(number, numbers) for number in range(count)]
    assert {len(raw) for raw in raws} == {SIZE}
    bodies = [raw[6:-6] for raw in raws]
    decode_batch(raws)  # every device's structure is met once before it is read in columns
    framer = Framer()
    floor = "floor: check and plain split"
    ways: dict[str, Callable[[], object]] = {
        "check alone": lambda: each(crc16, bodies),
        "plain split alone": lambda: each(split_plainly, bodies),
        floor: lambda: each(lambda body: (crc16(body), split_plainly(body)), bodies),
        "framing alone": lambda: each(framer.feed, raws),
        "typed, one by one": lambda: typed(raws),
        "typed, batches of 100": lambda: in_batches(raws, 100),
        "typed, batches of 500": lambda: in_batches(raws, 500),
        "typed, batches of 5000": lambda: in_batches(raws, 5000),
    }
    times = medians(ways, count)
    print(f"{count} frames of {SIZE} bytes, {len(CONVERTED) + len(PLAIN)} factors, CPU time, one core")
    for name, value in times.items():
        print(f"{name:36s} {value:8.2f} us  {value / times[floor]:5.2f} x floor")
    goals = {"typed, one by one": 1.5, "typed, batches of 500": 0.6}
    for name, most in goals.items():
        ratio = times[name] / times[floor]
        print(f"{name}: {ratio:.2f} x floor, at most {most} wanted: {'reached' if ratio <= most else 'NOT reached'}")


if __name__ == "__main__":
    main()
