"""The first account has a role of its own; an account that held all three administrator roles becomes it."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from qingyuan import clock

THREE = {"system_admin", "security_admin", "audit_admin"}


def first_account(apps: Any, schema_editor: Any) -> None:
    """Who held all three administrator roles at once keeps setting up, and no more; the old roles stay on record."""
    assignments = apps.get_model("accounts", "RoleAssignment")
    today = clock.beijing(clock.now()).date()
    held: dict[int, set[str]] = {}
    for row in assignments.objects.filter(valid_to__isnull=True):
        held.setdefault(row.user_id, set()).add(row.role)
    for user, roles in held.items():
        if roles >= THREE:
            assignments.objects.filter(user=user, valid_to__isnull=True).update(valid_to=today)
            assignments.objects.create(user_id=user, role="setup", valid_from=today)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="roleassignment",
            name="role",
            field=models.CharField(
                choices=[
                    ("director", "局领导"),
                    ("monitoring", "监测人员"),
                    ("chief", "科室负责人"),
                    ("officer", "执法人员"),
                    ("town", "镇街网格人员"),
                    ("enterprise", "企业"),
                    ("operator", "运维单位"),
                    ("system_admin", "系统管理员"),
                    ("security_admin", "安全管理员"),
                    ("audit_admin", "审计管理员"),
                    ("setup", "初始账号"),
                ],
                max_length=20,
                verbose_name="角色",
            ),
        ),
        migrations.RunPython(first_account, migrations.RunPython.noop),
    ]
