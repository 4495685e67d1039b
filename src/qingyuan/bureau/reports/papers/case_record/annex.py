"""What stands at the end of an official paper: the block that is signed by hand, and photos with their captions."""

from __future__ import annotations

import io
from collections.abc import Sequence

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.shape import InlineShape
from docx.shared import Mm, Pt

from qingyuan.bureau.reports.official import page
from qingyuan.bureau.reports.official.table import BLOCK_MM, Type, fill, ruled_table
from qingyuan.bureau.reports.papers.case_record.facts import Piece
from qingyuan.bureau.reports.papers.case_record.photos import Picture

SIGNED = Type(size=9, line=11)
DAY = "年　　月　　日"
CAPTION = Type(size=8, line=10.5)
PRINTED_MM = (150.0, 92.0)  # the most a photo takes, so that two with their captions fill a page


def signature_block(document: WordDocument, signers: Sequence[str]) -> None:
    """A cell for each who signs: who it is, room for the name, a line for the day."""
    table = ruled_table(document, 1, [BLOCK_MM / len(signers)] * len(signers))
    for cell, signer in zip(table.rows[0].cells, signers, strict=True):
        fill(cell, f"{signer}（签名）：\n{DAY}", SIGNED)
        cell.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.RIGHT


def photo_pages(document: WordDocument, pieces: Sequence[Piece], pictures: Sequence[Picture]) -> None:
    """Each photo to scale within its frame, its caption kept with it: number, name, who and when, digest in full."""
    shown = [piece for piece in pieces if piece.photo]
    for i, (piece, picture) in enumerate(zip(shown, pictures, strict=True)):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        form = paragraph.paragraph_format
        form.keep_with_next, form.page_break_before = True, False
        form.line_spacing_rule = WD_LINE_SPACING.SINGLE  # an exact line would cut the picture
        form.space_before, form.space_after = Pt(6 if i else 2), Pt(2)
        width, height = _scaled(picture)
        shape = paragraph.add_run().add_picture(io.BytesIO(picture.content), Mm(width), Mm(height))
        _turn(shape, picture.turn)
        _caption(document, f"{piece.photo}　{piece.name}　{piece.about}", keep=True)
        _caption(document, f"SHA-256 {piece.sha256}", keep=False)


def _turn(shape: InlineShape, degrees: int) -> None:
    """Set upright. A picture on its side is turned about its middle, so the line is told the room it then takes."""
    if not degrees:
        return
    shape._inline.graphic.graphicData.pic.spPr.get_or_add_xfrm().set("rot", str(degrees * 60_000))
    if degrees % 180:
        reach = (int(shape.width) - int(shape.height)) // 2
        effect = OxmlElement("wp:effectExtent")
        for side, much in (("l", -reach), ("t", reach), ("r", -reach), ("b", reach)):
            effect.set(side, str(max(much, 0)))
        shape._inline.extent.addnext(effect)


def _caption(document: WordDocument, words: str, *, keep: bool) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = keep
    page.space(paragraph, Pt(CAPTION.line))
    page.write(paragraph, words, Pt(CAPTION.size))


def _scaled(picture: Picture) -> tuple[float, float]:
    """Width and height [mm] within the frame, in proportion; a small picture is not blown up beyond 96 dpi."""
    wide, high = (pixels / 96 * 25.4 for pixels in (picture.width, picture.height))
    room = PRINTED_MM[::-1] if picture.turn % 180 else PRINTED_MM
    share = min(1.0, room[0] / wide, room[1] / high)
    return max(wide * share, 1.0), max(high * share, 1.0)
