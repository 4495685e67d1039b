"""Who may not is told so before the form of the request is looked at; tokens end with the password."""

from __future__ import annotations

from typing import Any

import pytest

from api.calling import RIGHTS, Caller, fill, operations
from bureau.office import Office
from qingyuan.bureau.accounts.actions.tokens import create_token
from qingyuan.bureau.accounts.actions.users import change_password, reset_password, set_active
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.local.actions import Wanted, make_book

OF_THE_MATTER = {
    "/exports": "everybody exports what he sees",
    "/cases/{number}/actions/{verb}": "the right hangs on the verb and the case, and is asked before the form",
    "/leads/{number}/informant/call-back": "the right hangs on the matter; nothing is sent",
    "/leads/{number}/informant/reveal": "the right hangs on the matter",
}
PEOPLE = ["director", "chief", "officer", "monitor", "south", "firm", "operator", "system", "security", "audit"]


def test_every_changing_operation_names_its_right() -> None:
    changing = {path for method, path, _ in operations() if method != "get"}
    assert changing == set(RIGHTS) | set(OF_THE_MATTER)


@pytest.mark.parametrize("who", PEOPLE)
def test_the_right_comes_before_the_form(office: Office, who: str) -> None:
    """A firm that sent rubbish to an operation of the bureau was told field by field what it should have sent."""
    make_book(None, "litter", "垃圾点", [Wanted("编号", role="key")])
    caller = Caller(office[who])
    blanks = dict.fromkeys(("alert_id", "stop_id", "tag_id", "operation_id", "job_id", "request_id"), 1)
    row: dict[str, Any] = {"code": "GAS", "mn": "A" * 24, "verb": "report", "number": {"leads": "XS1", "cases": "AJ1"}}
    row |= blanks | {"exhibit_of_lead": 1, "exhibit_of_tag": 1}
    for path, capability in RIGHTS.items():
        answer = caller.post(fill(path, row), {"nonsense": [1]})
        if can(office[who], capability):
            assert answer.status_code != 403, (path, answer.content)
        else:
            assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed"), (path, answer.content)


@pytest.mark.parametrize("how", ["reset", "change", "off"])
def test_tokens_end_with_the_password(office: Office, how: str) -> None:
    """After a stolen password was reset the thief's token went on for ever."""
    chief = office["chief"]
    _, secret = create_token(None, chief, "脚本", ["read"])
    caller = Caller(None, secret=secret)
    assert caller.get("/me").status_code == 200
    if how == "reset":
        reset_password(office["security"], chief)
    elif how == "change":
        change_password(chief, "a-long-and-rare-phrase-7")
    else:
        set_active(office["security"], chief, False)
        set_active(office["security"], office["chief"], True)
    assert caller.get("/me").status_code == 401
