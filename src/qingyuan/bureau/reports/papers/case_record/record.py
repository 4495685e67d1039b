"""The Word record of a case: trigger, chain of hands, evidence digests, signatures on a page; photos on the next."""

from __future__ import annotations

from django.utils import translation
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.cases.models import Case
from qingyuan.bureau.reports.official import page
from qingyuan.bureau.reports.official.table import (
    BLOCK_MM,
    CENTRE,
    HEAD,
    PLAIN,
    Type,
    field_table,
    fill,
    list_table,
    repeat_head,
    ruled_table,
    shade,
)
from qingyuan.bureau.reports.papers.case_record.annex import photo_pages, signature_block
from qingyuan.bureau.reports.papers.case_record.facts import CaseFacts, Piece, case_words
from qingyuan.bureau.reports.papers.case_record.photos import Picture
from qingyuan.bureau.reports.papers.case_record.trigger_facts import COLUMNS, HourTable
from qingyuan.bureau.reports.papers.case_record.words import EMPTY, stamp

TITLE = "案件办理记录"
NUMERALS = "一二三四五六七八九十"
SMALL = Type(size=8, line=10)
FINE = Type(size=7.5, line=9)
SMALL_HEAD = Type(size=8, line=10, font=page.HEAD_FONT)
STRONG = Type(size=8, line=10, bold=True)
CODE = Type(size=6.5, line=8, latin=page.CODE_FONT)


def case_record(case: Case, user: User | None) -> bytes:
    """The case's record as a .docx file; whether the user may see the case is the caller's question,
    how much of it is not: a firm gets a record of what was served on it.

    user: whose name stands under the record, None for the system. The content's digest leaves out who printed it and
    when: two records of an unchanged case carry the same digest. With a fixed clock the bytes are the same, too.
    Always Chinese, always Beijing time. Damaged frozen readings are said in the record, not raised.
    """
    made_at = clock.now()
    with translation.override("zh-hans"):
        facts, pictures = case_words(case, user)
        document = page.official_document(f"{TITLE} {case.number}", made_at)
        _body(document, facts, pictures)
        page.number_pages(
            document,
            [
                f"制作：{stamp(made_at)}（北京时间），{user or '系统'}，清源。内容摘要（制作人和时间不计入）SHA-256：",
                facts.digest(),
            ],
            Pt(7),
        )
        return page.packed(document, made_at)


def _body(document: WordDocument, facts: CaseFacts, pictures: tuple[Picture, ...]) -> None:
    title = document.paragraphs[0] if document.paragraphs else document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    page.space(title, Pt(25))
    page.write(title, TITLE, page.SIZE_2, page.TITLE_FONT)
    under = document.add_paragraph()
    under.alignment = WD_ALIGN_PARAGRAPH.CENTER
    page.space(under, Pt(13))
    page.write(under, f"{facts.number}　　{facts.kind}　　{facts.state}", Pt(12), page.SUBHEAD_FONT)
    section = _Sections(document)
    section.begin("基本情况")
    field_table(document, facts.about)
    if facts.trigger:
        section.begin("触发数据")
        field_table(document, facts.trigger, pairs=3)
        _hours(document, facts.hours)
    section.begin("办理经过")
    _hands(document, facts)
    if facts.kind == "区域调查" or facts.children:
        section.begin("下级线索")
        rows = [(c.lead, c.state, c.outcome) for c in facts.children] or [(EMPTY,) * 3]
        list_table(document, ("线索", "状态", "结果（理由）"), rows, (76, 38, 42), kind=SMALL)
    else:
        section.begin("整改")
        mended = [(m.measure, m.responsible, m.due, m.done) for m in facts.mendings] or [(EMPTY,) * 4]
        list_table(document, ("整改要求", "责任单位", "期限", "完成情况"), mended, (58, 28, 18, 52), (2,), FINE)
    section.begin("办理结果")
    field_table(document, facts.outcome)
    if facts.upper:
        section.begin("上级交办")
        field_table(document, facts.upper, pairs=3)
    section.begin("证据目录")
    _evidence(document, facts.evidence)
    _gap(document)
    signature_block(document, facts.signers)
    if pictures:
        section.begin("照片", new_page=True)
        photo_pages(document, facts.evidence, pictures)
    else:
        _close(document)


class _Sections:
    """Numbers the headings 一、二、三 as they come."""

    def __init__(self, document: WordDocument) -> None:
        self.document, self.count = document, 0

    def begin(self, words: str, *, new_page: bool = False) -> None:
        """A heading in 黑体 that stays with what follows."""
        paragraph = self.document.add_paragraph()
        page.space(paragraph, Pt(11.5), before=Pt(1.5), after=Pt(0.5))
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.page_break_before = new_page
        page.write(paragraph, f"{NUMERALS[self.count]}、{words}", Pt(10.5), page.HEAD_FONT)
        self.count += 1


def _hours(document: WordDocument, hours: HourTable) -> None:
    """Bands of twelve columns; values over the limit stand bold on a light ground."""
    for first in range(0, len(hours.heads), COLUMNS):
        _gap(document)
        heads = hours.heads[first : first + COLUMNS]
        wide = (BLOCK_MM - 27) / COLUMNS
        table = ruled_table(document, len(hours.rows) + 1, [BLOCK_MM - wide * len(heads), *[wide] * len(heads)])
        fill(table.cell(0, 0), "起始（日/时）", SMALL_HEAD, CENTRE)
        for i, head in enumerate(heads, 1):
            fill(table.cell(0, i), head, SMALL_HEAD, CENTRE)
        for cell in table.rows[0].cells:
            shade(cell)
        for line, row in enumerate(hours.rows, 1):
            fill(table.cell(line, 0), row.name, SMALL)
            for i, value in enumerate(row.values[first : first + COLUMNS], 1):
                is_over = first + i - 1 in row.over
                fill(table.cell(line, i), value, STRONG if is_over else SMALL, CENTRE)
                if is_over:
                    shade(table.cell(line, i), "E0E0E0")
    words = hours.note
    if hours.heads:
        words = f"立案时冻结的小时读数{'，加粗为超过限值' if any(r.over for r in hours.rows) else ''}。{hours.note}"
    if words:
        paragraph = document.add_paragraph()
        page.space(paragraph, Pt(9))
        page.write(paragraph, words, Pt(7.5))


def _gap(document: WordDocument) -> None:
    """Two tables that touch would become one."""
    page.space(document.add_paragraph(), Pt(2))


def _hands(document: WordDocument, facts: CaseFacts) -> None:
    rows = [(h.at, h.verb, h.who, h.move, h.note) for h in facts.hands]
    list_table(document, ("时间", "动作", "经办（单位）", "环节", "说明"), rows, (23, 18, 37, 22, 56), (0,), FINE)


def _evidence(document: WordDocument, pieces: tuple[Piece, ...]) -> None:
    table = ruled_table(document, max(1, len(pieces)) + 1, (7, 46, 103))
    repeat_head(table.rows[0])
    for cell, head in zip(table.rows[0].cells, ("序", "名称", "摘要"), strict=True):
        fill(cell, head, HEAD, CENTRE)
        shade(cell)
    if not pieces:
        for cell in table.rows[1].cells:
            fill(cell, EMPTY, PLAIN, CENTRE)
    for i, (row, piece) in enumerate(zip(table.rows[1:], pieces, strict=False), 1):
        number, name, digests = row.cells
        fill(number, str(i), SMALL, CENTRE)
        fill(name, f"{piece.name}\n{piece.about}{f'　（{piece.photo}）' if piece.photo else ''}", FINE)
        fill(digests, f"SHA-256 {piece.sha256}\nSM3     {piece.sm3}", CODE)


def _close(document: WordDocument) -> None:
    """Word wants a paragraph after a last table; a thin one cannot push an empty page out."""
    page.space(document.add_paragraph(), Pt(1))
