"""Every operation is called with what its description allows and with what it forbids: no 5xx, no status untold."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.calling import operations

schemathesis = pytest.importorskip(
    "schemathesis", reason="schemathesis 未安装：它随 ./qingyuan test --full 装上", exc_type=ImportError
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

EXAMPLES = 25
CALLERS = ("chief", "director", "firm", "system", "operator", None)
NAMES = [(method, path) for method, path, _ in operations()]


@pytest.fixture(scope="module")
def described() -> Any:
    from django.core.wsgi import get_wsgi_application

    from qingyuan.api.api import api

    told = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/v1"))
    told.app = get_wsgi_application()
    return told


@pytest.fixture(autouse=True)
def _open_books() -> Iterator[None]:
    """A request of a server ends by closing the books when they are old; a test's live in its transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.parametrize(("method", "path"), NAMES, ids=[f"{m} {p}" for m, p in NAMES])
def test_no_answer_is_outside_the_description(
    method: str, path: str, described: Any, api: Any, districts: dict[str, dict[str, Any]]
) -> None:
    """Path parameters are half invented, half those of a real object: an invented one alone ends at 404 each time."""
    operation = described[f"/api/v1{path}"][method.upper()]
    bearers = [api(who).headers if who else {} for who in CALLERS]
    real = dict(districts["south"])
    real["number"] = real["number"]["leads" if path.startswith("/leads") else "cases"]
    modes = schemathesis.GenerationMode
    cases = st.one_of(
        operation.as_strategy(generation_mode=modes.POSITIVE), operation.as_strategy(generation_mode=modes.NEGATIVE)
    )

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases, st.sampled_from(bearers), st.booleans())
    def call(case: Any, headers: dict[str, str], of_a_real_object: bool) -> None:
        if of_a_real_object and case.path_parameters:
            case.path_parameters = {k: str(real.get(k, v)) for k, v in case.path_parameters.items()}
        answer = case.call(headers=headers)
        case.validate_response(
            answer,
            checks=[schemathesis.checks.not_a_server_error, schemathesis.specs.openapi.checks.status_code_conformance],
        )

    call()


def test_the_tool_is_of_the_full_set() -> None:
    """`--full` installs it; should it be missing there, the file above would be skipped in silence."""
    assert "schemathesis" in sys.modules
