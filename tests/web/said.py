"""The words that a page shows a person: its text, and the attributes that are read or spoken; not its code."""

from __future__ import annotations

from html.parser import HTMLParser

SPOKEN = {"title", "placeholder", "aria-label", "alt", "label", "aria-description"}
SILENT = {"script", "style", "code", "pre", "kbd", "samp", "template", "use", "path"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SCRIPTS = {"sub", "sup"}  # part of the word they stand in
CODES = {"mono"}  # the class of numbers, codes and digests


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, bool]] = []
        self.said: list[str] = []
        self.joins = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.joins = False
        quiet = tag in SILENT or bool(CODES & set(given.get("class", "").split()))
        quiet = quiet or any(q for _tag, q in self.open)
        if tag == "input" and given.get("type") in {"submit", "button"}:
            self.said.append(given.get("value", ""))
        if not quiet:
            self.said += [value for name, value in given.items() if name in SPOKEN and value.strip()]
        self.joins = tag in SCRIPTS
        if tag not in VOID and tag not in SCRIPTS:
            self.open.append((tag, quiet))

    def handle_endtag(self, tag: str) -> None:
        if tag in SCRIPTS:
            self.joins = True
            return
        self.joins = False
        while self.open:
            if self.open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(quiet for _tag, quiet in self.open):
            text = " ".join(data.split())
            if self.joins and self.said:
                self.said[-1] += text if data[0].strip() else f" {text}"
            else:
                self.said.append(text)
        self.joins = False


def said(page: str) -> list[str]:
    """The pieces of text of an HTML page, in its order."""
    reader = _Reader()
    reader.feed(page)
    return reader.said
