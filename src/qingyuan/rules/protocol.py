"""What HJ 212 fixes in tables: commands by edition, fields and their ranges, results, systems, process codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from qingyuan.rules.table import Certainty, DataFolder, Row

_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]")
_TIME_DIGITS = 14  # yyyyMMddHHmmss
EDITIONS = ("2005", "2017", "2025")


@dataclass(frozen=True)
class Command:
    """A command of one edition.

    initiator: platform, field, both or reply. to_request, to_upload: the command that answers it when the platform,
    or the field device, begins; "" where it does not.
    """

    edition: str
    cn: str
    name_zh: str
    name_en: str
    initiator: str
    to_request: str
    to_upload: str
    certainty: Certainty


@dataclass(frozen=True)
class ProtocolField:
    """A field of a data section, or (name begins with `-`) a sub-item: kind time, clock (hhmmss), number or text.

    low, high: range of a number, or least and most characters of a text; choices: all that is allowed, empty if not listed.
    """

    name: str
    kind: str
    low: Decimal | None
    high: Decimal | None
    choices: tuple[str, ...]
    name_zh: str

    def allows(self, text: str) -> bool:
        """Whether a printed value has the form and lies in the range."""
        if self.kind == "text":
            return (self.low or 0) <= len(text) and (self.high is None or len(text) <= self.high)
        if self.kind == "clock":
            return _CLOCK.fullmatch(text) is not None
        if self.kind == "time":
            return len(text) == _TIME_DIGITS and text.isascii() and text.isdigit()
        if self.choices:
            return text in self.choices
        try:
            number = Decimal(text)
        except InvalidOperation:
            return False
        return (
            number.is_finite()
            and (self.low is None or number >= self.low)
            and (self.high is None or number <= self.high)
        )


@dataclass(frozen=True)
class ProcessFactor:
    """A code of a process, a device log or a device parameter; `x` in `code` stands for a digit."""

    code: str
    name_zh: str
    category: str
    unit: str
    certainty: Certainty


@dataclass(frozen=True)
class Protocol:
    """The tables by key: commands by (edition, CN), results by (field, code), systems by ST, flags by edition
    (none for one whose table has not been seen), what separates the fields of a query by edition."""

    commands: Mapping[tuple[str, str], Command]
    fields: Mapping[str, ProtocolField]
    results: Mapping[tuple[str, str], str]
    systems: Mapping[str, str]
    process_factors: tuple[ProcessFactor, ...]
    flags: Mapping[str, frozenset[str]]
    separators: Mapping[str, str]


def load_protocol(data: DataFolder) -> Protocol:
    """Read and check the tables. RuleDataError names file and row of the first fault."""
    return Protocol(
        {(one.edition, one.cn): one for one in map(_command, data.rows("hj212_commands.csv"))},
        {one.name: one for one in map(_field, data.rows("hj212_fields.csv"))},
        {(row.word("field"), row.word("code")): row.word("name_zh") for row in data.rows("hj212_results.csv")},
        {row.word("st"): row.word("name_zh") for row in data.rows("hj212_systems.csv")},
        tuple(map(_process_factor, data.rows("process_factors.csv"))),
        _flags(data),
        dict(map(_separator, data.rows("hj212_queries.csv"))),
    )


def _command(row: Row) -> Command:
    return Command(
        row.word("edition", *EDITIONS),
        row.word("cn"),
        row.word("name_zh"),
        row.word("name_en"),
        row.word("initiator", "platform", "field", "both", "reply"),
        row.text("to_request"),
        row.text("to_upload"),
        row.provenance().certainty,
    )


def _field(row: Row) -> ProtocolField:
    row.provenance()
    low, high = (row.number_of(name) if row.text(name) else None for name in ("low", "high"))
    choices = tuple(one for one in row.text("choices").split("|") if one)
    return ProtocolField(
        row.word("field"), row.word("kind", "time", "clock", "number", "text"), low, high, choices, row.word("name_zh")
    )


def _process_factor(row: Row) -> ProcessFactor:
    return ProcessFactor(
        row.word("code"), row.word("name_zh"), row.word("category"), row.text("unit"), row.provenance().certainty
    )


def _separator(row: Row) -> tuple[str, str]:
    row.provenance()
    return row.word("edition", *EDITIONS), {"comma": ",", "semicolon": ";"}[row.word("separator", "comma", "semicolon")]


def _flags(data: DataFolder) -> dict[str, frozenset[str]]:
    """The letters of 2017 hold in 2005 too, which has more; the table of 2025 has not been seen."""
    rows = [(row.word("standard"), row.word("flag")) for row in data.rows("data_flags.csv")]
    only_2005 = {letter for standard, letter in rows if standard == "HJ/T212-2005"}
    letters = {letter for _, letter in rows}
    return {"2005": frozenset(letters), "2017": frozenset(letters - only_2005)}
