from typing import Any

from django.db import migrations

from qingyuan.bureau.registers.credit_code import doubt_of


def take_credit_codes(apps: Any, schema_editor: Any) -> None:
    """A firm whose key is a right credit code has that credit code."""
    enterprise = apps.get_model("registers", "Enterprise")
    firms = [firm for firm in enterprise.objects.filter(credit_code="") if not doubt_of(firm.code)]
    for firm in firms:
        firm.credit_code = firm.code
    enterprise.objects.bulk_update(firms, ["credit_code"], batch_size=200)


class Migration(migrations.Migration):
    dependencies = [("registers", "0002_enterprises_as_a_book")]
    operations = [migrations.RunPython(take_credit_codes, migrations.RunPython.noop)]
