"""Chinese first, English by switch: every word of the pages has its English, and the compiled catalogue is current."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client

import qingyuan
from qingyuan.bureau.cases.queries.definition import current
from web.factories import County

ROOT = Path(qingyuan.__file__).parent
CATALOGUE = ROOT / "web" / "locale" / "en" / "LC_MESSAGES"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
IN_TEMPLATES = re.compile(r"""{%\s*translate\s+(?:"([^"]+)"|'([^']+)')|_\("([^"]+)"\)""")
IN_CODE = re.compile(r"""(?:\b_|gettext_lazy|gettext)\(\s*"((?:[^"\\]|\\.)+)"\s*[,)]""")


def english() -> gettext.GNUTranslations:
    with (CATALOGUE / "django.mo").open("rb") as handle:
        return gettext.GNUTranslations(handle)


def words_of_templates() -> set[str]:
    found = set()
    for path in [*ROOT.glob("bureau/*/templates/**/*.html"), *ROOT.glob("web/templates/**/*.html")]:
        for groups in IN_TEMPLATES.findall(path.read_text(encoding="utf-8")):
            found.add(next(g for g in groups if g))
    return found


def words_of_code() -> set[str]:
    found = set()
    for path in [*ROOT.glob("bureau/**/*.py"), *ROOT.glob("web/**/*.py")]:
        found |= set(IN_CODE.findall(path.read_text(encoding="utf-8")))
    return found


def words_of_models() -> set[str]:
    found = set()
    for model in apps.get_models():
        if model.__module__.startswith("qingyuan"):
            for field in model._meta.get_fields():
                found |= {str(word) for _value, word in (getattr(field, "choices", None) or [])}
    return found


def words_of_cases() -> set[str]:
    found = set()
    for kind in ("outlet", "area", "silence"):
        plan = current(kind)
        found |= {*plan.states.values(), *plan.outcomes.values(), *(t.label for t in plan.transitions)}
    return found


@pytest.mark.parametrize("source", [words_of_templates, words_of_code, words_of_models, words_of_cases])
def test_every_word_has_its_english(source: object) -> None:
    catalogue = english()
    assert callable(source)
    words = {w for w in source() if CHINESE.search(w)}
    assert words
    missing = sorted(w for w in words if CHINESE.search(catalogue.gettext(w)))
    assert missing == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    placeholders = re.compile(r"%\((\w+)\)[sd]|%%")
    for word, meaning in english()._catalog.items():  # type: ignore[attr-defined]
        if isinstance(word, str) and word and meaning:
            assert sorted(placeholders.findall(word)) == sorted(placeholders.findall(meaning)), word


def test_the_compiled_catalogue_is_that_of_the_text() -> None:
    text = (CATALOGUE / "django.po").read_text(encoding="utf-8")
    pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"', text, re.M)
    assert len(pairs) > 300
    catalogue = english()
    for word, meaning in pairs:
        assert catalogue.gettext(word.replace('\\"', '"')) == meaning.replace('\\"', '"'), word


def test_the_switch_turns_the_frame_to_english_and_back(chief: Client, county: County) -> None:
    assert "今日" in chief.get("/cases/").content.decode()
    answer = chief.post("/language/", {"language": "en", "next": "/cases/"})
    assert answer["Location"] == "/cases/"
    text = chief.get("/cases/").content.decode()
    assert "Nearest deadline first" in text
    assert 'lang="en"' in text
    rail = text[text.index('<nav class="rail"') : text.index("</nav>")]
    assert not CHINESE.search(rail)
    chief.post("/language/", {"language": "zh-hans", "next": "https://elsewhere.example/"})
    assert "今日" in chief.get("/cases/").content.decode()


def test_the_switch_does_not_lead_away(chief: Client) -> None:
    assert chief.post("/language/", {"language": "en", "next": "https://elsewhere.example/"})["Location"] == "/"
