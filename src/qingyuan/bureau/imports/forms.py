from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.bureau.imports.queries import profiles

MAP, AUTO = "", "auto"


class UploadForm(forms.Form):
    """A file and how to read it."""

    file = forms.FileField(label=_("文件"), help_text=_("CSV、CSV.gz、Excel、Parquet；UTF-8 或 GB18030。"))
    profile = forms.ChoiceField(label=_("读法"), required=False)
    dry_run = forms.BooleanField(label=_("先试运行，不写入"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        saved = [(p["name"], p["title"] if p["built_in"] else f"{p['name']} v{p['version']}") for p in profiles()]
        field = self.fields["profile"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(MAP, _("看过列名，自己对应")), *saved]


class LimitsForm(forms.Form):
    """A list of permits' limits."""

    file = forms.FileField(label=_("许可限值清单"), help_text=_("Excel 或 CSV，一行一个排放口的一个项目。"))


class DevicesForm(forms.Form):
    """The list of devices and limits."""

    file = forms.FileField(label=_("设备、因子、限值清单"), help_text=_("Excel 或 CSV，一行一个因子。"))
    dry_run = forms.BooleanField(label=_("先试运行，不写入"), required=False, initial=True)
