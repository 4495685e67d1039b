from django.db import migrations, models


def move(apps, schema_editor):
    """What waited in the state of the loop waits in a table of its own."""
    state = apps.get_model("evaluation", "LoopState").objects.filter(name="quality_later").first()
    if state is None:
        return
    due = apps.get_model("evaluation", "QualityDue")
    spans = state.value.get("spans", {})
    due.objects.bulk_create(
        [due(series=int(number), first=first, last=last) for number, (first, last) in spans.items()], batch_size=500
    )
    state.value = {"full": 0}
    state.save(update_fields=["value"])


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="QualityDue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("series", models.BigIntegerField(unique=True)),
                ("first", models.BigIntegerField(db_index=True)),
                ("last", models.BigIntegerField()),
            ],
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
    ]
