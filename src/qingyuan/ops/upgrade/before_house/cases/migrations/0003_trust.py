"""Who reported, who decides and by when; orders to somebody of the register."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

HOURS = {"alert": 24, "finding": 24, "upper": 24}  # as set on the day of this migration; others 48


def deadlines(apps: Any, schema_editor: Any) -> None:
    """Leads that wait get their clock."""
    leads = apps.get_model("cases", "Lead")
    for lead in leads.objects.filter(state="new", due_at__isnull=True):
        lead.due_at = lead.created_at + timedelta(hours=HOURS.get(lead.source, 48))
        lead.save(update_fields=["due_at"])


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0002_deadline_rule"),
        ("places", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="lead",
            name="due_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="研判期限"),
        ),
        migrations.AddField(
            model_name="lead",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="leads_to_decide",
                to=settings.AUTH_USER_MODEL,
                verbose_name="研判人",
            ),
        ),
        migrations.AddField(
            model_name="lead",
            name="reporter_phone",
            field=models.CharField(blank=True, max_length=40, verbose_name="联系电话"),
        ),
        migrations.AddField(
            model_name="rectification",
            name="body",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders_to_it",
                to="places.organisation",
            ),
        ),
        migrations.AddField(
            model_name="rectification",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders_to_them",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="rectification",
            name="responsible",
            field=models.CharField(
                help_text="the name at the time; old rows: as typed", max_length=100, verbose_name="责任单位"
            ),
        ),
        migrations.RunPython(deadlines, migrations.RunPython.noop),
    ]
