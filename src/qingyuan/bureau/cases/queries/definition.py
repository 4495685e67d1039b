"""Declarative case definitions: states, transitions, who may, what must be given. A case keeps its version."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from qingyuan.bureau.cases.policies.rights import verbs

FOLDER = Path(__file__).resolve().parents[1] / "kinds"


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
class ClosingRule:
    """What a closing must rest on. claims: outcomes that claim something; by: `hours` of the outlet, `arrival` of data,
    empty: a person's word; stopped: the outcome of a plant that stands still, checked again at its restart."""

    claims: tuple[str, ...] = ()
    by: str = ""
    stopped: str = ""


@dataclass(frozen=True)
class Definition:
    """How cases of a kind go, in one version.

    for_points, for_rules: the kinds of point and the warning rules whose leads most likely become such a case;
    children: whether its leads become cases of their own, which carry the work.
    """

    kind: str
    version: int
    name: str
    initial: str
    final: tuple[str, ...]
    states: dict[str, str]
    outcomes: dict[str, str]
    transitions: tuple[Transition, ...]
    deadline_working_days: int
    order: int = 100
    for_points: tuple[str, ...] = ()
    for_rules: tuple[str, ...] = ()
    children: bool = False
    closing: ClosingRule = ClosingRule()

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
        dict(data["outcomes"]),
        transitions,
        data["deadline_working_days"],
        order=data.get("order", 100),
        for_points=tuple(data.get("for_points", ())),
        for_rules=tuple(data.get("for_rules", ())),
        children=data.get("children", False),
        closing=_closing(path, data),
    )


def _closing(path: Path, data: dict[str, Any]) -> ClosingRule:
    rule = data.get("closing", {})
    named = {*rule.get("claims", ()), *([rule["stopped"]] if "stopped" in rule else [])}
    if unknown := named - set(data["outcomes"]):
        raise ValueError(
            f"{path.name}: got outcomes {sorted(unknown)} in closing, expected some of {[*data['outcomes']]}"
        )
    return ClosingRule(tuple(rule.get("claims", ())), rule.get("by", ""), rule.get("stopped", ""))


@cache
def _all() -> dict[tuple[str, int], Definition]:
    found = [_load(p) for p in sorted(FOLDER.glob("*.v*.toml"))]
    return {(d.kind, d.version): d for d in found}


def definition(kind: str, version: int) -> Definition:
    """The definition that a case was opened under."""
    return _all()[(kind, version)]


@cache
def kinds() -> dict[str, Definition]:
    """Every kind of case by its code, in the order of lists: the newest definition of each."""
    newest: dict[str, Definition] = {}
    for one in sorted(_all().values(), key=lambda d: d.version):
        newest[one.kind] = one
    return {d.kind: d for d in sorted(newest.values(), key=lambda d: (d.order, d.kind))}


def kind_choices() -> list[tuple[str, str]]:
    """Code and name of every kind, for a form or a filter."""
    return [(d.kind, d.name) for d in kinds().values()]


def kind_name(kind: str) -> str:
    """The kind's name; a kind that is no longer declared as it is."""
    return kinds()[kind].name if kind in kinds() else kind


def current(kind: str) -> Definition:
    """The newest definition of a kind. KeyError where there is none."""
    return kinds()[kind]
