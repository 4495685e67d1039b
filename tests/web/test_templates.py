"""Templates are read by people: short lines, and the components instead of their markup."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from django.test import Client

from web.factories import County

TEMPLATES = Path(__file__).parents[2] / "src" / "qingyuan" / "web" / "templates"
WIDTH = 120
ALLOWED = 0.02  # of the characters of a set of templates may stand in longer lines: tags that cannot be broken
COMPONENTS = "components"
# Markup that a component writes, and the component that does.
WRITTEN_BY = {
    r'class="figure"': "figure",
    r"<progress\b": "progress",
    r'class="exhibits"': "evidence",
    r'class="chip\b': "chip, status",
}


def _sets() -> dict[str, list[Path]]:
    """The templates, a set a folder."""
    found: dict[str, list[Path]] = {}
    for path in sorted(TEMPLATES.rglob("*.html")):
        found.setdefault(path.relative_to(TEMPLATES).parts[0], []).append(path)
    return found


def _measured(files: list[Path]) -> tuple[int, int, Counter[str]]:
    """Characters in all, characters in lines over the width, and those by file."""
    total, over = 0, Counter[str]()
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            total += len(line)
            if len(line) > WIDTH:
                over[str(path.relative_to(TEMPLATES))] += len(line)
    return total, over.total(), over


def test_lines_of_templates_can_be_read() -> None:
    """85 % of the templates' characters stood in lines over 200 characters: nobody could read or compare them."""
    every = [path for files in _sets().values() for path in files]
    for name, files in _sets().items():
        total, over, _ = _measured(files)
        print(f"{name:12} {total:7} characters, {over:5} in lines over {WIDTH} ({over / total:.1%})")
    total, over, where = _measured(every)
    print(f"{'all':12} {total:7} characters, {over:5} in lines over {WIDTH} ({over / total:.1%})")
    assert over <= ALLOWED * total, f"{over / total:.1%} in lines over {WIDTH}; most in {where.most_common(5)}"


@pytest.mark.parametrize("markup", WRITTEN_BY)
def test_components_are_written_once(markup: str) -> None:
    """The markup of a figure stood 43 times in the pages; a change to it was 43 changes."""
    own = [
        str(path.relative_to(TEMPLATES))
        for name, files in _sets().items()
        if name not in {COMPONENTS, "book"}
        for path in files
        if re.search(markup, path.read_text(encoding="utf-8"))
    ]
    assert own == [], f"use the component {WRITTEN_BY[markup]}"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_living_page_shows_each_component(county: County, language: str) -> None:
    """One page shows each component with its states, to the system administrator."""
    client = Client()
    client.force_login(county.users["system"], backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = language
    text = client.get("/settings/components/").content.decode()
    for name in ("figure", "trend", "deadline", "status", "evidence", "empty", "error", "progress", "table"):
        assert f'id="{name}"' in text, name
    for state in ("calm", "half", "urgent", "over"):
        assert f'class="due {state}"' in text, state
    for sign in ("arrow-up", "arrow-down", "alert-triangle", "check", "minus"):
        assert f"#{sign}" in text, sign
    assert text.count('role="alert"') == 2
    assert "settings/components" in client.get("/settings/").content.decode()


@pytest.mark.parametrize("who", ["chief", "security", "audit", "town", "enterprise"])
def test_only_the_system_administrator_opens_it(county: County, who: str) -> None:
    client = Client()
    client.force_login(county.users[who], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/settings/components/").status_code == 403
    assert "settings/components" not in client.get("/settings/").content.decode()
