"""Signed-in answers are kept by no browser; a full disk is told in words; failures from one address are slowed and shown."""

from __future__ import annotations

import errno
import fcntl
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from qingyuan import process
from qingyuan.bureau.accounts.actions import failures
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.full_disk import is_full_disk
from qingyuan.web.views import today
from web.factories import PASSWORD, County
from web.objects import fill
from web.walk import addresses


def signed_in(county: County, who: str = "chief") -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(county.users[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_no_signed_in_answer_may_be_kept(county: County) -> None:
    """Pages with names and complaints stayed in the cache of a shared computer after signing out."""
    client = signed_in(county)
    paths = [*addresses(county, fill(county, north=False)).values(), "/api/v1/me", "/api/v1/cases", "/api/v1/alerts"]
    for path in paths:
        told = client.get(path).headers.get("Cache-Control", "")
        assert "private" in told, path
        assert "no-store" in told or "no-cache" in told, path


@pytest.mark.parametrize(
    ("error", "is_full"),
    [
        pytest.param(OSError(errno.ENOSPC, "No space left on device"), True, id="system"),
        pytest.param(OSError(errno.EDQUOT, "Disk quota exceeded"), True, id="quota"),
        pytest.param(OperationalError("database or disk is full"), True, id="sqlite"),
        pytest.param(OperationalError("could not extend file: No space left on device"), True, id="postgresql"),
        pytest.param(OSError(errno.EACCES, "Permission denied"), False, id="another"),
        pytest.param(None, False, id="none"),
    ],
)
def test_what_is_a_full_disk(error: BaseException | None, is_full: bool) -> None:
    assert is_full_disk(error) is is_full


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "x"), OperationalError("database or disk is full")])
def test_a_full_disk_is_told_in_words(county: County, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def full(*_: Any) -> None:
        raise error

    monkeypatch.setattr(today, "gather", full)
    answer = signed_in(county).get("/")
    assert answer.status_code == 507
    assert "磁盘已满" in answer.content.decode()
    from qingyuan.api.routes import system

    monkeypatch.setattr(system, "gather", full)
    told = signed_in(county).get("/api/v1/morning-line")
    assert (told.status_code, told.json()["error"]) == (507, "full")


class TestFailuresOfOneAddress:
    @pytest.fixture
    def waits(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """How often and how long a wrong password was kept waiting; nobody really waits."""
        waited: list[float] = []
        monkeypatch.setattr(failures.time, "sleep", waited.append)
        return waited

    def fail(self, name: str, address: str = "10.0.0.9") -> int:
        words = {"username": name, "password": "wrong"}
        return Client(REMOTE_ADDR=address).post("/sign-in/", words).status_code

    def test_many_accounts_are_slowed_and_right_passwords_never(self, county: County, waits: list[float]) -> None:
        """Six tries at each of a thousand accounts went at full speed and nobody saw them."""
        assert [self.fail(f"u{n}") for n in range(4)] == [200] * 4
        assert waits == []
        assert [self.fail(f"u{n}") for n in range(4, 8)] == [429] * 4
        assert waits == [failures.DELAY_S] * 4
        right = Client(REMOTE_ADDR="10.0.0.9").post("/sign-in/", {"username": "chief", "password": PASSWORD})
        assert right.status_code == 302
        assert len(waits) == 4
        assert self.fail("u9", "10.0.0.8") == 200  # another address

    def test_one_person_who_mistypes_is_not_slowed(self, county: County, waits: list[float]) -> None:
        assert [self.fail("chief") for _ in range(4)] == [200] * 4
        assert waits == []

    def test_it_is_shown_to_who_keeps_the_accounts(self, county: County, waits: list[float]) -> None:
        for n in range(7):
            self.fail(f"u{n}")
        assert AuditEntry.objects.filter(verb="sign_in.many_failures").count() == 1
        (found,) = failures.failing_addresses()
        assert (found.address, found.accounts, found.failures, found.is_suspect) == ("10.0.0.9", 7, 7, True)
        page = signed_in(county, "security").get("/settings/users/").content.decode()
        assert "10.0.0.9" in page

    def test_only_one_process_ever_waits(self, county: County, waits: list[float]) -> None:
        for n in range(5):
            self.fail(f"u{n}")
        with (process.run_dir() / "failures.lock").open("w") as other:  # another process of the pages waits
            fcntl.flock(other, fcntl.LOCK_EX)
            assert self.fail("u7") == 429
        assert len(waits) == 1
