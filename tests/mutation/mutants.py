"""Small wrong changes to a module's functions: what tests must notice. One change a mutant, told by place and words."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

_COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt,),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt,),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True)
class Mutant:
    """One change: in which function, what stood there, what stands there now, and the module's tree with it."""

    module: str
    function: str
    line: int
    before: str
    after: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """By which it is listed as equivalent: without the line, which moves."""
        return f"{self.module}:{self.function}: {self.before} -> {self.after}"


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Every change to the functions of a module, in their order."""
    tree = ast.parse(source)
    for function, node in _functions(tree):
        for place, each in enumerate(_inside(node)):
            for variant in range(_variants(each)):
                changed = copy.deepcopy(tree)
                target = list(_inside(dict(_functions(changed))[function]))[place]
                before = ast.unparse(target)
                _change(target, variant)
                after = ast.unparse(target)
                yield Mutant(module, function, getattr(each, "lineno", 0), before[:90], after[:90], changed)


def code_of(mutant: Mutant) -> CodeType:
    """The compiled code of the changed function."""
    code: CodeType = compile(ast.fix_missing_locations(mutant.tree), f"<{mutant.module}>", "exec", dont_inherit=True)
    for part in mutant.function.split("."):
        code = next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == part)
    return code


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Functions of the module and methods of its classes, by the path to them; those inside functions go with theirs."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for each in node.body:
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{node.name}.{each.name}", each


def _inside(function: ast.AST) -> Iterator[ast.AST]:
    """What is worked out when the function runs: neither annotations nor defaults nor decorators."""
    waiting: list[ast.AST] = list(reversed(getattr(function, "body", [])))
    while waiting:
        node = waiting.pop()
        yield node
        left_out = {id(part) for name in ("annotation", "returns") if (part := getattr(node, name, None)) is not None}
        waiting.extend(reversed([part for part in ast.iter_child_nodes(node) if id(part) not in left_out]))


def _variants(node: ast.AST) -> int:
    """How many changes there are to a node."""
    match node:
        case ast.Compare(ops=[one]):
            return len(_COMPARE.get(type(one), ()))
        case ast.Compare():
            return len(node.ops)
        case ast.BinOp():
            return int(type(node.op) in _ARITHMETIC and not _is_text(node.left) and not _is_text(node.right))
        case ast.UnaryOp():
            return int(isinstance(node.op, ast.Not | ast.Invert | ast.USub))
        case ast.Constant():
            return int(isinstance(node.value, bool | int | float))
    return int(isinstance(node, ast.BoolOp | ast.IfExp))


def _is_text(node: ast.expr) -> bool:
    """Text is joined, annotations are alternatives: neither is arithmetic."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and (isinstance(node.value, str) or node.value is None)
    )


def _change(node: ast.AST, variant: int) -> None:
    """Change the node in place."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        node.ops[0] = _COMPARE[type(node.ops[0])][variant]()
    elif isinstance(node, ast.Compare):
        node.ops[variant] = _COMPARE[type(node.ops[variant])][0]()
    elif isinstance(node, ast.BinOp):
        node.op = _ARITHMETIC[type(node.op)]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.IfExp):
        node.body, node.orelse = node.orelse, node.body
    elif isinstance(node, ast.UnaryOp):
        if isinstance(node.op, ast.USub):
            node.op = ast.UAdd()
        else:
            node.operand = ast.UnaryOp(type(node.op)(), node.operand)
    elif isinstance(node, ast.Constant):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
