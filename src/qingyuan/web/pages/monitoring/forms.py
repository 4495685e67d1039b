from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.bureau.accounts.models import Area, User
from qingyuan.bureau.accounts.policies.rights import visible_areas
from qingyuan.bureau.base.choice_words import words_of
from qingyuan.bureau.indicators.queries.words import entered, units
from qingyuan.bureau.registers.models import Point, RosterEntry, SectionTarget
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.clock import BEIJING
from qingyuan.rules import LIMIT_CLASSES, rule_book

DATE = {"type": "date"}


class IssuedForm(forms.Form):
    """A figure as a higher authority issued it, or a target it set."""

    indicator = forms.ChoiceField(label=_("指标"), choices=words_of(entered()))
    value = forms.CharField(label=_("数值"), max_length=40, help_text=_("照文件写；水质类别写 Ⅲ 这样的罗马数字。"))
    area: forms.ModelChoiceField[Area] = forms.ModelChoiceField(label=_("区域"), queryset=None, required=False)
    point: forms.ModelChoiceField[Point] = forms.ModelChoiceField(
        label=_("点位"), queryset=None, required=False, to_field_name="code", help_text=_("区域和点位填一个。")
    )
    first_day = forms.DateField(label=_("首日"), widget=forms.DateInput(attrs=DATE))
    last_day = forms.DateField(label=_("末日"), widget=forms.DateInput(attrs=DATE))
    issuer = forms.CharField(label=_("发布单位"), max_length=100)
    document = forms.CharField(label=_("文号"), max_length=120, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas, points = self.fields["area"], self.fields["point"]
        assert isinstance(areas, forms.ModelChoiceField)
        assert isinstance(points, forms.ModelChoiceField)
        areas.queryset = visible_areas(user)
        points.queryset = visible_points(user).filter(kind__in=["air", "water"]).order_by("kind", "name")

    def clean(self) -> dict[str, Any]:
        """A target is a number; a period is in order."""
        data = super().clean() or self.cleaned_data
        if str(data.get("indicator", "")) in units() and "value" in data:
            try:
                float(data["value"])
            except ValueError:
                self.add_error("value", _("得到“%(value)s”，应为数字") % {"value": data["value"]})
        return data

    def given(self) -> dict[str, Any]:
        """The arguments of the action: days become an interval in Beijing time, its end exclusive."""
        data = dict(self.cleaned_data)
        first, last = data.pop("first_day"), data.pop("last_day")
        start = datetime.combine(first, time.min, BEIJING)
        end = datetime.combine(last + timedelta(days=1), time.min, BEIJING)
        return data | {"start": start, "end": end, "unit": units().get(data["indicator"], "")}


class TargetForm(forms.Form):
    """A section's target of one kind from a day on."""

    kind = forms.ChoiceField(label=_("类别"), choices=words_of(SectionTarget.Kind.choices))
    water_class = forms.ChoiceField(label=_("目标类别"))
    valid_from = forms.DateField(label=_("起"), widget=forms.DateInput(attrs=DATE))
    basis = forms.CharField(label=_("依据"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["water_class"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, rule_book().water_class(name).name_zh) for name in LIMIT_CLASSES]


class RosterForm(forms.Form):
    """The point counts in a roster from a day to a day (exclusive)."""

    roster = forms.ChoiceField(label=_("名册"), choices=words_of(RosterEntry.Roster.choices))
    valid_from = forms.DateField(label=_("起"), widget=forms.DateInput(attrs=DATE))
    valid_to = forms.DateField(
        label=_("止"), required=False, widget=forms.DateInput(attrs=DATE), help_text=_("止日当天不算；空 = 一直有效。")
    )
    basis = forms.CharField(label=_("依据"), max_length=200, required=False)


class StopForm(forms.Form):
    """A time in which no data is expected."""

    start = forms.DateTimeField(label=_("起"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    end = forms.DateTimeField(label=_("止"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    reason = forms.CharField(label=_("原因"), max_length=200, help_text=_("停运期间没有数据不算中断，也不计入应有数。"))
