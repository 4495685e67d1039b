"""From the books as they were to the house: the old migrations to their end, then every table under its new name.

Runs in a process of its own with `qingyuan.ops.upgrade.settings`; each table keeps its rows, keys and sums untouched.
Repeating it after a crash goes on where it stopped: the old migrations are counted, the renaming is one transaction.
"""

from __future__ import annotations

import django
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

OLD_BOOKS = (
    "accounts",
    "alerts",
    "audit",
    "cases",
    "evaluation",
    "exports",
    "imports",
    "monitoring",
    "places",
    "sources",
    "workdays",
)
NEW_BOOKS = (
    "accounts",
    "alerts",
    "audit",
    "base",
    "cases",
    "evidence",
    "judging",
    "line",
    "monitoring",
    "quality",
    "registers",
    "values",
)
MOVED: dict[str, str] = {
    "places_area": "accounts_area", "places_areaparent": "accounts_areaparent",
    "places_organisation": "accounts_organisation", "places_waterbody": "registers_waterbody",
    "places_reach": "registers_reach", "monitoring_point": "registers_point", "monitoring_station": "registers_station",
    "monitoring_section": "registers_section", "monitoring_sectiontarget": "registers_sectiontarget",
    "monitoring_rosterentry": "registers_rosterentry", "monitoring_plannedstop": "values_plannedstop",
    "sources_enterprise": "registers_enterprise", "sources_outlet": "registers_outlet",
    "sources_meter": "registers_meter", "sources_device": "line_device", "sources_devicekey": "line_devicekey",
    "sources_devicecount": "line_devicecount", "sources_deviceclock": "line_deviceclock",
    "sources_requestpolicy": "line_requestpolicy", "sources_devicerequest": "line_devicerequest",
    "sources_channel": "line_channel", "sources_limit": "values_limit", "sources_limitimport": "values_limitimport",
    "sources_tag": "values_tag", "sources_tagevent": "values_tagevent", "sources_tagexhibit": "values_tagexhibit",
    "sources_keptemission": "values_keptemission", "sources_emissiondue": "values_emissiondue",
    "evaluation_evaluation": "judging_evaluation", "evaluation_dueday": "judging_dueday",
    "evaluation_qualitydue": "quality_qualitydue", "evaluation_loopstate": "base_loopstate",
    "alerts_finding": "judging_finding", "cases_evidence": "evidence_evidence",
    "cases_idempotencykey": "base_idempotencykey", "cases_numbersequence": "base_numbersequence",
    "exports_exportjob": "monitoring_exportjob", "imports_importprofile": "monitoring_importprofile",
    "imports_importjob": "monitoring_importjob", "imports_pointname": "registers_pointname",
    "workdays_holidayplan": "base_holidayplan",
}  # fmt: skip


def finish_old_migrations() -> None:
    """Bring the tables to the last state that the old books had."""
    executor = MigrationExecutor(connection)
    targets = [node for node in executor.loader.graph.leaf_nodes() if node[0] in OLD_BOOKS]
    executor.migrate(targets)


def move_tables() -> None:
    """Every table under its new name, the kinds of content with it, and the first migration of each book as done."""
    with transaction.atomic(), connection.cursor() as cursor:
        has_types = "django_content_type" in connection.introspection.table_names(cursor)
        for old, new in MOVED.items():
            cursor.execute(f'ALTER TABLE "{old}" RENAME TO "{new}"')
            if has_types:
                before, after = old.split("_", 1), new.split("_", 1)
                cursor.execute(
                    "UPDATE django_content_type SET app_label = %s WHERE app_label = %s AND model = %s",
                    [after[0], before[0], after[1]],
                )
        recorder = MigrationRecorder(connection)
        recorder.migration_qs.filter(app__in=OLD_BOOKS).delete()
        for book in NEW_BOOKS:
            recorder.record_applied(book, "0001_initial")


def main() -> int:
    """The whole way, in this process."""
    django.setup()
    finish_old_migrations()
    move_tables()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
