"""What may stand in the other language on a page, each with its reason. One place; whatever is not here is a fault."""

from __future__ import annotations

import re
from functools import cache

from qingyuan.bureau.accounts.models import ApiToken, Area, Organisation, User
from qingyuan.bureau.alerts.models import Alert, AlertChange
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.cases.models import Case, CaseEvent, Exhibit, Lead
from qingyuan.bureau.line.models import Device, DeviceRequest
from qingyuan.bureau.local.models import LocalBook, LocalColumn, LocalRow
from qingyuan.bureau.monitoring.models import ImportJob, ImportProfile, IssuedValue
from qingyuan.bureau.registers.actions.enterprises_file import ENTERPRISE_COLUMNS
from qingyuan.bureau.registers.actions.points_cells import POINT_COLUMNS
from qingyuan.bureau.registers.models import Enterprise, Point, RosterEntry, WaterBody
from qingyuan.bureau.values.actions.limit_rows import LIMIT_COLUMNS
from qingyuan.bureau.values.models import Limit, LimitImport, PlannedStop, Tag, TagEvent, TagExhibit

# Fields whose text people or files gave: it is shown as it was given, in either language.
STORED = {
    "names of places, bodies, people and files": (
        (Area, "name"), (Organisation, "name"), (WaterBody, "name"), (Point, "name"), (User, "display_name"),
        (User, "username"), (Enterprise, "name"), (Exhibit, "title"), (Exhibit, "file_name"), (TagExhibit, "file_name"),
        (ImportJob, "file_name"), (LimitImport, "file_name"), (ImportProfile, "name"), (ApiToken, "name"),
    ),
    "codes and numbers that were given": (
        (Point, "code"), (Area, "code"), (Enterprise, "code"), (Device, "mn"), (Case, "number"), (Lead, "number"),
        (Case, "upper_order_number"), (Limit, "permit"), (ImportJob, "profile_name"),
    ),
    "a county's own registers keep its own words": (
        (LocalBook, "name"), (LocalBook, "code"), (LocalBook, "labels__key"), (LocalBook, "labels__area"),
        (LocalColumn, "label"), (LocalRow, "key"), (LocalRow, "name"),
    ),
    "titles, which are part of the record of a matter": ((Alert, "title"), (Lead, "title"), (Case, "title")),
    "what people wrote": (
        (Lead, "description"), (Lead, "place"), (Lead, "decision_reason"), (Case, "outcome_note"), (CaseEvent, "note"),
        (Case, "upper_system"), (PlannedStop, "reason"), (TagEvent, "note"), (AlertChange, "reason"),
        (DeviceRequest, "reason"),
    ),
    "registers and published figures keep the words of their source": (
        (Enterprise, "industry"), (Enterprise, "permit_class"), (Limit, "basis"), (Limit, "condition"),
        (RosterEntry, "basis"), (IssuedValue, "issuer"), (Tag, "kind"),
    ),
    "the trail is sealed as it was written": ((AuditEntry, "summary"), (AuditEntry, "actor_label")),
}  # fmt: skip

LATIN_MAY_STAY = {
    "the other language's own name, on the switch": r"English",
    "standards and their clauses": r"(?:GB|HJ|DB\d*|HJ/T|GB/T|MEE)(?:/T)?[ -]?\d[\d./-]*(?:-\d{4})?",
    "names of file forms": r"CSV(?:\.gz)?|Excel|xlsx|Word|Parquet|JSON|GeoJSON|KML|shapefile|zip|UTF-8|GB18030|SHA-256|SM3",
    "names of sources of data": r"pm25\.in|AURN|UK-AIR|OpenAQ|openair|aqicn",
    "indices and items by their usual signs": (
        r"AQI|IAQI|PM(?:10|2\.5|₁₀|₂\.₅)?|SO[₂2]?|NO[₂2ₓx]?|NOx|CO[₂2]?|O[₃₂]|COD|CODMn|TP|pH|HCl|NMHC|BOD|TOC|TN"
    ),
    "units as print and files write them": r"[µμ]?g/m³|[mu]g/m3|mg/m³|mg/L|kW|kg|GB|KB|MB|kWh",
    "the wire's own words, as the standard and the devices' manuals write them": r"MN|ST|HJ 212|CRC|QN|Flag|DCS|SCR",
    "keys of the keyboard": r"Ctrl|Home|End",
    "a command to type": r"qingyuan [a-z-]+",
    "an abbreviation that people say": r"API",
    "names and licences of third-party parts": (
        r"@tabler/icons|echarts|htmx\.org|ol|MIT|0?BSD(?:-2-Clause)?|Apache-2\.0|ISC|OFL-1\.1"
    ),
    "statistics by their sign in the protocol, beside the word": r"Modbus",
}
HAN_MAY_STAY = {
    "the other language's own name, on the switch": r"中文",
    "words that a file or a form must hold, in quotes": r"“[^”]*”",
    "a plan of holidays is pasted as the State Council words it": r"放假 春节",
}
SIGNS = re.compile("|".join(f"(?<![A-Za-z])(?:{p})(?![A-Za-z])" for p in LATIN_MAY_STAY.values()))
HAN_SIGNS = re.compile("|".join(HAN_MAY_STAY.values()))
# Headings of the lists: a column is found by this very word, so the page shows it in both languages.
HEADINGS = {
    names[0] for columns in (LIMIT_COLUMNS, POINT_COLUMNS, ENTERPRISE_COLUMNS) for names, _meaning in columns.values()
}


def plain(text: str) -> str:
    """Subscripts as letters and digits, and units as print writes them, as pages show them."""
    return text.translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉ₓ", "0123456789x"))


def stored() -> list[str]:
    """Every text of those fields, longest first."""
    found: set[str] = set()
    for fields in STORED.values():
        for model, name in fields:
            found |= {plain(str(text)) for text in model._default_manager.values_list(name, flat=True) if text}  # type: ignore[attr-defined]
    return sorted(found, key=len, reverse=True)


@cache
def _whole(text: str) -> re.Pattern[str]:
    """The text where it is not a part of a longer Latin word."""
    return re.compile(f"(?<![A-Za-z]){re.escape(text)}(?![A-Za-z])")


def strangers(text: str, kept: list[str], language: str) -> list[str]:
    """The words of a piece of a page that are in the other language and may not stay."""
    text = plain(text)
    if text in HEADINGS:
        return []
    for each in kept:
        text = _whole(each).sub("　", text)
    if language == "en":
        return re.findall("[\u3400-\u9fff]+", HAN_SIGNS.sub(" ", text))
    return re.findall("[A-Za-z][A-Za-z_.-]*[A-Za-z]", SIGNS.sub(" ", text))
