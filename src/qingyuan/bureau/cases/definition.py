"""Declarative case definitions: states, transitions, who may, what must be given. A case keeps its version."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qingyuan.bureau.cases.closing_rules import more_outcomes
from qingyuan.bureau.cases.rights import verbs

FOLDER = Path(__file__).parent / "definitions"


@dataclass(frozen=True)
class FieldUse:
    """A field that a transition asks for."""

    name: str
    required: bool


@dataclass(frozen=True)
class Transition:
    """One verb. to_state "" keeps the state. hands: only the hands that hold the case; ordering_body: only the body
    that ordered it."""

    verb: str
    label: str
    from_states: tuple[str, ...]
    to_state: str
    capability: str
    fields: tuple[FieldUse, ...]
    guards: tuple[str, ...] = ()
    hands: bool = False
    ordering_body: bool = False
    upper_only: bool = False
    primary: bool = False


@dataclass(frozen=True)
class Definition:
    """How cases of a kind go, in one version."""

    kind: str
    version: int
    name: str
    initial: str
    final: tuple[str, ...]
    states: dict[str, str]
    outcomes: dict[str, str]
    transitions: tuple[Transition, ...]
    deadline_working_days: int

    def transition(self, verb: str) -> Transition | None:
        """The transition of that verb."""
        return next((t for t in self.transitions if t.verb == verb), None)


def _field(text: str) -> FieldUse:
    return FieldUse(text.rstrip("*"), text.endswith("*"))


def _load(path: Path) -> Definition:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    transitions = tuple(
        Transition(
            verb=t["verb"],
            label=t["label"],
            from_states=tuple(t["from"]),
            to_state=t.get("to", ""),
            capability=t["capability"],
            fields=tuple(_field(f) for f in t.get("fields", [])),
            guards=tuple(t.get("guards", [])),
            hands=t.get("hands", False),
            ordering_body=t.get("ordering_body", False),
            upper_only=t.get("upper_only", False),
            primary=t.get("primary", False),
        )
        for t in data["transitions"]
    )
    if lawless := {t.verb for t in transitions} - verbs():
        raise ValueError(f"{path.name}: got verbs {sorted(lawless)} that rights.toml gives to nobody")
    states = dict(data["states"])
    named = {s for t in transitions for s in (*t.from_states, t.to_state or data["initial"])} | {data["initial"]}
    if unknown := named - set(states):
        raise ValueError(f"{path.name}: got states {sorted(unknown)} in transitions, expected one of {sorted(states)}")
    return Definition(
        data["kind"],
        data["version"],
        data["name"],
        data["initial"],
        tuple(data["final"]),
        states,
        dict(data["outcomes"]) | more_outcomes(data["kind"]),
        transitions,
        data["deadline_working_days"],
    )


@cache
def _all() -> dict[tuple[str, int], Definition]:
    found = [_load(p) for p in sorted(FOLDER.glob("*.v*.toml"))]
    return {(d.kind, d.version): d for d in found}


def definition(kind: str, version: int) -> Definition:
    """The definition that a case was opened under."""
    return _all()[(kind, version)]


def current(kind: str) -> Definition:
    """The newest definition of a kind."""
    return max((d for d in _all().values() if d.kind == kind), key=lambda d: d.version)
