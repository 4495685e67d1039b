"""The end of a record: who signs, the photos of the case with captions and digests, as many pages as it says."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from canaries import CHUNK, EXIF, jpeg, plant, png
from qingyuan.bureau.base import display
from qingyuan.bureau.cases.actions.work import act
from qingyuan.bureau.cases.models import Case
from qingyuan.bureau.evidence.actions.files import Upload, path_of
from qingyuan.bureau.reports.papers.case_record.facts import case_facts
from qingyuan.bureau.reports.papers.case_record.record import case_record
from reports.story import at, open_outlet_case
from reports.word import footers, lines, opened, pages
from web.factories import County


@pytest.fixture
def photographed(county: County) -> Case:
    """Under way, with a JPEG and a PNG of the officer."""
    case = open_outlet_case(county)
    at(5)
    fields = {"owner": county.team, "assignee": county.users["officer"], "deadline": "2026-12-01T17:30"}
    case = act(county.users["chief"], case, "assign", "", fields)
    case = act(county.users["officer"], case, "accept")
    photos = [Upload("喷氨泵.jpg", jpeg(), "喷氨泵现场"), Upload("台账.png", png(), "药剂台账")]
    return act(county.users["officer"], case, "report", "现场检查。", files=photos)


def pictures(content: bytes) -> list[bytes]:
    """The pictures that the document shows, as they lie in the file."""
    document = opened(content)
    return [document.part.related_parts[i._inline.graphic.graphicData.pic.blipFill.blip.embed].blob
            for i in document.inline_shapes]  # fmt: skip


def test_photos_of_the_case_stand_in_it_with_caption_and_digest(photographed: Case) -> None:
    """Photos of a case were named in its record, and never seen in it."""
    content = case_record(photographed, None)
    said = lines(content)
    assert len(pictures(content)) == 2
    for number, name, file in ((1, "喷氨泵现场（喷氨泵.jpg）", jpeg()), (2, "药剂台账（台账.png）", png())):
        caption = next(i for i, line in enumerate(said) if line.startswith(f"照片 {number}　{name}"))
        kept = photographed.exhibits.get(evidence__size=len(file)).evidence
        assert said[caption + 1] == f"SHA-256 {kept.sha256}"
    assert any(line.endswith("、照片") for line in said)


def test_a_printed_photo_says_nothing_of_place_and_device(photographed: Case) -> None:
    with zipfile.ZipFile(io.BytesIO(case_record(photographed, None))) as file:
        everything = b"".join(file.read(name) for name in file.namelist())
    assert EXIF.encode() not in everything
    assert CHUNK.encode() not in everything


def test_a_photo_is_scaled_to_the_page_in_proportion(photographed: Case) -> None:
    for shape in opened(case_record(photographed, None)).inline_shapes:
        assert shape.width.mm <= 150
        assert shape.height.mm <= 92
        assert shape.width == pytest.approx(shape.height, rel=0.01)  # both are one pixel square


def test_a_photo_taken_upright_stands_upright(photographed: Case, county: County) -> None:
    """A phone writes how it was held into the EXIF, which is not printed: the photo lay on its side."""
    tiff = b"MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
    exif = b"Exif\x00\x00" + tiff
    held = b"\xff\xd8\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + jpeg()[2:]
    broken = b"\xff\xd8\xff\xe1\x00\x0eExif\x00\x00MM\x00\x2a\xff\xff" + jpeg()[2:]
    photos = [Upload("竖拍.jpg", held), Upload("坏头.jpg", broken)]
    case = act(county.users["officer"], photographed, "report", "再查。", files=photos)
    turns = [i._inline.graphic.graphicData.pic.spPr.xfrm.get("rot")
             for i in opened(case_record(case, None)).inline_shapes]  # fmt: skip
    assert turns == [None, None, "5400000", None]


def test_a_firm_gets_only_photos_of_its_own_and_a_complaint_s_are_in_no_record(county: County) -> None:
    """A record travels: what came with a complaint stays in the file, what the bureau took is not the firm's."""
    matter = plant(county)
    firm = matter.users["enterprise"]
    assert pictures(case_record(matter.case, firm)) == []
    whole = case_record(matter.case, matter.users["officer"])
    assert len(pictures(whole)) == 1  # the officer's; the two of the complaint are only listed
    order = matter.case.rectifications.get(body=firm.organisation).pk
    act(
        firm,
        matter.case,
        "complete_rectification",
        "已更换。",
        {"rectification": order},
        [Upload("更换后.png", png() + b"2")],
    )
    assert len(pictures(case_record(matter.case, firm))) == 1
    assert len(pictures(case_record(matter.case, matter.users["officer"]))) == 2


def test_a_photo_that_cannot_be_shown_is_said_not_hidden(photographed: Case) -> None:
    kept = photographed.exhibits.get(file_name="台账.png").evidence
    path_of(kept.sha256).write_bytes(b"flipped")
    content = case_record(photographed, None)
    assert len(pictures(content)) == 1
    assert any(f"证据 {kept.sha256[:12]} 缺失或已被改动" in line for line in lines(content))


def test_the_photos_are_part_of_the_digest(photographed: Case, county: County) -> None:
    before = case_facts(photographed).digest()
    act(county.users["officer"], photographed, "report", "复查。", files=[Upload("又一张.png", png() + b"3")])
    assert case_facts(photographed).digest() != before


def test_the_bureau_signs_its_record_and_the_firm_its_copy(county: County, photographed: Case) -> None:
    said = lines(case_record(photographed, None))
    day = "年　　月　　日"
    assert f"承 办 人（签名）：\n{day}|审 核 人（签名）：\n{day}|批 准 人（签名）：\n{day}" in said
    matter = plant(county)
    said = lines(case_record(matter.case, matter.users["enterprise"]))
    assert f"送 达 人（签名）：\n{day}|企业签收人（签名）：\n{day}" in said


def test_the_record_says_how_many_pages_it_has(photographed: Case, tmp_path: Path) -> None:
    content = case_record(photographed, None)
    for words in footers(content):
        assert "共 1 页" in words  # until the reader's program counts
    assert "NUMPAGES" in opened(content).sections[0].footer._element.xml
    assert pages(content, tmp_path) == 2  # the record, and its photos


def test_units_stand_as_print_writes_them(photographed: Case) -> None:
    photographed.title = "NOx 74.2 mg/m3 超过 50 mg/m3，PM2.5 38 ug/m3，排水 1200 m3/d，库容 3 m3"
    photographed.save()
    said = "\n".join(lines(case_record(photographed, None)))
    assert "NOx 74.2 mg/m³ 超过 50 mg/m³，PM2.5 38 µg/m³，排水 1200 m³/d，库容 3 m³" in said


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ("50 mg/m3", "50 mg/m³"), ("0.3 ng/m3", "0.3 ng/m³"), ("12 ug/L", "12 µg/L"), ("25 degC", "25 ℃"),
        ("300 uS/cm", "300 µS/cm"), ("5 m3/h", "5 m³/h"), ("排放 3万m3", "排放 3万m³"), ("mg/m³", "mg/m³"),
        ("AM3 m30 item3 mg/m3x", "AM3 m30 item3 mg/m3x"), ("2 kg/m3。", "2 kg/m³。"),
    ],
)  # fmt: skip
def test_units_in_running_words(words: str, printed: str) -> None:
    assert display.units_in(words) == printed


def test_items_in_running_words_stand_by_their_signs() -> None:
    """The reason of a blank day said PM2_5 and O3_8h."""
    assert display.symbols_in("PM2_5、O3_8h有效站点不足；缺 SO2") == "PM₂.₅、O₃-8h有效站点不足；缺 SO₂"
    assert display.symbols_in("COMPANY SO2x a_CO2") == "COMPANY SO2x a_CO2"
