from __future__ import annotations

from django.db import models


class KeptEmission(models.Model):
    """Emitted mass of an item of an outlet in a quarter, day by day, as it was worked out up to `until`.

    Kept beside the readings, which say it all again: a page sums days instead of hours. A row without an item says that
    the quarter was worked out at all. `days`: by day of the quarter measured and substituted mass [kg] and the hours of
    each kind, in the order of `figures.emissions.HOWS`.
    """

    outlet = models.ForeignKey("registers.Outlet", on_delete=models.CASCADE, related_name="+")
    item = models.CharField(max_length=40, blank=True)
    quarter = models.DateField()
    until = models.DateTimeField()
    rule_digest = models.CharField(max_length=64)
    days = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["outlet", "item", "quarter"], name="one_kept_emission")]

    def __str__(self) -> str:
        return f"{self.outlet_id} {self.item} {self.quarter}"


class EmissionDue(models.Model):
    """An outlet whose emitted mass must be worked out again from a day on."""

    outlet = models.OneToOneField("registers.Outlet", on_delete=models.CASCADE, related_name="+")
    since = models.DateField()

    def __str__(self) -> str:
        return f"{self.outlet_id} {self.since}"
