from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from book.pattern import FIRMS, SITES, WELLS
from bureau.office import Office, make_office
from qingyuan.bureau.accounts.policies.rights import CAPABILITIES, NAMES
from qingyuan.bureau.book import registry
from qingyuan.bureau.search import triggers

PATTERNS = (WELLS, FIRMS, SITES)


@pytest.fixture(scope="session")
def _tables(django_db_setup: None, django_db_blocker: Any) -> None:
    """The tables of the pattern books, which no migration knows."""
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for book in PATTERNS:
            if book.model._meta.db_table not in connection.introspection.table_names():
                editor.create_model(book.model)
    with django_db_blocker.unblock(), _declared():
        triggers.lay()


@pytest.fixture
def patterns(_tables: None) -> Iterator[None]:
    """The pattern books are declared, for this test only."""
    with _declared():
        yield


@contextmanager
def _declared() -> Iterator[None]:
    before, names = dict(CAPABILITIES), dict(NAMES)
    for book in PATTERNS:
        registry.declare(book)
    yield
    for book in PATTERNS:
        registry._declared.pop(book.code)
    CAPABILITIES.clear()
    CAPABILITIES.update(before)
    NAMES.clear()
    NAMES.update(names)


@pytest.fixture
def office(db: None, patterns: None, data_dir: Path, clock_at: Any, cheap_passwords: None) -> Office:
    """A small county with a person of each identity."""
    return make_office()
