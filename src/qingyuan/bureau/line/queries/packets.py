"""The last packets of a station as they came, each field with its meaning. Passwords are never shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from qingyuan import config
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.actions.stations import known_stations
from qingyuan.bureau.line.queries.words import words_of
from qingyuan.hj212 import Frame, Framer, Known, Message, command, decode, interpret, judge, meaning_of
from qingyuan.hj212.layout import NUMERIC_SUBS
from qingyuan.intake.errors import JournalDamaged
from qingyuan.intake.journal import Journal, Record
from qingyuan.rules import rule_book

_PASSWORD = re.compile(rb"(PW=)[^;&]*")
_HEAD = {"QN": "请求编码", "ST": "系统编码", "CN": "命令编码", "MN": "设备唯一标识", "Flag": "标志"}
_SUBS = {
    "Rtd": "实时值",
    "Avg": "均值",
    "Min": "最小值",
    "Max": "最大值",
    "Cou": "累计值",
    "Flag": "数据标记",
    "SampleTime": "采样时间",
}
_TIMES = {"DataTime": "数据时间：时段的开始"}
_CONVERTED = "Zs"


@dataclass(frozen=True)
class Field:
    """One field as printed, and what it says."""

    name: str
    text: str
    meaning: str


@dataclass(frozen=True)
class Packet:
    """One message of the journal. outcome: what it came to, in a word and in words; deviations: (id, words); raw: as received."""

    origin: int
    received_at: datetime
    command: str
    outcome: str
    outcome_words: str
    peer: str
    raw: str
    deviations: list[tuple[str, str]]
    fields: list[Field]


def last_packets(mn: str, limit: int = 20) -> list[Packet]:
    """Newest first."""
    kept = readings().messages(station=mn, limit=limit)
    station = known_stations().get(mn)
    journal = Journal(config.data_dir() / "journal")
    try:
        found = [(message, journal.read_at(message.origin)) for message in kept]
    finally:
        journal.close()
    known = station.how if station else Known()
    return [_packet(record, message.command, message.outcome, known) for message, record in found if record is not None]


def packet_at(origin: int, stations: Collection[str]) -> Packet | None:
    """The message at a position of the journal; None where there is none any more, or none of these stations sent it."""
    journal = Journal(config.data_dir() / "journal")
    try:
        record = journal.read_at(origin) if 0 <= origin < journal.end() else None
    except JournalDamaged:
        return None  # no record begins there: the reading did not come by the journal
    finally:
        journal.close()
    if record is None:
        return None
    known = known_stations()
    framer = Framer(known_of=lambda mn: known[mn].how if mn in known else Known())
    frame = next((p for p in framer.feed(record.payload) + framer.close() if isinstance(p, Frame)), None)
    if frame is None or frame.head.mn not in stations:
        return None
    station = known.get(frame.head.mn)
    return _packet(record, frame.head.cn, "", station.how if station else Known())


def _packet(record: Record, cn: str, outcome: str, known: Known) -> Packet:
    framer = Framer(known_of=lambda mn: known)
    pieces = framer.feed(record.payload) + framer.close()
    at = datetime.fromtimestamp(record.received_us / 1_000_000, UTC)
    piece = next((p for p in pieces if isinstance(p, Frame)), pieces[0] if pieces else None)
    deviations = piece.deviations if piece is not None else ()
    fields: list[Field] = []
    if isinstance(piece, Frame):
        message = decode(piece, at)
        deviations = (*message.deviations, *judge(message, interpret(message)))
        fields = [*_head_fields(message), *_data_fields(message)]
    raw = _PASSWORD.sub(rb"\1******", record.payload).decode("utf-8", "backslashreplace")
    named = [(d.value, d.text_zh) for d in dict.fromkeys(deviations)]
    return Packet(record.position, at, cn, outcome, words_of(outcome) or outcome, record.peer, raw, named, fields)


def _head_fields(message: Message) -> Iterator[Field]:
    head = message.head
    known = command(head.edition, head.cn)
    says = {
        "ST": rule_book().protocol.systems.get(head.st, ""),
        "CN": known.name_zh if known else "",
        "Flag": f"{head.edition} 版{'，要应答' if head.wants_answer else ''}{'，拆包' if head.is_split else ''}",
    }
    texts = {"QN": head.qn, "ST": head.st, "CN": head.cn, "MN": head.mn, "Flag": str(head.flag or "")}
    for name, text in texts.items():
        meaning = _HEAD[name] + (f"：{says[name]}" if says.get(name) else "")
        yield Field(name, text, meaning)
    if head.is_split:
        yield Field("PNUM/PNO", f"{head.pnum}/{head.pno}", "总包数/包号")


def _data_fields(message: Message) -> Iterator[Field]:
    for name, text in message.fields.items():
        known = rule_book().protocol.fields.get(name)
        yield Field(name, text, known.name_zh if known else _TIMES.get(name, ""))
    for code, subs in message.items.items():
        meaning = meaning_of(code, message.head.st)
        for sub, text in subs.items():
            is_converted = sub.startswith(_CONVERTED)
            statistic = _SUBS.get(sub.removeprefix(_CONVERTED), sub)
            words = f"{meaning.name_zh if meaning else '未知因子'} {'折算' if is_converted else ''}{statistic}"
            unit = f"（{meaning.unit}）" if meaning and meaning.unit and sub in NUMERIC_SUBS else ""
            if sub == "SampleTime":
                at = message.sample_times.get(code)
                unit = f"：{at:%Y-%m-%d %H:%M:%S}" if at else ""
            yield Field(f"{code}-{sub}", text, words + unit)


def factors_sent(packets: Sequence[Packet], system_type: str) -> list[tuple[str, str]]:
    """(code, name) of every factor in some packets of a device of that ST, in order of first sight; "" for a code that no
    table knows.
    """
    codes = dict.fromkeys(f.name.partition("-")[0] for p in packets for f in p.fields if "-" in f.name)
    found = ((code, meaning_of(code, system_type)) for code in codes)
    return [(code, meaning.name_zh if meaning else "") for code, meaning in found]
