"""The house: only the owner of a row writes it. Which package may import which, import-linter says (.importlinter)."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import qingyuan

ROOT = Path(qingyuan.__file__).parent
WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "update", "delete", "bulk_update"}
OWN_DOORS = {"base"}  # its rows (numbers, states of the loop, idempotency keys) are written by who needs them
LAID_BY_HAND = {"simulate/seed.py"}  # the demo county comes into being at once, before anybody acts


def _owners(tree: ast.Module) -> dict[str, str]:
    """Name of a model as this module imports it → the book it belongs to."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qingyuan.bureau."):
            parts = (node.module or "").split(".")
            if len(parts) > 3 and parts[3] == "models":
                found |= {alias.asname or alias.name: parts[2] for alias in node.names}
    return found


def _chain(node: ast.expr) -> tuple[str, list[str]]:
    """The name a chain of attributes and calls begins with, and the attributes on the way."""
    names = []
    while isinstance(node, ast.Attribute | ast.Call):
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        else:
            node = node.func
    return (node.id if isinstance(node, ast.Name) else ""), names


def _writes(path: Path) -> Iterator[tuple[int, str, str]]:
    """(line, model, owner) of each write to rows through a manager."""
    tree = ast.parse(path.read_text("utf-8"))
    owners = _owners(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            name, way = _chain(node.func.value)
            if name in owners and "objects" in way:
                yield node.lineno, name, owners[name]


def test_only_the_actions_of_the_owner_write() -> None:
    """A device list wrote points, outlets and limits by itself: three places knew how a limit ends the one before."""
    wrong = []
    for path in ROOT.rglob("*.py"):
        place = path.relative_to(ROOT)
        if "migrations" in place.parts or place.as_posix() in LAID_BY_HAND:
            continue
        for line, model, owner in _writes(path):
            if owner not in OWN_DOORS and place.parts[:3] != ("bureau", owner, "actions"):
                wrong.append(f"{place}:{line} writes {model} of {owner}")
    assert wrong == []


def test_the_check_sees_a_write(tmp_path: Path) -> None:
    """What finds nothing may be blind."""
    path = tmp_path / "bad.py"
    path.write_text(
        "from qingyuan.bureau.registers.models import Point as P\nP.objects.filter(code='x').update(name='y')\n",
        "utf-8",
    )
    assert list(_writes(path)) == [(2, "P", "registers")]


@cache
def _draw() -> Any:
    """The script that draws the house."""
    spec = importlib.util.spec_from_file_location("draw", ROOT.parents[1] / "docs" / "draw.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _arrows() -> Any:
    return _draw().arrows()


def test_the_drawing_is_that_of_the_code() -> None:
    """After moving code: python docs/draw.py."""
    draw = _draw()
    found = _arrows()
    docs = ROOT.parents[1] / "docs"
    page = (docs / "architecture.md").read_text("utf-8")
    assert (docs / "architecture.svg").read_text("utf-8") == draw.drawing(found)
    assert page == draw.page(page, found)


def test_no_arrow_points_up() -> None:
    assert _draw().upward(_arrows()) == []


def test_the_drawing_sees_every_package() -> None:
    """A package that the drawing leaves out could hold arrows that nobody sees."""
    packages = {path.parent.name for path in (ROOT / "bureau").glob("*/__init__.py")}
    assert packages <= set(_draw().HOUSE)


def test_the_glossary_names_what_there_is() -> None:
    """After the packages moved, the glossary went on speaking of apps that were gone."""
    text = (ROOT.parents[1] / "docs" / "glossary.md").read_text("utf-8")
    packages = {path.parent.name for path in (ROOT / "bureau").glob("*/__init__.py")}
    gone = []
    for book, name in set(re.findall(r"`(\w+)\.([A-Z]\w+)", text)):
        places = [f"qingyuan.bureau.{book}.models", f"qingyuan.bureau.{book}"] if book in packages else []
        if places and not any(hasattr(importlib.import_module(place), name) for place in places):
            gone.append(f"{book}.{name}")
    old = {"sources", "evaluation", "places", "imports", "exports"}
    gone += [word for word in re.findall(r"`(\w+)\.\w+", text) if word in old]
    assert gone == []
