from __future__ import annotations

from django.conf import settings
from django.db import models


class Enterprise(models.Model):
    """A firm under supervision."""

    organisation = models.OneToOneField("places.Organisation", on_delete=models.PROTECT, related_name="enterprise")
    code = models.CharField("统一社会信用代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=100)
    industry = models.CharField("行业", max_length=60, blank=True)
    industry_key = models.CharField("评判口径", max_length=40, blank=True)
    area = models.ForeignKey("places.Area", on_delete=models.PROTECT, null=True, blank=True, verbose_name="区域")
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    permit_class = models.CharField("许可管理类别", max_length=20, blank=True)
    key_unit = models.CharField("重点单位类别", max_length=100, blank=True)
    source_system = models.CharField("上级系统", max_length=60, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Outlet(models.Model):
    """A monitored discharge outlet of a firm, to air or to water."""

    class Medium(models.TextChoices):
        GAS = "gas", "废气"
        WATER = "water", "废水"

    point = models.OneToOneField("monitoring.Point", on_delete=models.CASCADE, related_name="outlet")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, blank=True, related_name="outlets")
    medium = models.CharField("介质", max_length=10, choices=Medium.choices)
    reference_o2 = models.FloatField("基准氧含量 %", null=True, blank=True)
    receiving_node = models.CharField("受纳水体节点", max_length=20, blank=True)

    def __str__(self) -> str:
        return self.point.name


class Follow(models.TextChoices):
    """Whether a device follows what holds for the installation."""

    INSTALLATION = "", "随全局"
    ON = "on", "开"
    OFF = "off", "关"


class Meter(models.Model):
    """An electricity meter on what an outlet serves: the production, or its treatment."""

    class Unit(models.TextChoices):
        PRODUCTION = "production", "生产设施"
        TREATMENT = "treatment", "治理设施"

    point = models.OneToOneField("monitoring.Point", on_delete=models.CASCADE, related_name="meter")
    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="meters")
    unit = models.CharField("用途", max_length=10, choices=Unit.choices)

    class Meta:
        ordering = ["unit", "point__code"]

    def __str__(self) -> str:
        return self.point.name


class Device(models.Model):
    """A data logger that speaks HJ 212 under one MN."""

    class State(models.TextChoices):
        ACTIVE = "active", "在用"
        WAITING = "waiting", "待认领"
        RETIRED = "retired", "停用"

    mn = models.CharField("MN", max_length=40, unique=True)
    point = models.ForeignKey(
        "monitoring.Point", on_delete=models.PROTECT, null=True, blank=True, related_name="devices"
    )
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.ACTIVE)
    system_type = models.CharField("ST", max_length=3, blank=True)
    edition = models.CharField("版本", max_length=4, default="2017")
    crc_dialect = models.CharField("CRC 方言", max_length=20, default="hj")
    minute_seconds = models.PositiveIntegerField("分钟数据间隔（秒）", default=600)
    is_minute_given = models.BooleanField("分钟间隔由人登记", default=False)
    minute_seen = models.PositiveIntegerField("数据时间相隔（秒）", null=True, blank=True)
    hour_seconds = models.PositiveIntegerField("小时数据间隔（秒）", default=3600)
    time_sync = models.CharField("校时", max_length=3, choices=Follow.choices, default=Follow.INSTALLATION, blank=True)
    fetch_history = models.CharField(
        "补取缺数", max_length=3, choices=Follow.choices, default=Follow.INSTALLATION, blank=True
    )
    network = models.CharField("允许的网段", max_length=60, blank=True, help_text="CIDR；空 = 不限")
    adopted_at = models.DateTimeField("认领时间", null=True, blank=True)
    first_seen_at = models.DateTimeField("首次出现", null=True, blank=True)

    class Meta:
        ordering = ["mn"]

    def __str__(self) -> str:
        return self.mn

    @property
    def minute_length(self) -> int:
        """Length of a minute interval [s]: as a person registered it, else as the device's own times show it."""
        return self.minute_seconds if self.is_minute_given else self.minute_seen or self.minute_seconds


class DeviceKey(models.Model):
    """An SM4 key of a device, sealed; the newest is in use, older ones still open what was sent before."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="keys")
    sealed = models.CharField("封存的密钥", max_length=200)
    added_at = models.DateTimeField("登记时间")

    def __str__(self) -> str:
        return f"{self.device.mn} {self.added_at}"


class DeviceCount(models.Model):
    """How often something was met in the messages of a station, registered or not, since it first was."""

    mn = models.CharField("MN", max_length=40)
    kind = models.CharField("偏差或结果", max_length=40)
    count = models.PositiveBigIntegerField("次数", default=0)
    last_at = models.DateTimeField("最近一次")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mn", "kind"], name="one_device_count")]

    def __str__(self) -> str:
        return f"{self.mn} {self.kind} {self.count}"


class DeviceClock(models.Model):
    """How a station's clock stood against ours when it last spoke: request number minus receipt."""

    mn = models.CharField("MN", max_length=40, unique=True)
    drift_s = models.FloatField("钟差（秒）")
    at = models.DateTimeField("收到时间")
    steady_s = models.FloatField("稳定的钟差（秒）", null=True, blank=True)
    steady_count = models.PositiveIntegerField("见到几次", default=0)

    def __str__(self) -> str:
        return f"{self.mn} {self.drift_s}"


class RequestPolicy(models.Model):
    """What the installation asks of devices by itself: one row, all off until a person says otherwise."""

    time_sync = models.BooleanField("自动校时", default=False)
    fetch_history = models.BooleanField("自动补取缺数", default=False)
    drift_s = models.PositiveIntegerField("钟差超过多少秒才校时", null=True, blank=True)
    back_days = models.PositiveIntegerField("只补取多少天以内", null=True, blank=True)
    changed_at = models.DateTimeField("改于", null=True, blank=True)

    def __str__(self) -> str:
        return f"校时 {self.time_sync}，补取 {self.fetch_history}"


class DeviceRequest(models.Model):
    """One request to a device: why, when, and what came of it. Never changed after its end.

    asked_by: the person who asked for it at once; nobody where the policy made it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "待发"
        SENT = "sent", "已发送"
        ACCEPTED = "accepted", "已接受"
        DONE = "done", "已执行"
        EMPTY = "empty", "设备没有数据"
        REFUSED = "refused", "被拒绝"
        FAILED = "failed", "执行失败"
        TIMED_OUT = "timed_out", "超时"
        UNSENT = "unsent", "未发送"

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="requests")
    cn = models.CharField("命令", max_length=4)
    qn = models.CharField("请求编码", max_length=17)
    begin = models.DateTimeField("起", null=True, blank=True)
    end = models.DateTimeField("末一时段", null=True, blank=True)
    wanted = models.PositiveIntegerField("缺几个时段", default=0)
    got = models.PositiveIntegerField("补到几个时段", default=0)
    reason = models.CharField("缘由", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    code = models.IntegerField("应答或执行结果", null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="提出人",
    )
    made_at = models.DateTimeField("提出时间")
    until = models.DateTimeField("保留到")
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)
    answered_at = models.DateTimeField("应答时间", null=True, blank=True)
    executed_at = models.DateTimeField("执行结果时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["device", "qn"], name="one_request_number"),
            models.UniqueConstraint(
                fields=["device"], condition=models.Q(ended_at__isnull=True), name="one_open_request"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device.mn} {self.cn} {self.qn}"


class Channel(models.Model):
    """One factor of a device: which code is which item in which unit, and whose point it is."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="channels")
    factor_code = models.CharField("因子编码", max_length=20)
    point = models.ForeignKey("monitoring.Point", on_delete=models.PROTECT, related_name="channels")
    item = models.CharField("监测项目", max_length=40)
    unit = models.CharField("单位", max_length=20, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "factor_code"], name="one_channel")]

    def __str__(self) -> str:
        return f"{self.device.mn}/{self.factor_code}"


class LimitRows(models.QuerySet["Limit"]):
    """Limits, those taken back among them unless asked for the standing ones."""

    def standing(self) -> LimitRows:
        """Without those that were taken back: their period is empty."""
        return self.exclude(valid_to=models.F("valid_from"))


class Limit(models.Model):
    """The limit that an outlet must keep for an item, from a day to a day (exclusive).

    condition: the tag in whose hours it holds in place of the limit without one; empty: always. An import that was
    taken back leaves its rows with an empty period.
    """

    class Averaging(models.TextChoices):
        HOUR = "hour", "小时均值"
        DAY = "day", "日均值"

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="limits")
    item = models.CharField("监测项目", max_length=40)
    upper = models.DecimalField("上限", max_digits=14, decimal_places=5, null=True, blank=True)
    lower = models.DecimalField("下限", max_digits=14, decimal_places=5, null=True, blank=True)
    unit = models.CharField("单位", max_length=20)
    averaging = models.CharField("评判均值", max_length=5, choices=Averaging.choices)
    statistic = models.CharField("统计量", max_length=10, default="Avg", help_text="Avg 实测；ZsAvg 折算")
    basis = models.CharField("依据", max_length=200)
    condition = models.CharField("工况", max_length=20, blank=True)
    reference_o2 = models.FloatField("基准氧含量 %", null=True, blank=True)
    permit = models.CharField("许可证编号", max_length=60, blank=True)
    standard = models.CharField("执行标准", max_length=60, blank=True)
    source_class = models.CharField("类别", max_length=40, blank=True)
    process = models.CharField("工艺", max_length=60, blank=True)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)

    objects = LimitRows.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["outlet", "item", "averaging", "condition", "valid_from"], name="one_limit_of_condition"
            )
        ]

    def __str__(self) -> str:
        return f"{self.outlet} {self.item} ≤ {self.upper} {self.unit}"


class LimitImport(models.Model):
    """One file of limits that was kept: what each row was before and after, so that it can be taken back."""

    file_name = models.CharField("文件", max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField("行数", default=0)
    changes = models.JSONField("改动", default=list)
    problems = models.JSONField("问题", default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField("导入时间")
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField("撤回时间", null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return self.file_name


class Tag(models.Model):
    """What the enterprise says of a stretch of its data (2022 tag rules), with the bureau's check."""

    class Check(models.TextChoices):
        UNCHECKED = "unchecked", "未核查"
        ASKED = "asked", "待补充材料"
        ACCEPTED = "accepted", "已认可"
        REFUSED = "refused", "不予认可"

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="tags")
    item = models.CharField("监测项目", max_length=40, blank=True, help_text="空 = 全部项目")
    kind = models.CharField("标记", max_length=20, help_text="a name of the rule book's tag table")
    start = models.DateTimeField("起")
    end = models.DateTimeField("止")
    note = models.CharField("说明", max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("标记时间")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    check_state = models.CharField("核查", max_length=10, choices=Check.choices, default=Check.UNCHECKED)
    checked_at = models.DateTimeField("核查时间", null=True, blank=True)
    supplied_at = models.DateTimeField("补充材料时间", null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.outlet} {self.kind}"


class TagEvent(models.Model):
    """What became of a tag after it was made: material supplied, the bureau's check. Never changed."""

    class Verb(models.TextChoices):
        SUPPLIED = "supplied", "补充材料"
        ASKED = "asked", "要求补充材料"
        ACCEPTED = "accepted", "认可"
        REFUSED = "refused", "不予认可"

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="events")
    verb = models.CharField(max_length=10, choices=Verb.choices)
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.verb}"


class TagExhibit(models.Model):
    """A file that the enterprise gave for a tag; the content is kept once under its digest."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="exhibits")
    evidence = models.ForeignKey("cases.Evidence", on_delete=models.PROTECT, related_name="tag_exhibits")
    file_name = models.CharField("文件名", max_length=200)
    added_at = models.DateTimeField("提交时间")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return self.file_name


class KeptEmission(models.Model):
    """Emitted mass of an item of an outlet in a quarter, day by day, as it was worked out up to `until`.

    Kept beside the readings, which say it all again: a page sums days instead of hours. A row without an item says that
    the quarter was worked out at all. `days`: by day of the quarter measured and substituted mass [kg] and the hours of
    each kind, in the order of `figures.emissions.HOWS`.
    """

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="+")
    item = models.CharField(max_length=40, blank=True)
    quarter = models.DateField()
    until = models.DateTimeField()
    rule_digest = models.CharField(max_length=64)
    days = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["outlet", "item", "quarter"], name="one_kept_emission")]

    def __str__(self) -> str:
        return f"{self.outlet_id} {self.item} {self.quarter}"


class EmissionDue(models.Model):
    """An outlet whose emitted mass must be worked out again from a day on."""

    outlet = models.OneToOneField(Outlet, on_delete=models.CASCADE, related_name="+")
    since = models.DateField()

    def __str__(self) -> str:
        return f"{self.outlet_id} {self.since}"
