from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def take_over(apps: Any, schema_editor: Any) -> None:
    """What the dated tree says last becomes what the area says."""
    area_model, parents = (apps.get_model("accounts", name) for name in ("Area", "AreaParent"))
    last = dict(parents.objects.filter(valid_to=None).order_by("valid_from").values_list("area_id", "parent_id"))
    areas = [area for area in area_model.objects.defer("geometry") if area.pk in last]
    for area in areas:
        area.above_id = last[area.pk]
    area_model.objects.bulk_update(areas, ["above"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_areas_and_organisations_as_books")]

    operations = [
        migrations.AddField(
            model_name="area",
            name="above",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="below",
                to="accounts.area",
                verbose_name="上级区域",
            ),
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
