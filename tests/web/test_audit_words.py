"""`case.assign` stood on the audit page: each verb and kind that is recorded has its word, in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.test import Client
from django.utils import translation

import qingyuan
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.audit.queries.words import KINDS, VERBS, kind_words, verb_words
from qingyuan.bureau.cases.queries.definition import current
from qingyuan.bureau.quality.queries.words import OPERATIONS
from qingyuan.bureau.values.actions.tag_checks import VERDICTS
from web.factories import County

ROOT = Path(qingyuan.__file__).parent
CODE = re.compile(r"[a-z_]+\.[a-z_]+")
RECORDERS = {"record", "_turn", "_log"}  # `record`, and the functions that hand a verb on to it
# Verbs that the code puts together: what stands before the dot, and all that may follow.
MADE = {
    "case": {t.verb for kind in ("outlet", "area", "silence") for t in current(kind).transitions},
    "quality": set(OPERATIONS),
    "book": {"add", "change", "verb"},
    "tag": {str(v) for v in VERDICTS},
}


def _calls() -> Iterator[ast.Call]:
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "audit.actions" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RECORDERS:
                yield node


def recorded() -> set[str]:
    """Every verb that the code can write."""
    found = set()
    for call in _calls():
        for word in call.args:
            if isinstance(word, ast.Constant) and isinstance(word.value, str) and CODE.fullmatch(word.value):
                found.add(word.value)
            elif isinstance(word, ast.JoinedStr) and word is call.args[1]:
                head = word.values[0]
                assert isinstance(head, ast.Constant), ast.unparse(call)
                found |= {f"{head.value}{rest}" for rest in MADE[str(head.value).rstrip(".")]}
    return found


def kinds() -> set[str]:
    """Every kind of object: models of the apps that record, and what stands before the colon of a name."""
    found = set()
    for call in _calls():
        target = call.args[2] if len(call.args) > 2 else None
        head = target.values[0] if isinstance(target, ast.JoinedStr) else target
        if isinstance(head, ast.Constant) and isinstance(head.value, str) and ":" in head.value:
            found.add(head.value.partition(":")[0])
    return found


def test_each_recorded_verb_has_its_word() -> None:
    verbs = recorded()
    assert len(verbs) > 60
    assert {"case.assign", "informant.reveal", "tag.refused", "quality.invalid", "device.retire"} <= verbs
    assert verbs - set(VERBS) == set(), "name the verb in bureau/audit/words.py"
    assert set(VERBS) - verbs == set(), "words of verbs that nothing records"


def test_each_kind_has_its_word() -> None:
    assert kinds() - set(KINDS) == set(), "name the kind in bureau/audit/words.py"
    models = {m._meta.model_name for m in apps.get_models()}
    assert set(KINDS) - kinds() - models == set(), "kinds that are neither a model nor recorded by name"


def test_the_page_says_what_was_done(county: County) -> None:
    """Also in English, and a verb of another version is shown as it is written, not lost."""
    record(county.users["chief"], "case.assign", county.case, "案件 AJ-2026-0001 交办")
    record(None, "calendar.plan", "x:1", "录入")
    client = Client()
    client.force_login(county.users["audit"], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/settings/audit/").content.decode()
    assert "交办案件" in page
    assert "case.assign</td>" not in page
    assert "AJ-2026-0001" not in client.get("/settings/audit/?verb=calendar.plan").content.decode()
    with translation.override("en"):
        assert (verb_words("user.roles"), kind_words("case")) == ("Change a user's roles", "Cases")
    assert verb_words("of.later") == "of.later"
