"""Bring a data folder to this program's state: back up, migrate, first administrator. Runs in its own process."""

from __future__ import annotations

import json
import os

import django
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from qingyuan import clock, config
from qingyuan.intake.journal_damage import Positions
from qingyuan.ops.errors import OpsError
from qingyuan.ops.folder import note_format
from qingyuan.ops.upgrade.seen import bring_up, is_before_house
from qingyuan.rules import RulesError, rule_book


def set_up_django() -> None:
    """Load Django once in this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.settings")
    try:
        django.setup()
    except ValueError as error:
        raise OpsError(f"设置不对：{error}") from error


def waiting_migrations() -> tuple[int, int]:
    """(applied, waiting) migrations of the main database."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return len(executor.loader.applied_migrations), len(plan)


def _check_rules() -> None:
    """A rule book that cannot be used is an error at start, not at the first figure."""
    try:
        rule_book()
    except RulesError as error:
        raise OpsError(f"规则库有错：{error}；用 qingyuan rules check 查看") from error


def run() -> dict[str, str]:
    """Migrate (after a copy of the old database), make the first administrator; returns what a person must be told."""
    set_up_django()
    _check_rules()
    from qingyuan.bureau.accounts.actions.users import create_first_administrator
    from qingyuan.bureau.base.rule_books import keep_book
    from qingyuan.bureau.base.store import readings
    from qingyuan.bureau.book.registry import declared
    from qingyuan.bureau.exchange.bulk import lay_down
    from qingyuan.bureau.line.actions.stations import lay_down_register
    from qingyuan.bureau.registers.actions.bureau import ensure_bureau

    try:
        applied, waiting = waiting_migrations()
    except OperationalError as error:
        first = next(iter(str(error).splitlines()), "")
        raise OpsError(
            f"无法使用主数据库（{first}）；请检查 QINGYUAN_DATABASE_URL 和数据库服务，或数据目录中的 main.sqlite"
        ) from error
    old = is_before_house()
    if applied and (waiting or old) and settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        stamp = clock.now().strftime("%Y%m%d%H%M%S")
        target = config.data_dir() / "backups" / f"main-before-migration-{stamp}.sqlite"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(target)])
    if old:
        bring_up()
    if waiting or old:
        call_command("migrate", interactive=False, verbosity=0)
    note_format()
    Positions(config.data_dir() / "journal").note(
        readings().offset()
    )  # before the gateway begins, whatever became of it
    keep_book()
    for book in declared():
        lay_down(book)
    ensure_bureau()
    lay_down_register()
    password = create_first_administrator()
    return {"password": password} if password else {}


def main() -> int:
    """Print the result as one line of JSON for the supervisor."""
    print(json.dumps(run()))
    return 0
