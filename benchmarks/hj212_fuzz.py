"""A long fuzz run over the HJ 212 codec.

Run: python benchmarks/hj212_fuzz.py [--seconds 60] [--seed 1]. Each round makes a stream of good frames of all editions
and commands (also encrypted and split), damages it, and checks what must hold for any bytes:

- nothing raises: framing, reading, typing, judging, describing, joining;
- every byte that is not a blank ends in exactly one piece, in order;
- the pieces do not depend on how the stream was cut;
- good frames between the damaged stretches are found;
- batches in columns say the same as frames one by one.

A round that fails is printed with its seed; the same seed makes the same round.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from qingyuan.hj212 import (
    CipherForm,
    Frame,
    Framer,
    Joiner,
    Rejected,
    acknowledge,
    crc16_modbus,
    decode,
    describe,
    encode,
    encode_parts,
    interpret,
    judge,
)
from qingyuan.hj212.columnar import decode_batch
from qingyuan.hj212.encode import envelope
from qingyuan.rules import rule_book

KEY = b"0" * 16
NOW = datetime(2026, 6, 1, tzinfo=UTC)
BLANKS = b" \t\r\n"
SCRAPS = (
    b"##", b"#", b"&&", b"\r\n", b"##0100", b"##9999", b"CP=&&", b"QN=", b"Flag=9;", b"//", b"{0xE4,", b";", b",", b"=", b"-",
    b"\x00",
)  # fmt: skip
SECTIONS = (
    "", "RtdInterval=30", "PolId=w01018", "BeginTime=20240601000000;EndTime=20240602000000", "QnRtn=1", "OverTime=5;ReCount=3",
    "DataTime=20240601085857;PolId=w01018;i11001-Info=//清洗管路##0010&&//", "DataTime=20240601085857;SB1-RS=1;SB2-RS=0",
    "DataTime=20240601085857;w01018-SampleRd=5.1,w01018-StandardValue=5,w01018-ResultType=1",
)  # fmt: skip
COMMANDS = sorted(rule_book().protocol.commands)
VERSION = {"2005": 0, "2017": 4, "2025": 8}


def good_frames(chance: random.Random) -> list[bytes]:
    """One message of a random kind: a frame, or several if it is split."""
    edition, cn = chance.choice(COMMANDS)
    second = f"{chance.randrange(60):02d}"
    if chance.random() < 0.5:
        items = [
            f"w{chance.randrange(20):05d}-Avg={chance.uniform(-9, 9999):.2f},w01018-Flag=N"
            for _ in range(chance.randrange(9))
        ]
        cp = ";".join([f"DataTime=202406010858{second}", *items])
    else:
        cp = chance.choice(SECTIONS)
    flag = VERSION[edition] | chance.randrange(2)
    head = {"qn": f"202406010858{second}{chance.randrange(1000):03d}", "st": "32", "cn": cn, "pw": "123456"}
    head["mn"] = f"{chance.randrange(5):024X}"
    kind = chance.random()
    if kind < 0.15 and edition == "2025":
        form = chance.choice(list(CipherForm))
        return [encode(**head, flag=flag, cp=cp, sm4_key=chance.choice([KEY, b"1" * 16]), cipher_form=form)]
    if kind < 0.3:
        return list(encode_parts(**head, flag=flag, cp=cp, most=max(80, len(cp.encode()) // 2 + 90)))
    raw = encode(**head, flag=flag, cp=cp)
    if kind < 0.4:
        return [envelope(raw[6:-6], crc16_modbus(raw[6:-6]))]
    return [raw]


def damaged(raw: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, dropped, put in or moved."""
    out = bytearray(raw)
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(out) + 1)
        what = chance.randrange(5)
        if what == 0 and out:
            out[place % len(out)] = chance.randrange(256)
        elif what == 1:
            del out[place : place + chance.randrange(1, 30)]
        elif what == 2:
            out[place:place] = chance.choice(SCRAPS)
        elif what == 3:
            out[place:place] = chance.randbytes(chance.randrange(1, 40))
        else:
            out[place:place] = out[max(0, place - 50) : place]
    return bytes(out)


def pieces_of(stream: bytes, chance: random.Random | None) -> list[Frame | Rejected]:
    """All pieces; cut at random places if `chance` is given."""
    framer = Framer(keys=[KEY])
    out: list[Frame | Rejected] = []
    place = 0
    while place < len(stream):
        size = chance.randrange(1, 200) if chance else len(stream)
        out += framer.feed(stream[place : place + size])
        place += size
    return out + framer.close()


def round_of(seed: int, counts: Counter[str]) -> str:
    """One round; "" if all holds, else what does not."""
    chance = random.Random(seed)
    parts: list[bytes] = []
    intact: list[bytes] = []
    for _ in range(chance.randrange(1, 12)):
        for raw in good_frames(chance):
            if chance.random() < 0.5:
                parts.append(damaged(raw, chance))
            else:
                parts.append(raw)
        marker = encode(qn="20240601085857223", st="31", cn="9015", pw="1", mn=f"{len(intact):024d}", flag=9)
        if chance.random() < 0.3:
            parts.append(b"\r\n" + marker)
            intact.append(marker)
    stream = b"".join(parts)
    whole = pieces_of(stream, None)
    if pieces_of(stream, chance) != whole:
        return "the pieces depend on how the stream is cut"
    if b"".join(piece.raw for piece in whole).translate(None, BLANKS) != stream.translate(None, BLANKS):
        return "bytes are lost or doubled"
    joiner = Joiner()
    for number, piece in enumerate(whole):
        counts["frames" if isinstance(piece, Frame) else str(piece.reason)] += 1
        describe(piece, NOW)
        if isinstance(piece, Frame):
            message = decode(piece, NOW)
            judge(message, interpret(message))
            acknowledge(piece)
            for joined in joiner.add(piece, NOW + timedelta(seconds=number)):
                decode(joined.frame)
    for joined in joiner.close():
        decode(joined.frame)
    if not hidden_only_inside(whole, intact):
        return "a good frame is lost"
    raws = [piece.raw for piece in whole if isinstance(piece, Frame) and not piece.is_encrypted] + parts
    decode_batch(raws)
    return "" if same_in_columns(raws) else "columns differ from one by one"


def hidden_only_inside(pieces: list[Frame | Rejected], intact: list[bytes]) -> bool:
    """Whether every intact frame was found, or lies within a longer frame whose own check is right."""
    found = [piece.raw for piece in pieces if isinstance(piece, Frame)]
    return all(any(marker in raw for raw in found) for marker in intact)


def same_in_columns(raws: list[bytes]) -> bool:
    """Whether a batch gives what each frame gives by itself."""
    batch = decode_batch(raws)
    for columns in batch.columns:
        for place, row in enumerate(columns.rows.tolist()):
            (piece,) = Framer().feed(raws[row])
            assert isinstance(piece, Frame)
            one, other = columns.message(place), decode(piece)
            if (one.head, one.data_time, one.items, one.deviations) != (
                other.head, other.data_time, other.items, other.deviations
            ) or list(one.section.values) != list(other.section.values):  # fmt: skip
                return False
    return True


def run(seconds: float, seed: int, rounds: int | None = None) -> tuple[int, Counter[str], str]:
    """Rounds done, pieces by kind, and the first failure ("" if there was none)."""
    counts: Counter[str] = Counter()
    done, until = 0, time.monotonic() + seconds
    while time.monotonic() < until and (rounds is None or done < rounds):
        try:
            fault = round_of(seed + done, counts)
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
        if fault:
            return done, counts, f"seed {seed + done}: {fault}"
        done += 1
    return done, counts, ""


def main() -> int:
    """Run and say how it went; 1 if something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    done, counts, fault = run(arguments.seconds, arguments.seed)
    print(
        f"{done} rounds, {counts.total()} pieces: "
        + ", ".join(f"{name} {count}" for name, count in counts.most_common())
    )
    print(fault or "all held")
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main())
