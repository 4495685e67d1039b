from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.bureau import display

LOCAL = "%Y-%m-%dT%H:%M"


def _instant(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
    return forms.DateTimeField(label=label, widget=widget, input_formats=[LOCAL])


class TagForm(forms.Form):
    """What a stretch of an outlet's data is."""

    kind = forms.ChoiceField(label=_("标记"))
    item = forms.ChoiceField(label=_("监测项目"), required=False)
    start = _instant(_("起"))
    end = _instant(_("止"))
    note = forms.CharField(label=_("说明"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, items: list[str], kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, item = self.fields["kind"], self.fields["item"]
        assert isinstance(kind, forms.ChoiceField)
        assert isinstance(item, forms.ChoiceField)
        kind.choices = [(name, name) for name in kinds]
        item.choices = [("", _("全部项目")), *((i, display.item_name(i)) for i in items)]
