"""The house held against its target: sizes, annotations, templates, and what adding a thing costs.

    python benchmarks/house.py [--json]

Each line: what, the figure, the bar, and whether it is held. Exit 1 where a bar is broken. Figures are counted over
src/qingyuan without vendored files and migrations; a function's length is its lines from `def` to its last.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
SOURCE, TESTS, DOCS = ROOT / "src" / "qingyuan", ROOT / "tests", ROOT / "docs"
LINE = 120
# What each numbered page has a person write, beside the English words; a test beside it is counted with the tests.
ADDED = {
    "adding-a-register": ("book.py", "models.py"),
    "adding-a-warning-rule": ("judging/rules/<code>.py",),
    "adding-an-indicator": ("indicators/figures/<name>.py",),
    "adding-a-case-kind": ("cases/kinds/<kind>.v1.toml",),
    "adding-a-report": ("reports/papers/<code>/__init__.py",),
    "adding-an-importer": ("intake/files/importers/<name>.py",),
}


@dataclass(frozen=True)
class Figure:
    """A measured figure with its bar; bar None: only told."""

    name: str
    value: float
    bar: float | None = None

    @property
    def is_held(self) -> bool:
        """At most the bar."""
        return self.bar is None or self.value <= self.bar


def _python(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.py")):
        if not {"migrations", "vendor", "__pycache__"} & set(path.parts):
            yield path


def _share(values: list[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0


def _lines(path: Path) -> int:
    return path.read_text("utf-8").count("\n")


def _files() -> list[Figure]:
    sizes = [n for n in map(_lines, _python(SOURCE)) if n > 1]
    return [
        Figure("files: median lines", median(sizes), 100),
        Figure("files: p90 lines", _share(sizes, 0.9), 160),
        Figure("files: largest", max(sizes), 350),
        Figure("files: number", len(sizes)),
    ]


def _functions() -> list[Figure]:
    lengths, bare, total = [], 0, 0
    for path in _python(SOURCE):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths.append((node.end_lineno or node.lineno) - node.lineno + 1)
                named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                asked = [a for a in named if a.arg not in {"self", "cls"}]
                total += 1
                bare += node.returns is None or any(a.annotation is None for a in asked)
    return [
        Figure("functions: p90 lines", _share(lengths, 0.9), 25),
        Figure("functions: number", total),
        Figure("functions without full annotations", bare, 0),
    ]


def _tests() -> list[Figure]:
    code, tests = (sum(map(_lines, _python(folder))) for folder in (SOURCE, TESTS))
    return [Figure("test lines to code lines", round(tests / code, 2))]


def _templates() -> list[Figure]:
    signs = over = longest = 0
    for path in sorted((SOURCE / "web" / "templates").rglob("*.html")):
        for line in path.read_text("utf-8").split("\n"):
            signs += len(line)
            over += len(line) if len(line) > LINE else 0
            longest = max(longest, len(line))
    return [
        Figure(f"templates: share of characters in lines over {LINE} [%]", round(100 * over / max(signs, 1), 1), 2),
        Figure("templates: longest line", longest),
    ]


def _skips() -> list[Figure]:
    count = sum(len(re.findall(r"# fmt: (?:skip|off)", path.read_text("utf-8"))) for path in _python(SOURCE))
    return [Figure("fmt: skip in src", count, 20)]


def _adding() -> list[Figure]:
    """Files that a person touches to add one: the declaration, and the two of the English words (text and compiled)."""
    found = []
    for page, own in ADDED.items():
        path = DOCS / f"{page}.md"
        text = path.read_text("utf-8") if path.is_file() else ""
        named = [name for name in (*own, "django.po") if name in text]
        if text and len(named) != len(own) + 1:
            raise ValueError(f"{path.name}: got {named}, expected the steps to name {[*own, 'django.po']}")
        if text:
            found.append(Figure(f"files to add one by {path.name}", len(named) + 1, 4))
    return found


def main() -> int:
    """Print the figures; 1 where one is beyond its bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = [*_files(), *_functions(), *_tests(), *_templates(), *_skips(), *_adding()]
    if asked.json:
        print(json.dumps([{"name": f.name, "value": f.value, "bar": f.bar, "held": f.is_held} for f in found]))
    else:
        for f in found:
            bar = "" if f.bar is None else f"at most {f.bar:g}"
            print(f"{f.name:58} {f.value:>10g}  {bar:14} {'' if f.bar is None else 'held' if f.is_held else 'BEYOND'}")
    return 0 if all(f.is_held for f in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
