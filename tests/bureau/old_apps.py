"""The tables as an old migration names them: the migrations of the books before the house, asked of today's models."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Model

from qingyuan.ops.upgrade.house import MOVED


class OldApps:
    """`apps` for a migration of the old books: their labels lead to the models that hold the rows now."""

    def get_model(self, label: str, name: str) -> type[Model] | Any:
        """The model of today that took over the old one's table."""
        table = f"{label}_{name.lower()}"
        return apps.get_model(*MOVED.get(table, table).split("_", 1))
