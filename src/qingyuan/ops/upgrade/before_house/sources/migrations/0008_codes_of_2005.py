"""Channels and limits that bear codes of HJ/T 212-2005 as their item get the item; how minute data stand is kept."""

from typing import Any

from django.db import migrations, models

from qingyuan.rules import UnknownFactorError, rule_book

_USUAL_MINUTES = 600


def _translated(code: str, system: str) -> tuple[str, str] | None:
    try:
        factor = rule_book().factor(code, system)
    except UnknownFactorError:
        return None
    item = factor.item or factor.code
    return None if item == code else (item, factor.unit)


def translate(apps: Any, schema_editor: Any) -> None:
    """Only where the item is the code itself: what a person named stays."""
    for channel in apps.get_model("sources", "Channel").objects.select_related("device"):
        found = _translated(channel.item, channel.device.system_type) if channel.item == channel.factor_code else None
        if found:
            channel.item, channel.unit = found[0], channel.unit or found[1]
            channel.save(update_fields=["item", "unit"])
    limits = apps.get_model("sources", "Limit").objects
    known = rule_book().items
    for limit in limits.select_related("outlet"):
        system = {"gas": "31", "water": "32"}[limit.outlet.medium]
        found = _translated(limit.item, system) if limit.item not in known else None
        same = {name: getattr(limit, name) for name in ("outlet", "averaging", "condition", "valid_from")}
        if found and not limits.filter(item=found[0], **same).exists():
            limit.item, limit.unit = found[0], limit.unit or found[1]
            limit.save(update_fields=["item", "unit"])
    devices = apps.get_model("sources", "Device").objects
    devices.exclude(minute_seconds=_USUAL_MINUTES).update(is_minute_given=True)


class Migration(migrations.Migration):
    dependencies = [("sources", "0007_kept_emissions")]

    operations = [
        migrations.AddField(
            model_name="device",
            name="is_minute_given",
            field=models.BooleanField(default=False, verbose_name="分钟间隔由人登记"),
        ),
        migrations.AddField(
            model_name="device",
            name="minute_seen",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="数据时间相隔（秒）"),
        ),
        migrations.RunPython(translate, migrations.RunPython.noop),
    ]
