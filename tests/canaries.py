"""A matter full of marks: each thing that somebody must not read carries a word of its own, to be looked for anywhere."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import timedelta

from qingyuan.bureau.accounts.models import Organisation, Role, User
from qingyuan.bureau.alerts.actions.acknowledge import acknowledge
from qingyuan.bureau.cases.actions.leads import merge_lead, open_case, raise_lead
from qingyuan.bureau.cases.actions.work import act
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.evidence.actions.files import Upload
from qingyuan.bureau.line.actions.requests import make_request
from qingyuan.bureau.line.models import Device
from qingyuan.bureau.quality.actions.operations import operate
from qingyuan.bureau.values.actions.stops import plan_stop
from web.factories import NOW, County, make_user

HOUR = timedelta(hours=1)
NAME, PHONE = "张密报", "13900001111"
TITLE, TEXT, PLACE = "标题金丝雀", "情况金丝雀", "金丝雀村三号"
FILE, EXIF, CHUNK, AUTHOR = "金丝雀家门口", "EXIFCANARY", "CHUNKCANARY", "AUTHORCANARY"
REASON, MERGED, MERGED_REASON = "理由金丝雀", "并入金丝雀", "并入理由金丝雀"
REMARK, ACKNOWLEDGED, UPPER = "内部金丝雀", "签收金丝雀", "上级金丝雀"
OTHER_FIRM, OTHER_CASE = "他厂金丝雀化工", "他镇金丝雀案件"
ORDER, ANSWER = "更换布袋并报送记录", "已更换布袋"

INFORMANT = (NAME, PHONE)
TRACES = (FILE, EXIF, CHUNK, AUTHOR)
TRIAGE = (REASON, MERGED, MERGED_REASON)
COMPLAINT = (TITLE, TEXT, PLACE)
INTERNAL = (REMARK, ACKNOWLEDGED, UPPER)
PEOPLE = ("方局长", "程科长", "陆执法", "沈监测", "顾网格", "审计员", "马移交", "何同镇")


def jpeg() -> bytes:
    """A small picture with EXIF, a comment, and tables, frame and scan that must survive."""
    exif = b"Exif\x00\x00" + EXIF.encode() + b" GPS 33.1 119.2"
    return (
        b"\xff\xd8\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
        + b"\xff\xfe" + struct.pack(">H", len(CHUNK) + 2) + CHUNK.encode()
        + b"\xff\xdb\x00\x43\x00" + bytes(range(1, 65))
        + b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00" + b"\xff\xc4\x00\x15\x00" + bytes(16) + b"\x00\x00"
        + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\xff\x00\x34" + b"\xff\xd9" + EXIF.encode()
    )  # fmt: skip


def png() -> bytes:
    """A picture of one pixel with text, EXIF and private chunks."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
        + chunk(b"tEXt", b"Author\x00" + CHUNK.encode()) + chunk(b"eXIf", EXIF.encode())
        + chunk(b"IDAT", zlib.compress(b"\x00\xff\x00\x00")) + chunk(b"IEND", b"") + CHUNK.encode()
    )  # fmt: skip


def docx() -> bytes:
    """A Word file that names its author in its properties and in a tracked change."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("docProps/core.xml", f"<cp><dc:creator>{AUTHOR}</dc:creator></cp>")
        file.writestr(
            "word/document.xml", f'<w:document><w:ins w:author="{AUTHOR}"><w:t>烟尘很大</w:t></w:ins></w:document>'
        )
        file.writestr("word/media/image1.jpeg", jpeg())
    return made.getvalue()


FILES = (
    Upload(f"{NAME}{FILE}.jpg", jpeg()),
    Upload(f"{FILE}.png", png()),
    Upload(f"{FILE}.docx", docx()),
    Upload(f"{FILE}.pdf", b"%PDF-1.7 /Author (" + AUTHOR.encode() + b")"),
    Upload(f"{FILE}.txt", f"{NAME} 电话 {PHONE}：半夜冒烟".encode()),
)


@dataclass
class Matter:
    """Handles to what was planted."""

    county: County
    lead: Lead
    merged: Lead
    case: Case
    handed: Case
    other: Case
    users: dict[str, User] = field(default_factory=dict)


def _people(county: County) -> dict[str, User]:
    bodies = {
        "om": Organisation.objects.create(code="OM1", name="洁源运维", kind="operator"),
        "other_firm": Organisation.objects.create(code="F9", name=OTHER_FIRM, kind="enterprise", area=county.north),
        "receiver": Organisation.objects.create(code="T2", name="城北镇政府", kind="town_office", area=county.north),
        "same_town": Organisation.objects.create(code="T1", name="城南镇政府", kind="town_office", area=county.south),
    }
    made = {
        "om": make_user("om", Role.OPERATOR, None, bodies["om"]),
        "other_firm": make_user("other_firm", Role.ENTERPRISE, None, bodies["other_firm"]),
        "receiver": make_user("receiver", Role.TOWN, county.north, bodies["receiver"]),
        "same_town": make_user("same_town", Role.TOWN, county.south, bodies["same_town"]),
    }
    for who, name in (("receiver", "马移交"), ("same_town", "何同镇")):
        User.objects.filter(pk=made[who].pk).update(display_name=name)
        made[who].refresh_from_db()
    station = Organisation.objects.create(code="EEB-MON", name="监测站", kind="department", parent=county.bureau)
    User.objects.filter(pk=county.users["monitor"].pk).update(organisation=station)
    county.users["monitor"].refresh_from_db()
    county.outlet.operator = bodies["om"]
    county.outlet.save()
    return county.users | made


def _complaint(users: dict[str, User], county: County, title: str) -> Lead:
    return raise_lead(
        users["chief"], title=f"{title} {NAME}反映冒烟", description=f"{TEXT}：{NAME}，{PHONE}，半夜冒烟。", place=PLACE,
        reporter=NAME, reporter_phone=PHONE, point=county.outlet, files=FILES,
    )  # fmt: skip


def plant(county: County) -> Matter:
    """A complaint about the firm's outlet, merged with another, ordered from above, worked, with orders to firm and O&M."""
    users = _people(county)
    chief, officer = users["chief"], users["officer"]
    acknowledge(chief, county.alert, ACKNOWLEDGED)
    device = Device.objects.get(point=county.outlet)
    make_request(device, "1012", REMARK, NOW, asked_by=chief)
    operate(chief, county.outlet, "NOx", NOW - 5 * HOUR, NOW - 4 * HOUR, "invalid", "校准气未切换")
    plan_stop(chief, county.outlet, NOW - 40 * HOUR, NOW - 30 * HOUR, "停炉检修")
    lead, merged = _complaint(users, county, TITLE), _complaint(users, county, MERGED)
    merge_lead(chief, merged, lead, MERGED_REASON)
    case = open_case(chief, lead, "outlet", f"{REASON}：{NAME}", upper_system=UPPER, upper_order_number=UPPER)
    fields = {"owner": county.team, "assignee": officer, "deadline": NOW + timedelta(days=3)}
    case = act(chief, case, "assign", REMARK, fields)
    case = act(officer, case, "accept", REMARK)
    case = act(
        officer, case, "report", f"{REMARK}：已回访 {NAME} {PHONE}", files=[Upload(f"{FILE}现场.jpg", jpeg() + b"1")]
    )
    for who in ("F1", "OM1"):
        fields = {"measure": ORDER, "responsible": who, "due_on": "2026-12-01"}
        case = act(
            officer, case, "order_rectification", "", fields, [Upload(f"整改通知{who}.pdf", f"%PDF-1.7 {who}".encode())]
        )
    case = act(officer, case, "reply_upper", "", {"upper_reply": UPPER})
    handed = open_case(chief, _complaint(users, county, TITLE), "outlet", REASON)
    handed = act(chief, handed, "assign", "", {"owner": county.team, "deadline": NOW + timedelta(days=3)})
    handed = act(officer, handed, "hand_over", "请镇里办", {"owner": "T2", "assignee": "receiver"})
    county.closed.title = OTHER_CASE
    county.closed.save()
    return Matter(county, lead, merged, case, handed, county.closed, users)


def readable(content: bytes) -> str:
    """Everything in an answer that could be read: its text, and that of the parts of a zipped file."""
    found = [content.decode("utf-8", "replace")]
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            found += [name + file.read(name).decode("utf-8", "replace") for name in file.namelist()]
    return "\n".join(found)


FIRM = (*INFORMANT, *TRACES, *TRIAGE, *COMPLAINT, *INTERNAL, OTHER_FIRM, OTHER_CASE, *PEOPLE)
"""What neither firm nor O&M company ever reads."""
MATTER_ONLY = (*INFORMANT, *TRACES, *TRIAGE)
"""What nobody reads who does not handle the matter."""
NOT_FOR: dict[str, tuple[str, ...]] = {
    "director": INFORMANT,
    "chief": INFORMANT,
    "officer": INFORMANT,
    "monitor": MATTER_ONLY,
    "system": MATTER_ONLY,
    "same_town": (*MATTER_ONLY, OTHER_CASE),
    "receiver": MATTER_ONLY,
    "far_town": (*MATTER_ONLY, *COMPLAINT, REMARK),
    "enterprise": FIRM,
    "om": FIRM,
    "other_firm": (*(w for w in FIRM if w != OTHER_FIRM), ORDER, "锦川热电"),
    "security": (*MATTER_ONLY, *COMPLAINT, *INTERNAL, ORDER),
    "audit": (*MATTER_ONLY, *COMPLAINT, *INTERNAL, ORDER),
}
"""By identity: what must not be in any answer."""
