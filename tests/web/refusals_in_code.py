"""The Chinese sentences by which the code refuses, read from the code itself: what a person can be shown."""

from __future__ import annotations

import ast
import importlib
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import qingyuan
from qingyuan.bureau.base.coordinates import BadPositionError
from qingyuan.intake.files.errors import NotATableError, ProfileError

ROOT = Path(qingyuan.__file__).parent
PLACES = ("bureau", "web", "api", "intake")
TABLE = ROOT / "bureau" / "base" / "refusals.py"
HAN = re.compile("[\u3400-\u9fff]")
VALUE = "7"
"""What stands for a value: it is a text and a figure."""
TRANSLATORS = {"_", "gettext", "gettext_lazy", "ngettext"}
# Errors made of parts: the whole is shown.
MADE: dict[str, Callable[[str, str, str], Exception]] = {
    "NotATableError": NotATableError,
    "ProfileError": ProfileError,
}
PAIRS: dict[str, Callable[[str, str], Exception]] = {
    "BadPositionError": BadPositionError,
    "Refused": lambda got, expected: NotATableError("x.csv", got, expected),
}
# Calls that put a problem before a person without raising it.
PROBLEMS = {
    "RowError", "Problem", "Cause", "Since", "_refuse", "make_request", "add_error", "ValidationError",
    "error", "success", "warning", "info",
}  # fmt: skip
# Modules whose functions answer with a refusal instead of raising it.
ANSWERS = (
    "bureau/accounts/policies/duties.py", "bureau/cases/queries/open_verbs.py", "bureau/cases/policies/rights.py",
    "bureau/cases/guards.py", "bureau/cases/queries/closing.py", "bureau/registers/credit_code.py",
    "bureau/line/actions/requests.py", "bureau/line/actions/ask.py", "bureau/values/actions/limit_cells.py",
    "intake/files/stamps.py", "bureau/indicators/queries/county_year.py",
)  # fmt: skip


class Raised(NamedTuple):
    """A sentence with `VALUE` for each value in it, and where it stands."""

    where: str
    text: str


def raised() -> list[Raised]:
    """Every Chinese sentence that is raised, answered or put down as a problem."""
    return sorted({Raised(where, text) for where, text in _all() if HAN.search(text)})


def written() -> set[str]:
    """Every text in the code outside the table, with `VALUE` for each value."""
    found: set[str] = {text for _where, text in _all()}
    for path in (path for path in _files() if path != TABLE):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr | ast.Constant | ast.BinOp):
                found |= {re.sub(r"\{\w+\}", VALUE, text) for text in _variants(node, path)}
    return found


def _files() -> list[Path]:
    return [path for place in PLACES for path in sorted((ROOT / place).rglob("*.py")) if "migrations" not in path.parts]


def _all() -> Iterator[tuple[str, str]]:
    for path in _files():
        where = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for text in _said(node, path, where):
                yield f"{where}:{getattr(node, 'lineno', 0)}", text


def _said(node: ast.AST, path: Path, where: str) -> Iterator[str]:
    if isinstance(node, ast.Raise) and node.exc is not None:
        yield from _of_call(node.exc, path)
    elif isinstance(node, ast.Call) and _name(node) in {*PROBLEMS, *MADE, *PAIRS}:
        yield from _of_call(node, path)
    elif isinstance(node, ast.Return) and node.value is not None and where in ANSWERS:
        parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        for part in parts:
            yield from _variants(part, path)


def _of_call(node: ast.expr, path: Path) -> Iterator[str]:
    """What an error made by a call says: as a whole where it is made of parts, else each of its arguments."""
    if not isinstance(node, ast.Call):
        return
    given = [*node.args, *(word.value for word in node.keywords)]
    texts = [_variants(part, path) for part in given]
    if _name(node) in MADE and len(texts) >= 3:
        for first, got, expected in itertools.product(*texts[:3]):
            yield str(MADE[_name(node)](first, got, expected))
    elif _name(node) in PAIRS and len(texts) >= 2:
        for got, expected in itertools.product(*texts[:2]):
            yield str(PAIRS[_name(node)](got, expected))
    else:
        yield from itertools.chain.from_iterable(texts)


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _variants(node: ast.expr, path: Path) -> list[str]:
    """The texts that an expression can give, as far as they are written down; `VALUE` for what is worked out."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else [VALUE]
    if isinstance(node, ast.JoinedStr):
        parts = [_hole(p.value, path) if isinstance(p, ast.FormattedValue) else _variants(p, path) for p in node.values]
        return ["".join(texts) for texts in itertools.product(*parts)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [a + b for a in _variants(node.left, path) for b in _variants(node.right, path)]
    if isinstance(node, ast.IfExp):
        return _variants(node.body, path) + _variants(node.orelse, path)
    if isinstance(node, ast.BoolOp):
        return list(itertools.chain.from_iterable(_variants(value, path) for value in node.values))
    return [_constant(node, path) if isinstance(node, ast.Name | ast.Attribute) else VALUE]


def _hole(node: ast.expr, path: Path) -> list[str]:
    """A value in a sentence: a word that is written there, else `VALUE`."""
    return [text if HAN.search(text) else VALUE for text in _variants(node, path)]


def _constant(node: ast.Name | ast.Attribute, path: Path) -> str:
    """The text of a constant of the module or of one that it imports."""
    name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    found: object = importlib.import_module(f"qingyuan.{name}")
    for part in ast.unparse(node).split("."):
        found = getattr(found, part, None)
    return found if isinstance(found, str) and ast.unparse(node).split(".")[-1].isupper() else VALUE
