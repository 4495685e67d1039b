from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class AcknowledgeForm(forms.Form):
    """What was found when the alert was taken."""

    note = forms.CharField(
        label=_("处理说明"),
        max_length=300,
        widget=forms.Textarea(
            attrs={"rows": 3, "placeholder": _("如：已电话联系企业，反映正在检修，要求 1 小时内回复。")}
        ),
    )
