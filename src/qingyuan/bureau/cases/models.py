from __future__ import annotations

from django.conf import settings
from django.db import models

USER = settings.AUTH_USER_MODEL


class Lead(models.Model):
    """Something that may deserve work: from an alert, a finding, a person, or an area investigation."""

    class Source(models.TextChoices):
        ALERT = "alert", "预警"
        FINDING = "finding", "超标判定"
        MANUAL = "manual", "人工上报"
        INVESTIGATION = "investigation", "区域研判"
        UPPER = "upper", "上级交办"

    class State(models.TextChoices):
        NEW = "new", "待研判"
        CASE = "case", "已立案件"
        DISMISSED = "dismissed", "不予立案"
        MERGED = "merged", "已并入"

    number = models.CharField("编号", max_length=30, unique=True)
    source = models.CharField("来源", max_length=15, choices=Source.choices)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.NEW)
    title = models.CharField("事项", max_length=200)
    description = models.TextField("情况", blank=True)
    place = models.CharField("地点", max_length=200, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    area = models.ForeignKey("accounts.Area", on_delete=models.PROTECT, null=True, blank=True, verbose_name="区域")
    point = models.ForeignKey("registers.Point", on_delete=models.PROTECT, null=True, blank=True, related_name="leads")
    reporter = models.CharField("反映人", max_length=100, blank=True)
    reporter_phone = models.CharField("联系电话", max_length=40, blank=True)
    occurred_at = models.DateTimeField("发生时间")
    created_at = models.DateTimeField("登记时间")
    created_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="leads_to_decide", verbose_name="研判人"
    )
    due_at = models.DateTimeField("研判期限", null=True, blank=True)
    alert = models.OneToOneField("alerts.Alert", on_delete=models.PROTECT, null=True, blank=True, related_name="lead")
    finding = models.OneToOneField(
        "judging.Finding", on_delete=models.PROTECT, null=True, blank=True, related_name="lead"
    )
    parent_case = models.ForeignKey("Case", on_delete=models.PROTECT, null=True, blank=True, related_name="child_leads")
    case = models.ForeignKey("Case", on_delete=models.PROTECT, null=True, blank=True, related_name="leads")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")
    must_handle = models.BooleanField(
        "不得不予立案", default=False, help_text="statutory exceedance or superior's order"
    )
    decision_reason = models.CharField("研判理由", max_length=500, blank=True)
    decided_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("研判时间", null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Case(models.Model):
    """Work with an owner, a deadline and an outcome. Its states come from a declarative definition, kept by version."""

    number = models.CharField("编号", max_length=30, unique=True)
    kind = models.CharField("类别", max_length=30, help_text="a kind declared in cases/kinds")
    definition_version = models.PositiveIntegerField("流程版本")
    state = models.CharField("状态", max_length=20)
    title = models.CharField("事项", max_length=200)
    area = models.ForeignKey("accounts.Area", on_delete=models.PROTECT, null=True, blank=True, verbose_name="区域")
    point = models.ForeignKey("registers.Point", on_delete=models.PROTECT, null=True, blank=True, related_name="cases")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    ordered_by = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="ordered_cases", verbose_name="交办单位"
    )
    owner = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_cases",
        verbose_name="承办单位",
    )
    assignee = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="cases")
    opened_at = models.DateTimeField("立案时间")
    opened_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    deadline_at = models.DateTimeField("办理期限", null=True, blank=True)
    deadline_rule = models.JSONField(default=dict, help_text="from, working_days, provisional; empty: set by a person")
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    outcome = models.CharField("办理结果", max_length=30, blank=True)
    outcome_note = models.TextField("结果说明", blank=True)
    upper_system = models.CharField("上级系统", max_length=60, blank=True)
    upper_order_number = models.CharField("上级交办单号", max_length=60, blank=True)
    upper_deadline = models.DateTimeField("上级期限", null=True, blank=True)
    upper_reply = models.TextField("回复上级", blank=True)
    revision = models.PositiveIntegerField(default=1, help_text="compare-and-set on every change")

    class Meta:
        ordering = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_deadline_provisional(self) -> bool:
        """Whether the deadline went over days whose holiday plan is not announced."""
        return bool(self.deadline_rule.get("provisional"))


class CaseEvent(models.Model):
    """One line of a case's time line. Never changed."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    verb = models.CharField("动作", max_length=30)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20, blank=True)
    note = models.TextField("说明", blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.verb}"


class Rectification(models.Model):
    """What the responsible body must put right, by when, and the proof that it did."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="rectifications")
    measure = models.CharField("整改措施", max_length=500)
    responsible = models.CharField("责任单位", max_length=100, help_text="the name at the time; old rows: as typed")
    body = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="orders_to_it"
    )
    person = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="orders_to_them")
    due_on = models.DateField("期限")
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    done_note = models.CharField("完成情况", max_length=500, blank=True)

    def __str__(self) -> str:
        return self.measure


class Exhibit(models.Model):
    """Evidence put into a lead or a case, by whom, when, as what."""

    evidence = models.ForeignKey("evidence.Evidence", on_delete=models.PROTECT, related_name="exhibits")
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, null=True, blank=True, related_name="exhibits")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="exhibits")
    title = models.CharField("名称", max_length=200)
    file_name = models.CharField(max_length=200)
    kind = models.CharField("类别", max_length=20, default="file", help_text="file photo readings record")
    captured_at = models.DateTimeField("取得时间", null=True, blank=True)
    added_at = models.DateTimeField("入卷时间")
    added_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return self.title
