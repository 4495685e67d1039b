from __future__ import annotations

from django.conf import settings
from django.db import models


class Follow(models.TextChoices):
    """Whether a device follows what holds for the installation."""

    INSTALLATION = "", "随全局"
    ON = "on", "开"
    OFF = "off", "关"


class Device(models.Model):
    """A data logger that speaks HJ 212 under one MN."""

    class State(models.TextChoices):
        ACTIVE = "active", "在用"
        WAITING = "waiting", "待认领"
        RETIRED = "retired", "停用"

    mn = models.CharField("MN", max_length=40, unique=True)
    point = models.ForeignKey(
        "registers.Point", on_delete=models.PROTECT, null=True, blank=True, related_name="devices"
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
    point = models.ForeignKey("registers.Point", on_delete=models.PROTECT, related_name="channels")
    item = models.CharField("监测项目", max_length=40)
    unit = models.CharField("单位", max_length=20, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "factor_code"], name="one_channel")]

    def __str__(self) -> str:
        return f"{self.device.mn}/{self.factor_code}"
