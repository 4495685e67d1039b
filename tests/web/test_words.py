"""Each page speaks one language: no Latin words on the Chinese page, no Han on the English one, but for `may_stay`.

Pages were half English: sources of doubt, enum names, verbs of the audit trail, table headings, refusals, holidays.
"""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from django.test import Client

from web.factories import County, put_beside
from web.may_stay import HAN_MAY_STAY, LATIN_MAY_STAY, STORED, stored, strangers
from web.objects import fill
from web.said import said
from web.walk import addresses

BACKEND = "django.contrib.auth.backends.ModelBackend"
LANGUAGES = {"zh": "zh-hans", "en": "en"}
ENDS = {"accounts:sign_out", "web:language"}


def _texts(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    if "html" not in answer.get("Content-Type", ""):
        return []
    return said((b"".join(answer.streaming_content) if answer.streaming else answer.content).decode())  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", ["chief", "enterprise", "security", "audit", "system"])
def test_each_page_speaks_one_language(county: County, who: str, language: str) -> None:
    put_beside(county)
    pages: set[str] = set()
    for north in (False, True):
        found = addresses(county, fill(county, north=north))
        pages |= {address for name, address in found.items() if name not in ENDS}
    client, kept = Client(), stored()
    client.force_login(county.users[who], backend=BACKEND)
    client.post("/language/", {"language": LANGUAGES[language], "next": "/"})
    seen, strange = 0, defaultdict(set)
    for address in sorted(pages):
        for text in _texts(client, address):
            seen += 1
            for word in strangers(text, kept, language):
                strange[word].add(f"{address}: {text[:80]}")
    assert seen > 500, "the walk read next to nothing"
    assert {word: sorted(where)[:2] for word, where in strange.items()} == {}


def test_the_door_speaks_one_language(county: County) -> None:
    client, kept = Client(), stored()
    for language, code in LANGUAGES.items():
        client.post("/language/", {"language": code, "next": "/sign-in/"})
        client.post("/sign-in/", {"username": "nobody", "password": "x"})
        assert [w for text in _texts(client, "/sign-in/") for w in strangers(text, kept, language)] == []


def test_the_walk_sees_what_is_strange() -> None:
    """The list of what may stay must not let everything through."""
    page = '<p title="case.assign">好 <b>permit</b></p><code>x_y</code><td class="mono">a21002</td><p>NO<sub>x</sub> 的</p>'
    assert said(page) == ["case.assign", "好", "permit", "NOx 的"]
    assert strangers("case.assign", [], "zh") == ["case.assign"]
    assert strangers("memory, not verified", [], "zh") == ["memory", "not", "verified"]
    assert strangers("permit rules", ["permit"], "zh") == ["rules"]
    assert strangers("锦川热电 超标", ["锦川热电"], "en") == ["超标"]
    assert strangers("NOx 74.2 mg/m³ GB 13223-2011 表1", [], "zh") == []


def test_what_may_stay_gives_its_reason() -> None:
    """A short list, each with a reason that a person can judge."""
    for reasons in (LATIN_MAY_STAY, HAN_MAY_STAY, STORED):
        assert all(re.search("[a-z]", reason) and len(reason) > 15 for reason in reasons)
        assert len(reasons) <= 14
