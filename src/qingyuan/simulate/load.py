"""A load of many devices with a manifest: what was sent, what was acknowledged, for counting afterwards."""

from __future__ import annotations

import asyncio
import gc
import math
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from qingyuan import clock
from qingyuan.hj212 import CipherForm, Edition
from qingyuan.simulate.delivery import Address, Line
from qingyuan.simulate.devices import Manner, Spoken, speak, upload_kinds
from qingyuan.simulate.errors import NoSuchKindError
from qingyuan.simulate.faults import apply, choose, clock_off, split_size
from qingyuan.simulate.frames import Sending
from qingyuan.simulate.load_logger import LoadLogger
from qingyuan.simulate.manifest import Manifest
from qingyuan.simulate.unfriendly import Unfriendly

_TICK_S = 0.01
_GRACE_S = 30.0


@dataclass(frozen=True)
class Speech:
    """What the devices say and what goes wrong.

    editions: taken in turn by the devices. kinds: commands, () for every upload command. faults: share of the messages
    by name. seed: which messages these are. first: number of the first device, so that two loads do not speak for the
    same ones. sm4_key: devices of 2025 encrypt with it. unfriendly: ways of other clients beside them, see there.
    """

    editions: Sequence[Edition] = ("2017",)
    kinds: Sequence[str] = ()
    faults: Mapping[str, float] = field(default_factory=dict)
    seed: int = 212
    first: int = 0
    sm4_key: bytes | None = None
    cipher_form: CipherForm = CipherForm.RAW
    unfriendly: Sequence[str] = ()


@dataclass(frozen=True)
class LoadResult:
    """Counts of frames, the time it took [s], the wait for an acknowledgement [ms] at two shares of the frames, and how
    many frames bore which fault; cut_off: how often unfriendly clients of a way were cut off.
    """

    sent: int
    acknowledged: int
    elapsed_s: float
    p50_ms: float
    p99_ms: float
    faults: dict[str, int]
    cut_off: dict[str, int] = field(default_factory=dict)


def run_load(
    host: str,
    port: int,
    count: int,
    rate: float,
    seconds: float,
    manifest_path: Path | None = None,
    *,
    is_resending: bool = False,
    speech: Speech | None = None,
) -> LoadResult:
    """Let `count` devices send `rate` messages a second together for `seconds`; every (device, command, time) is unique.

    The manifest has one JSON line a frame: `mn, qn, cn, st, edition, data_time, pnum, pno, fault, values,
    acknowledged`; values is factor code → sub-item → printed text of that frame alone, and fault names what was done to
    it (see `faults.FAULTS`). Waits at most half a minute for the last acknowledgements. NoSuchKindError for kinds that
    an edition does not have.
    """
    return asyncio.run(
        load(host, port, count, rate, seconds, manifest_path=manifest_path, is_resending=is_resending, speech=speech)
    )


async def load(
    host: str,
    port: int,
    count: int,
    rate: float,
    seconds: float,
    *,
    manifest_path: Path | None = None,
    is_resending: bool = False,
    speech: Speech | None = None,
    grace_s: float = _GRACE_S,
    is_connected_first: bool = False,
) -> LoadResult:
    """`run_load` inside a running event loop. is_connected_first: the clock starts when every device is connected."""
    speech = speech or Speech()
    _check_kinds(speech)
    manifest = Manifest()

    def acknowledged(sending: Sending) -> None:
        manifest.acknowledge(sending.mn, sending.qn, time.monotonic())

    address = Address(host, lambda: port)
    chance = random.Random(speech.seed)  # noqa: S311 - which frames and devices are spoilt, no secret
    loggers = [LoadLogger(clock_off(speech.faults, chance)) for _ in range(count)]
    keys = (speech.sm4_key,) if speech.sm4_key else ()
    lines = [
        Line(address, is_resending=is_resending, on_acknowledged=acknowledged, logger=logger, keys=keys)
        for logger in loggers
    ]
    if is_connected_first:
        for line in lines:
            line.wake()
        while not all(line.is_connected for line in lines):
            await asyncio.sleep(_TICK_S)
    total = round(rate * seconds)
    manner = _manner(speech, count, rate, total)
    unfriendly = Unfriendly(host, port, speech.unfriendly, clock.now, speech.seed)
    gc.freeze()  # what stands is not gone through again: each halt here would be measured as the gateway's
    started, number = time.monotonic(), 0
    try:
        unfriendly.start()
        while number < total:
            due = min(total, int((time.monotonic() - started) * rate) + 1)
            for sequence in range(number, due):
                device, turn = sequence % count, sequence // count
                fault, logger = choose(speech.faults, chance), loggers[device]
                logger.now = manner.base + turn * manner.spacing
                size = split_size(fault)
                for spoken in speak(speech.first + device, turn, sequence, manner, size, clock_off=logger.clock_off):
                    _put(lines[device], spoken, fault, chance, manifest)
                    logger.keep(spoken)
            number = max(number, due)
            await asyncio.sleep(_TICK_S)
        last = time.monotonic() + grace_s
        while any(line.unacknowledged for line in lines) and time.monotonic() < last:
            await asyncio.sleep(_TICK_S)
    finally:
        gc.unfreeze()
        await asyncio.gather(unfriendly.stop(), *(line.close() for line in lines))
        if manifest_path is not None:
            manifest.write(manifest_path)
    elapsed = round(time.monotonic() - started, 3)
    p50, p99 = manifest.waits_ms(0.5, 0.99)
    cut_off = dict(sorted(unfriendly.cut_off.items()))
    return LoadResult(len(manifest), manifest.acknowledged, elapsed, p50, p99, manifest.faults, cut_off)


def _check_kinds(speech: Speech) -> None:
    known = sorted({cn for edition in speech.editions for cn in upload_kinds(edition)})
    for cn in speech.kinds:
        if cn not in known:
            raise NoSuchKindError(cn, known)


def _manner(speech: Speech, count: int, rate: float, total: int) -> Manner:
    """Turns at their own time, or so far back that the last one is not ahead of the present."""
    spacing = max(1, math.floor(count / rate))
    turns = math.ceil(total / count)
    now = clock.now().astimezone(clock.BEIJING).replace(microsecond=0)
    base = now - timedelta(seconds=max(0.0, math.ceil(turns * spacing - total / rate)) + 2)
    return Manner(base, timedelta(seconds=spacing), speech.editions, speech.kinds, speech.sm4_key, speech.cipher_form)


def _put(line: Line, spoken: Spoken, fault: str, chance: random.Random, manifest: Manifest) -> None:
    """Put a frame on its line, with what goes wrong around it."""
    sent = apply(fault, spoken, chance)
    if sent.noise:
        line.mutter(sent.noise)
    manifest.put(spoken, fault, time.monotonic(), is_expected=sent.is_tracked)
    if sent.is_tracked:
        line.offer(Sending(0, spoken.mn, spoken.cn, spoken.qn, sent.raw))
    for _ in range(sent.copies - int(sent.is_tracked)):
        line.mutter(sent.raw)
    if sent.hangs_up:
        line.hang_up()
        line.wake()
