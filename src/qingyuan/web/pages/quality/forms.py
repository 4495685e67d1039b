from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.bureau.base import display
from qingyuan.bureau.base.choice_words import in_words, words_of
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.quality.queries.words import OPERATIONS, STATISTICS
from qingyuan.bureau.registers.models import Point

MOMENT = {"type": "datetime-local"}
GRAINS = {"raw": _("瞬时"), "minute": _("分钟"), "hour": _("小时"), "day": _("日")}


def _series_words(item: str, statistic: str, grain: str) -> str:
    """A series as people say it: NOₓ 折算 小时; what stands behind an @ (standard state) stays with it."""
    known, at, state = statistic.partition("@")
    named = in_words(STATISTICS.get(known, known)) + (f"@{state}" if at else "")
    return f"{display.item_symbol(item)} {named} {GRAINS.get(grain, grain)}"


class OperationForm(forms.Form):
    """Setting a range of readings aside, or confirming it, with the reason."""

    series = forms.ChoiceField(label=_("数据"))
    code = forms.ChoiceField(label=_("操作"), choices=words_of(OPERATIONS.items()))
    start = forms.DateTimeField(label=_("起"), widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M"))
    end = forms.DateTimeField(label=_("止（不含）"), widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M"))
    reason = forms.CharField(
        label=_("理由"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "data-wide": "1"}),
        help_text=_("理由和您的姓名随操作一起保存，进入审计；原始数据不改，操作随时可撤销。"),
    )

    def __init__(self, *args: Any, point: Point, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["series"]
        assert isinstance(field, forms.ChoiceField)
        keys = sorted((s.key.item, s.key.grain, s.key.statistic) for s in readings().series_of_points([point.code]))
        field.choices = [
            (f"{item}/{statistic}/{grain}", _series_words(item, statistic, grain)) for item, grain, statistic in keys
        ]

    def given(self) -> dict[str, Any]:
        """The arguments of the action."""
        data = dict(self.cleaned_data)
        item, statistic, grain = data.pop("series").split("/")
        return data | {"item": item, "statistic": statistic, "grain": grain}
