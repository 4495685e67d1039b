from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base import display
from qingyuan.bureau.base.choice_words import words_of
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.monitoring.models import ExportJob
from qingyuan.bureau.registers.policies import visible_points

GRAINS = (("hour", _("小时")), ("day", _("日")), ("minute", _("分钟")), ("raw", _("瞬时")))
CHECKLIST = {"class": "checklist"}
MOMENT = {"type": "datetime-local"}


class ExportForm(forms.Form):
    """Which readings, over which span, as what file, as known when."""

    points = forms.MultipleChoiceField(
        label=_("点位"), widget=forms.CheckboxSelectMultiple(attrs=CHECKLIST), help_text=_("可选多个。")
    )
    items = forms.MultipleChoiceField(
        label=_("项目"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=CHECKLIST),
        help_text=_("不选为全部项目。"),
    )
    start = forms.DateTimeField(label=_("起"), widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M"))
    end = forms.DateTimeField(label=_("止（不含）"), widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M"))
    grain = forms.ChoiceField(label=_("间隔"), choices=words_of(GRAINS))
    form = forms.ChoiceField(label=_("格式"), choices=words_of(ExportJob.Form.choices))
    as_of = forms.DateTimeField(
        label=_("截至"),
        required=False,
        widget=forms.DateTimeInput(attrs=MOMENT),
        help_text=_("只按该时刻之前收到的数据；空为现在。"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(visible_points(user).order_by("kind", "name").values_list("code", "name"))
        names = sorted({s.key.item for s in readings().series_of_points([code for code, _name in rows])})
        for field, choices in (("points", rows), ("items", [(i, display.item_name(i)) for i in names])):
            chosen = self.fields[field]
            assert isinstance(chosen, forms.MultipleChoiceField)
            chosen.choices = choices
