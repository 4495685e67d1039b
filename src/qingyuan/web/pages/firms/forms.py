from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from qingyuan.bureau.base import display
from qingyuan.bureau.base.choice_words import words_of
from qingyuan.bureau.line.actions.ask import MOST_WORDS
from qingyuan.bureau.line.models import Follow
from qingyuan.bureau.line.queries.policy import Policy
from qingyuan.bureau.registers.models import Meter
from qingyuan.bureau.values.queries.tag_kinds import TagKind
from qingyuan.web.upload import UploadsField

LOCAL = "%Y-%m-%dT%H:%M"


def _instant(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
    return forms.DateTimeField(label=label, widget=widget, input_formats=[LOCAL])


def kind_words(kind: TagKind) -> str:
    """A tag with what it covers: 启炉（NOₓ，4 小时内）."""
    if kind.rule is None:
        return kind.name
    said = [display.item_symbol(i) for i in kind.rule.items if i != "*"]
    if kind.rule.limit_hours is not None:
        said.append(_now("%(n)d 小时内") % {"n": kind.rule.limit_hours})
    return _now(kind.name) + (f"（{'，'.join(said)}）" if said else "")


class TagForm(forms.Form):
    """What a stretch of an outlet's data is, and what shows it."""

    kind = forms.ChoiceField(label=_("标记"))
    item = forms.ChoiceField(label=_("监测项目"), required=False)
    start = _instant(_("起"))
    end = _instant(_("止"))
    note = forms.CharField(label=_("说明"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    files = UploadsField(  # type: ignore[assignment]  # the form's own `files` are the uploaded ones
        label=_("证明材料"),
        required=False,
        help_text=_("如检修记录、停炉操作票、DCS 截图；可稍后补充，按内容识别类型，原样留存并记摘要。"),
    )

    def __init__(self, *args: Any, kinds: list[TagKind], items: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, item = self.fields["kind"], self.fields["item"]
        assert isinstance(kind, forms.ChoiceField)
        assert isinstance(item, forms.ChoiceField)
        kind.choices = [(k.name, kind_words(k)) for k in kinds]
        item.choices = [("", _("全部项目")), *((i, display.item_name(i)) for i in items)]


class PolicyForm(forms.Form):
    """What is asked of devices without a person; an empty figure takes that of the rule tables."""

    time_sync = forms.BooleanField(label=_("自动校时"), required=False)
    fetch_history = forms.BooleanField(label=_("自动补取缺数"), required=False)
    drift_s = forms.IntegerField(label=_("钟差超过多少秒才校时"), required=False, min_value=1)
    back_days = forms.IntegerField(label=_("只补取多少天以内的缺数"), required=False, min_value=1)

    def __init__(self, *args: Any, rule: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["drift_s"].widget.attrs["placeholder"] = f"{rule.drift_s:g}"
        self.fields["back_days"].widget.attrs["placeholder"] = str(rule.back.days)


class FollowForm(forms.Form):
    """Whether a device differs from what holds for the installation."""

    time_sync = forms.ChoiceField(label=_("校时"), choices=words_of(Follow.choices), required=False)
    fetch_history = forms.ChoiceField(label=_("补取缺数"), choices=words_of(Follow.choices), required=False)


class TimeForm(forms.Form):
    """Why a device's clock is set now."""

    reason = forms.CharField(label=_("缘由"), max_length=MOST_WORDS, required=False)


class FetchForm(forms.Form):
    """Which stored data a device is to send now."""

    grain = forms.ChoiceField(
        label=_("数据"), choices=[("hour", _("小时数据")), ("minute", _("分钟数据")), ("day", _("日数据"))]
    )
    since = _instant(_("起"))
    until = _instant(_("止"))
    reason = forms.CharField(label=_("缘由"), max_length=MOST_WORDS, required=False)


class AdoptForm(forms.Form):
    """At which point a waiting station is taken into use; empty: at a new one named after it."""

    point = forms.ChoiceField(label=_("点位"), required=False)

    def __init__(self, *args: Any, likely: list[tuple[str, str]], others: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        point = self.fields["point"]
        assert isinstance(point, forms.ChoiceField)
        choices: list[Any] = [("", _now("新建以 MN 命名的点位，以后再归属"))]
        if likely:
            choices.append((_now("可能是"), likely))
        if others:
            choices.append((_now("其他点位"), others))
        point.choices = choices


class SupplyForm(forms.Form):
    """Material for a tag that was made before."""

    note = forms.CharField(label=_("说明"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    files = UploadsField(label=_("证明材料"), required=False)  # type: ignore[assignment]


class CheckForm(forms.Form):
    """The bureau's decision on a tag; `seen` is the newest event that the page showed."""

    verdict = forms.CharField(widget=forms.HiddenInput, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("理由"),
        max_length=300,
        required=False,
        help_text=_("不予认可、要求补充材料时须写，企业会看到。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class MeterForm(forms.Form):
    """Which meter of the firm stands for what of the outlet."""

    meter = forms.ChoiceField(label=_("用电监控点"))
    unit = forms.ChoiceField(label=_("用途"), choices=words_of(Meter.Unit.choices))

    def __init__(self, *args: Any, meters: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        meter = self.fields["meter"]
        assert isinstance(meter, forms.ChoiceField)
        meter.choices = meters
