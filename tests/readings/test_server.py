"""What the server engine promises beyond the common suite: its address, its schema, writers that race."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from qingyuan.readings import Message, ReadingsError, StoreTooNew, open_store
from qingyuan.readings.tail import PostgresqlDatabase
from qingyuan.readings.tail.schema import VERSION
from readings.conftest import open_on_server
from readings.samples import HOUR, KEY, T0, reading

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("readings-server")]


def test_two_hosts_share_one_store(server_url: str, tmp_path: Path) -> None:
    first, second = (open_store(tmp_path, database_url=server_url) for _ in range(2))
    first.append([reading(h, float(h)) for h in range(10)])
    number = second.series_of([KEY])[KEY].id
    assert [r.value for r in second.window([number], T0, T0 + 10 * HOUR)] == [float(h) for h in range(10)]
    assert second.compact().moved == 10
    assert (first.waiting(), first.state().rows) == (0, 10)
    assert [r.value for r in first.window([number], T0, T0 + 10 * HOUR)] == [float(h) for h in range(10)]
    assert not (tmp_path / "readings.sqlite").exists()
    for store in (first, second):
        store.close()


def test_schema_of_a_newer_program_is_refused(server_url: str, tmp_path: Path) -> None:
    database = PostgresqlDatabase(server_url, "t_newer")
    database.run("UPDATE meta SET value=? WHERE name='schema'", (VERSION + 1,))
    with pytest.raises(StoreTooNew) as caught:
        PostgresqlDatabase(server_url, "t_newer")
    assert (caught.value.got, caught.value.expected) == (VERSION + 1, VERSION)


def test_copy_is_the_servers_own_business(server_url: str, tmp_path: Path) -> None:
    with pytest.raises(ReadingsError, match="pg_dump"):
        open_on_server(tmp_path, server_url).backup_to(tmp_path / "copy")


def test_writers_race_for_one_stretch_of_the_journal(server_url: str, tmp_path: Path) -> None:
    stores = [open_on_server(tmp_path, server_url) for _ in range(3)]
    barrier = threading.Barrier(3)
    added: list[int] = []

    def take(number: int) -> None:
        barrier.wait()
        receipt = stores[number].append(
            [reading(h) for h in range(50)], messages=[Message(1, b"k", 1, "M", "2061", "stored")], offset=(0, 9)
        )
        added.append(receipt.added)
        stores[number].close()

    threads = [threading.Thread(target=take, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(added) == [0, 0, 50]
    assert stores[0].offset() == 9


def test_batch_that_breaks_leaves_nothing_and_the_connection_usable(server_url: str, tmp_path: Path) -> None:
    store = open_on_server(tmp_path, server_url)
    with pytest.raises(Exception, match=r"out of range|integer"):
        store.append([reading(0), reading(1, origin=2**70)], offset=(0, 5))
    assert (store.offset(), store.series()) == (0, [])
    assert store.append([reading(0)], offset=(0, 5)).added == 1


class TestServerLeft:
    """The server went away and came back: each process of the pages said once that it was away, when it was there."""

    @staticmethod
    def left(database: PostgresqlDatabase, server_url: str) -> None:
        """End the connection as a server does that is started again."""
        import psycopg

        with psycopg.connect(server_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [database.connection.info.backend_pid])

    def test_the_next_question_and_the_next_append_are_answered(self, server_url: str, tmp_path: Path) -> None:
        store = open_on_server(tmp_path, server_url)
        database = store._tail.database
        assert isinstance(database, PostgresqlDatabase)
        self.left(database, server_url)
        assert store.offset() == 0
        self.left(database, server_url)
        assert store.append([reading(0)], offset=(0, 7)).added == 1
        assert store.offset() == 7

    def test_in_the_middle_of_a_transaction_nothing_is_asked_again(self, server_url: str, tmp_path: Path) -> None:
        import psycopg

        store = open_on_server(tmp_path, server_url)
        database = store._tail.database
        assert isinstance(database, PostgresqlDatabase)

        def broken_off() -> None:
            with database.transaction():
                database.run("UPDATE meta SET value=5 WHERE name='offset'")
                self.left(database, server_url)
                database.rows("SELECT value FROM meta")

        with pytest.raises(psycopg.OperationalError):
            broken_off()
        assert store.offset() == 0

    def test_what_changes_something_is_not_sent_twice(self, server_url: str, tmp_path: Path) -> None:
        import psycopg

        store = open_on_server(tmp_path, server_url)
        database = store._tail.database
        assert isinstance(database, PostgresqlDatabase)
        self.left(database, server_url)
        with pytest.raises(psycopg.OperationalError):
            database.rows("UPDATE meta SET value=5 WHERE name='offset' RETURNING value")
        assert store.offset() == 0
