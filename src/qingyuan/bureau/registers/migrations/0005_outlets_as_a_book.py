from typing import Any

import django.db.models.deletion
from django.db import migrations, models

_OF_POINT = ("code", "name", "area_id", "operator_id", "lon", "lat", "active_from", "active_to")
_BATCH = 500


def take_over(apps: Any, schema_editor: Any) -> None:
    """What stood at the point of an outlet becomes the outlet's own."""
    outlet_model = apps.get_model("registers", "Outlet")
    outlets = list(outlet_model.objects.select_related("point"))
    for outlet in outlets:
        for name in _OF_POINT:
            setattr(outlet, name, getattr(outlet.point, name))
    names = [name.removesuffix("_id") for name in _OF_POINT]
    outlet_model.objects.bulk_update(outlets, names, batch_size=_BATCH)
    point_model = apps.get_model("registers", "Point")
    points = list(
        point_model.objects.filter(outlet__enterprise__answers__isnull=False).select_related("outlet__enterprise")
    )
    for point in points:
        point.answers_id = point.outlet.enterprise.answers_id
    point_model.objects.bulk_update(points, ["answers"], batch_size=_BATCH)


def _link(to: str, words: str, **more: Any) -> Any:
    return models.ForeignKey(
        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=to, verbose_name=words, **more
    )


def _area(words: str) -> Any:
    return _link("accounts.area", words, related_name="+")


def _column(name: str, field: Any) -> migrations.AddField:
    return migrations.AddField(model_name="outlet", name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_the_area_above"),
        ("registers", "0004_posts_and_leaves"),
    ]

    operations = [
        migrations.AddField(model_name="point", name="answers", field=_area("负责区域")),
        migrations.AlterModelOptions(name="outlet", options={"ordering": ["code"]}),
        _column("revision", models.PositiveIntegerField(default=0, editable=False, verbose_name="修订")),
        _column("extra", models.JSONField(blank=True, default=dict, editable=False, verbose_name="本地列")),
        _column(
            "gone_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="上级系统中不再有")
        ),
        _column("code", models.CharField(max_length=60, null=True, verbose_name="排放口编号")),
        _column("name", models.CharField(db_index=True, default="", max_length=100, verbose_name="排放口名称")),
        _column(
            "firm_name",
            models.CharField(blank=True, db_index=True, default="", max_length=100, verbose_name="待匹配的企业"),
        ),
        _column("firm_code", models.CharField(blank=True, default="", max_length=40, verbose_name="待匹配的信用代码")),
        _column("firm_permit", models.CharField(blank=True, default="", max_length=40, verbose_name="待匹配的许可证")),
        _column("area", _area("所在区域")),
        _column("answers", _area("负责区域")),
        _column("operator", _link("accounts.organisation", "运维单位", related_name="+")),
        _column("lon", models.FloatField(blank=True, null=True, verbose_name="经度")),
        _column("lat", models.FloatField(blank=True, null=True, verbose_name="纬度")),
        _column(
            "industry_key",
            models.CharField(
                blank=True, default="", help_text="空 = 企业的评判口径", max_length=40, verbose_name="评判口径"
            ),
        ),
        _column("active_from", models.DateField(blank=True, null=True, verbose_name="启用")),
        _column("active_to", models.DateField(blank=True, help_text="当日起不在用", null=True, verbose_name="停用")),
        migrations.RunPython(take_over, migrations.RunPython.noop),
        migrations.AlterField(
            "outlet", "code", models.CharField(max_length=60, unique=True, verbose_name="排放口编号")
        ),
        migrations.AlterField(
            "outlet", "name", models.CharField(db_index=True, max_length=100, verbose_name="排放口名称")
        ),
        migrations.AlterField(
            "outlet",
            "firm_name",
            models.CharField(blank=True, db_index=True, max_length=100, verbose_name="待匹配的企业"),
        ),
        migrations.AlterField(
            "outlet", "firm_code", models.CharField(blank=True, max_length=40, verbose_name="待匹配的信用代码")
        ),
        migrations.AlterField(
            "outlet", "firm_permit", models.CharField(blank=True, max_length=40, verbose_name="待匹配的许可证")
        ),
        migrations.AlterField(
            "outlet",
            "industry_key",
            models.CharField(blank=True, help_text="空 = 企业的评判口径", max_length=40, verbose_name="评判口径"),
        ),
        migrations.AlterField(
            "outlet",
            "enterprise",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="outlets",
                to="registers.enterprise",
                verbose_name="企业",
            ),
        ),
        migrations.AlterField(
            "outlet",
            "point",
            models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="outlet",
                to="registers.point",
                verbose_name="点位",
            ),
        ),
    ]
