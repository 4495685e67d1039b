"""Every operation's description names the refusals that it can give."""

from __future__ import annotations

import pytest

from qingyuan.api.api import api
from qingyuan.api.described import METHODS

SCHEMA = api.get_openapi_schema(path_prefix="/api/v1/")
OPERATIONS = [
    pytest.param(path, method, operation, id=f"{method} {path}")
    for path, operations in SCHEMA["paths"].items()
    for method, operation in operations.items()
    if method in METHODS
]


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_refusals_are_described(path: str, method: str, operation: dict) -> None:  # type: ignore[type-arg]
    """The description told only of 200: a client written by it broke at the first refusal."""
    codes = {str(code) for code in operation["responses"]}
    wanted = (
        {"200", "400", "401", "403", "422", "429"}
        | ({"404"} if "{" in path else set())
        | ({"409"} if method != "get" else set())
    )
    assert wanted <= codes | ({"200"} if codes & {"201", "204"} else set())
    for code in wanted - {"200"}:
        assert operation["responses"][code]["content"]["application/json"]["schema"]["$ref"].endswith("/Refusal")


def test_the_form_of_a_refusal_is_described() -> None:
    assert set(SCHEMA["components"]["schemas"]["Refusal"]["required"]) == {"error", "message"}
