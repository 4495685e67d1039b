from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingyuan.bureau.accounts.models import Area, User
from qingyuan.bureau.base.choice_words import words_of
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.cases.queries.choices import Choice
from qingyuan.bureau.cases.queries.definition import kind_choices
from qingyuan.bureau.cases.queries.informants import secrets_of, without
from qingyuan.bureau.cases.queries.open_verbs import CaseAction, FieldSpec
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.clock import BEIJING
from qingyuan.web.answering import local_areas
from qingyuan.web.upload import UploadsField

LOCAL = "%Y-%m-%dT%H:%M"


def instant_field(label: Any, required: bool, **kwargs: Any) -> forms.DateTimeField:
    """An instant in Beijing time, to the minute."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
    return forms.DateTimeField(label=label, required=required, widget=widget, input_formats=[LOCAL], **kwargs)


class LeadForm(forms.Form):
    """Place, what, who, photo."""

    title = forms.CharField(
        label=_("发现了什么"),
        max_length=200,
        widget=forms.TextInput(attrs={"data-wide": True, "placeholder": _("一句话，如：河道有异味，水面发白")}),
    )
    description = forms.CharField(
        label=_("情况"), required=False, widget=forms.Textarea(attrs={"rows": 4, "data-wide": True})
    )
    files = UploadsField(  # type: ignore[assignment]  # the form's own `files` are the uploaded ones
        label=_("照片、文件"), required=False, help_text=_("可不附；按内容识别类型，原样留存并记摘要。")
    )
    place = forms.CharField(label=_("地点"), max_length=200, required=False, help_text=_("写明地点，或在地图上点选。"))
    area: forms.ModelChoiceField[Area] = forms.ModelChoiceField(label=_("区域"), queryset=None, required=False)
    point: forms.ModelChoiceField[Point] = forms.ModelChoiceField(
        label=_("相关点位"), queryset=None, required=False, to_field_name="code", help_text=_("不确定就不选。")
    )
    occurred_at = instant_field(_("发生时间"), False, help_text=_("空 = 现在。"))
    reporter = forms.CharField(
        label=_("反映人"),
        max_length=100,
        required=False,
        help_text=_("空 = 登记人本人。姓名和电话另存，页面和记录都不显示。"),
    )
    reporter_phone = forms.CharField(
        label=_("联系电话"), max_length=40, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas, points = self.fields["area"], self.fields["point"]
        assert isinstance(areas, forms.ModelChoiceField)
        assert isinstance(points, forms.ModelChoiceField)
        areas.queryset = local_areas(user)
        points.queryset = visible_points(user).order_by("kind", "name")


class DismissForm(forms.Form):
    """No case, and why."""

    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class LeadField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A lead by its number and its title as everybody may read it."""

    def label_from_instance(self, obj: Any) -> str:
        """XS2026-0001 河面发白."""
        return f"{obj.number} {without(obj.title, secrets_of([obj]))}"


class RevealForm(forms.Form):
    """Why the informant must be known."""

    reason = forms.CharField(label=_("查看理由"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class TakeForm(forms.Form):
    """Who decides the lead."""

    owner = forms.ChoiceField(label=_("研判人"), widget=forms.Select(attrs={"data-find": True}))

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)
        owner.choices = [(p.username, f"{p}（{p.organisation}）" if p.organisation else str(p)) for p in people]


class MergeForm(forms.Form):
    """The same matter as another lead."""

    into: forms.ModelChoiceField[Lead] = LeadField(
        label=_("并入线索"), queryset=None, to_field_name="number", widget=forms.Select(attrs={"data-find": True})
    )
    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, leads: QuerySet[Lead], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        into = self.fields["into"]
        assert isinstance(into, forms.ModelChoiceField)
        into.queryset = leads


class OpenCaseForm(forms.Form):
    """A case of this lead: kind, reason, and the order number if it came from above."""

    kind = forms.ChoiceField(label=_("案件类别"), choices=words_of(kind_choices()))
    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    upper_system = forms.CharField(label=_("上级系统"), max_length=60, required=False)
    upper_order_number = forms.CharField(label=_("上级交办单号"), max_length=60, required=False)
    upper_deadline = instant_field(_("上级期限"), False)


FEW = 12


def _grouped(choices: Sequence[Choice]) -> list[tuple[str, Any]]:
    """Choices under their headings; those without one stand alone."""
    found: list[tuple[str, Any]] = []
    for value, label, group in choices:
        heading = gettext(group) if group else ""
        if not group:
            found.append((value, gettext(label)))
        elif found and found[-1][0] == heading:
            found[-1][1].append((value, label))
        else:
            found.append((heading, [(value, label)]))
    return found


def _plain_field(spec: FieldSpec, label: str) -> forms.Field:
    if spec.kind == "textarea":
        area = forms.Textarea(attrs={"rows": 3, "data-wide": True})
        return forms.CharField(label=label, required=spec.required, widget=area)
    if spec.kind in {"select", "organisation", "user"}:
        return forms.ChoiceField(
            label=label,
            required=spec.required,
            choices=[("", "—"), *_grouped(spec.choices)],
            widget=forms.Select(attrs={"data-find": True} if len(spec.choices) > FEW else {}),
        )
    if spec.kind == "date":
        return forms.DateField(label=label, required=spec.required, widget=forms.DateInput(attrs={"type": "date"}))
    if spec.kind == "file":
        return UploadsField(label=label, required=spec.required)
    return forms.CharField(label=label, required=spec.required, max_length=200)


def _case_field(spec: FieldSpec, case: Case) -> forms.Field:
    label = _(spec.label)
    if spec.kind == "datetime":
        return instant_field(label, spec.required, initial=case.deadline_at and case.deadline_at.astimezone(BEIJING))
    if spec.name == "owner" and case.owner is not None:
        field = _plain_field(spec, str(label))
        field.initial = case.owner.code
        return field
    return _plain_field(spec, str(label))


class ActionForm(forms.Form):
    """The inputs of one action of a case, made from its definition; `revision` is the one the person saw."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, action: CaseAction, case: Case, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"revision": case.revision})
        kwargs.setdefault("auto_id", f"{action.verb}_%s")
        super().__init__(*args, **kwargs)
        self.action = action
        for spec in action.fields:
            self.fields[spec.name] = _case_field(spec, case)

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields that a person fills in."""
        return [self[name] for name in self.fields if name != "revision"]

    def given(self) -> dict[str, Any]:
        """What was typed, without revision, note and files."""
        return {k: v for k, v in self.cleaned_data.items() if k not in {"revision", "note", "files"} and v}
