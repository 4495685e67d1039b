"""Reading a .docx back: its words, its parts, its pages."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.oxml.table import CT_Tc
from docx.table import Table
from docx.text.paragraph import Paragraph

from needs import libreoffice, printing_fonts


def opened(content: bytes) -> WordDocument:
    """The document."""
    return Document(io.BytesIO(content))


def lines(content: bytes) -> list[str]:
    """Every paragraph and every table row in order; cells, merged ones once, joined by |."""
    found = []
    for block in opened(content).iter_inner_content():
        if isinstance(block, Paragraph):
            found.append(block.text)
        else:
            found += _rows(block)
    return [line for line in found if line.strip()]


def _rows(table: Table) -> list[str]:
    rows = []
    for row in table.rows:
        cells = list(dict.fromkeys(c._tc for c in row.cells))
        rows.append("|".join(map(_words, cells)))
    return rows


def _words(cell: CT_Tc) -> str:
    return "\n".join("".join(t.text or "" for t in p.iter() if t.tag == qn("w:t")) for p in cell.p_lst)


def footers(content: bytes) -> tuple[str, str]:
    """The words under odd and under even pages."""
    section = opened(content).sections[0]
    odd, even = ("\n".join(p.text for p in f.paragraphs) for f in (section.footer, section.even_page_footer))
    return odd, even


def part(content: bytes, name: str) -> str:
    """The text of one part of the file."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return file.read(name).decode()


def pages(content: bytes, folder: Path) -> int:
    """How many pages LibreOffice makes of it; see `needs`."""
    office = libreoffice()
    printing_fonts()
    source = folder / "record.docx"
    source.write_bytes(content)
    subprocess.run(
        [office, "--headless", f"-env:UserInstallation={(folder / 'office').as_uri()}", "--convert-to", "pdf",
         "--outdir", str(folder), str(source)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return len(re.findall(rb"/Type\s*/Page\b", (folder / "record.pdf").read_bytes()))
