from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.bureau.accounts.models import Area
from qingyuan.bureau.base.choice_words import words_of
from qingyuan.bureau.monitoring.queries.imports import profiles
from qingyuan.bureau.registers.models import Point, RosterEntry
from qingyuan.web.upload import PLACES, READINGS, UploadField

MAP, AUTO = "", "auto"


class UploadForm(forms.Form):
    """A file and how to read it."""

    file = UploadField(READINGS, label=_("文件"), help_text=_("CSV、CSV.gz、Excel、Parquet、JSON；UTF-8 或 GB18030。"))
    profile = forms.ChoiceField(label=_("读法"), required=False)
    dry_run = forms.BooleanField(label=_("先试运行，不写入"), required=False, initial=True)
    new_points = forms.BooleanField(
        label=_("新建点位"), required=False, help_text=_("文件里没有登记的点位照样导入，并登记为新点位。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        saved = [(p["name"], p["title"] if p["built_in"] else f"{p['name']} v{p['version']}") for p in profiles()]
        field = self.fields["profile"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(MAP, _("看过列名，自己对应")), *saved]


class UndoForm(forms.Form):
    """Why an import is taken back."""

    reason = forms.CharField(label=_("原因"), max_length=200)


class LimitsForm(forms.Form):
    """A list of permits' limits."""

    file = UploadField(label=_("许可限值清单"), help_text=_("Excel 或 CSV，一行一个排放口的一个项目。"))


class KeptFileForm(forms.Form):
    """A file that is looked at first and kept by a second click, for which it need not be sent again."""

    file: UploadField

    def __init__(self, *args: Any, is_kept: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].required = not is_kept


class PointsForm(KeptFileForm):
    """A list of points, and what holds for rows that do not say it."""

    file = UploadField(
        PLACES,
        label=_("点位清单"),
        help_text=_("Excel、CSV、GeoJSON、KML 或 zip 的 shapefile，一行一个点位。"),
        required=False,
    )
    kind = forms.ChoiceField(label=_("点位类别"), required=False, help_text=_("清单没有“点位类别”列时用。"))
    roster = forms.ChoiceField(label=_("一并列入名册"), required=False)
    since = forms.DateField(label=_("名册起"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("名册止"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds, rosters = self.fields["kind"], self.fields["roster"]
        assert isinstance(kinds, forms.ChoiceField)
        assert isinstance(rosters, forms.ChoiceField)
        known = [(k, w) for k, w in Point.Kind.choices if k != Point.Kind.UNKNOWN]
        kinds.choices = words_of([("", _("按清单")), *known])
        rosters.choices = words_of([("", "—"), *RosterEntry.Roster.choices])


class PointForm(forms.Form):
    """One point, entered by hand: what a row of the list holds."""

    code = forms.CharField(label=_("点位编码"), max_length=60)
    name = forms.CharField(label=_("点位名称"), max_length=100)
    kind = forms.ChoiceField(label=_("点位类别"))
    area: forms.ModelChoiceField[Area] = forms.ModelChoiceField(
        label=_("区域"), queryset=Area.objects.all(), required=False, help_text=_("空 = 按坐标看在哪个区域里。")
    )
    lon = forms.CharField(label=_("经度"), max_length=40, required=False, help_text=_("十进制度，或度分秒。"))
    lat = forms.CharField(label=_("纬度"), max_length=40, required=False)
    roster = forms.ChoiceField(label=_("名册"), required=False)
    roster_from = forms.DateField(label=_("名册起"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    target = forms.CharField(label=_("目标类别"), max_length=4, required=False, help_text=_("只用于断面，如 Ⅲ。"))
    expected_minutes = forms.CharField(
        label=_("应到间隔（分钟）"), max_length=6, required=False, help_text=_("空 = 没有；接入设备时按设备定。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds, rosters = self.fields["kind"], self.fields["roster"]
        assert isinstance(kinds, forms.ChoiceField)
        assert isinstance(rosters, forms.ChoiceField)
        kinds.choices = [(Point.Kind.AIR.value, _("空气站")), (Point.Kind.WATER.value, _("断面"))]
        rosters.choices = words_of([("", "—"), *RosterEntry.Roster.choices])

    def row(self) -> dict[str, str]:
        """As a row of a list."""
        said = dict(self.cleaned_data)
        if area := said.pop("area"):
            said["area"] = area.code
        return {key: str(value) for key, value in said.items() if value not in ("", None)}


class RosterByAreaForm(forms.Form):
    """All points of one kind in an area are listed from a day on."""

    area: forms.ModelChoiceField[Area] = forms.ModelChoiceField(label=_("区域"), queryset=Area.objects.all())
    roster = forms.ChoiceField(label=_("名册"), choices=words_of(RosterEntry.Roster.choices))
    since = forms.DateField(label=_("起"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("止"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    basis = forms.CharField(label=_("依据"), max_length=200, required=False)


class EnterprisesForm(KeptFileForm):
    """A list of firms."""

    file = UploadField(label=_("企业清单"), help_text=_("Excel 或 CSV，一行一家，如重点排污单位名录。"), required=False)


class BoundaryForm(KeptFileForm):
    """Boundaries, and their level where they do not say it."""

    file = UploadField(
        PLACES,
        label=_("边界"),
        help_text=_("GeoJSON、KML 或 zip 的 shapefile 的面；县域和镇街可在一个文件。"),
        required=False,
    )
    kind = forms.ChoiceField(
        label=_("级别"), required=False, choices=words_of([("", _("按代码和名称")), *Area.Kind.choices])
    )


class PeopleForm(KeptFileForm):
    """A list of people who are to have accounts."""

    file = UploadField(label=_("人员清单"), help_text=_("Excel 或 CSV，一行一个人。"), required=False)


class DevicesForm(forms.Form):
    """The list of devices and limits."""

    file = UploadField(label=_("设备、因子、限值清单"), help_text=_("Excel 或 CSV，一行一个因子。"))
    dry_run = forms.BooleanField(label=_("先试运行，不写入"), required=False, initial=True)
    new_places = forms.BooleanField(
        label=_("登记还没有的企业"),
        required=False,
        help_text=_("不选时，没有登记的企业名称先留在排放口上，企业登记后自动匹配。"),
    )
