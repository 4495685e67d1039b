"""Draws the packages of the house and their arrows from the imports: docs/architecture.svg and the table in architecture.md.

Run `python docs/draw.py` after moving code; a test says when the drawing is not that of the code.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "qingyuan"
HOUSE = (
    "loop", "reports", "overview", "indicators", "messages", "enforcement", "cases", "alerts", "judging", "monitoring",
    "line", "values", "quality", "local", "registers", "exchange", "search", "book", "kinds", "sealed", "evidence",
    "accounts", "audit", "base",
)  # fmt: skip
OUTSIDE = ("cli", "ops", "urls", "api", "web", "simulate")
BELOW = ("intake", "readings", "hj212", "science", "rules")
ORDER = (*OUTSIDE, *HOUSE, *BELOW)
BEGIN, END = "<!-- drawn: begin -->", "<!-- drawn: end -->"
ROW, LEFT, BOX = 30, 30, 150
INK, SOFT, PAPER = "#1f2937", "#94a3b8", "#f8fafc"

Arrows = dict[tuple[str, str], int]


def _room(module: str) -> str:
    """The package a module belongs to: of the bureau the book, else the part of the program."""
    parts = module.split(".")[1:]
    room = parts[1] if parts[:1] == ["bureau"] and len(parts) > 1 else parts[0] if parts else ""
    return room if room in ORDER else ""


def arrows() -> Arrows:
    """(from, to) → number of modules of the one that import the other."""
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        here = _room(".".join(path.relative_to(SOURCE.parent).with_suffix("").parts))
        there = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qingyuan"):
                there |= {_room(f"{node.module}.{alias.name}") for alias in node.names}
            elif isinstance(node, ast.Import):
                there |= {_room(alias.name) for alias in node.names if alias.name.startswith("qingyuan")}
        found.update((here, other) for other in there if here and other and other != here)
    return dict(found)


def upward(found: Arrows) -> list[tuple[str, str]]:
    """Arrows from a lower package to a higher one."""
    place = {name: n for n, name in enumerate(ORDER)}
    return sorted(pair for pair in found if place[pair[0]] > place[pair[1]])


def drawing(found: Arrows) -> str:
    """The picture: a row a package, what stands lower knows nothing of what stands above, an arrow an import."""
    rooms = [name for name in ORDER if any(name in pair for pair in found)]
    at = {name: LEFT + n * ROW for n, name in enumerate(rooms)}
    height, width = LEFT + len(rooms) * ROW + 10, BOX + LEFT * 2 + 14 * len(rooms) + 60
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
            ' font-family="sans-serif" font-size="13">'
        ),
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        (
            '<defs><marker id="tip" viewBox="0 0 6 6" refX="6" refY="3" markerWidth="6" markerHeight="6" orient="auto">'
            f'<path d="M0 0 L6 3 L0 6 z" fill="{INK}"/></marker></defs>'
        ),
    ]
    for (one, other), times in sorted(found.items()):
        if one not in HOUSE and other not in HOUSE:
            continue
        y, z, x = at[one], at[other], LEFT + BOX
        reach = x + 14 * abs(rooms.index(other) - rooms.index(one)) + 20
        inside = one in HOUSE and other in HOUSE
        lines.append(
            f'<path d="M{x} {y} C{reach} {y} {reach} {z} {x + 2} {z}" fill="none" stroke="{INK if inside else SOFT}"'
            f' stroke-width="{min(0.5 + times / 12, 3):.1f}" opacity="0.55" marker-end="url(#tip)"/>'
        )
    for name, y in at.items():
        fill = "#ccfbf1" if name in HOUSE else "#e2e8f0"
        lines.append(f'<rect x="{LEFT}" y="{y - 11}" width="{BOX}" height="22" rx="4" fill="{fill}" stroke="{SOFT}"/>')
        lines.append(f'<text x="{LEFT + BOX / 2:g}" y="{y + 4}" text-anchor="middle" fill="{INK}">{name}</text>')
    return "\n".join([*lines, "</svg>", ""])


def table(found: Arrows) -> str:
    """The same in words: each package with what it imports, the number of modules that do."""
    rows = ["| package | imports (modules that do) |", "| --- | --- |"]
    for name in HOUSE:
        below = [f"{other} {found[name, other]}" for other in ORDER if (name, other) in found]
        if any(name in pair for pair in found):
            rows.append(f"| {name} | {', '.join(below) or 'nothing of ours'} |")
    return "\n".join(rows)


def page(text: str, found: Arrows) -> str:
    """The page with its table drawn anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(found)}\n{END}{after}"


def main() -> None:
    """Write both."""
    found = arrows()
    (ROOT / "docs" / "architecture.svg").write_text(drawing(found), "utf-8")
    target = ROOT / "docs" / "architecture.md"
    target.write_text(page(target.read_text("utf-8"), found), "utf-8")


if __name__ == "__main__":
    main()
