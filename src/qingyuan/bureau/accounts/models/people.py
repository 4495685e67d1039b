from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Role(models.TextChoices):
    """What a person does in the bureau or beside it. Capabilities per role: `policies.CAPABILITIES`."""

    DIRECTOR = "director", "局领导"
    MONITORING = "monitoring", "监测人员"
    CHIEF = "chief", "科室负责人"
    OFFICER = "officer", "执法人员"
    TOWN = "town", "镇街网格人员"
    ENTERPRISE = "enterprise", "企业"
    OPERATOR = "operator", "运维单位"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"
    SETUP = "setup", "初始账号"


class UserManager(BaseUserManager["User"]):
    """Creates users; the action `accounts.actions.create_user` is what other code calls."""

    def get_queryset(self) -> models.QuerySet[User]:
        """With their organisations: every page names it."""
        return super().get_queryset().select_related("organisation")

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A user with a hashed password; without a password the account cannot sign in."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person or a machine account."""

    username = models.CharField("用户名", max_length=64, unique=True)
    display_name = models.CharField("姓名", max_length=64)
    organisation = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="users",
        verbose_name="单位",
    )
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    language = models.CharField("语言", max_length=10, default="zh-hans")
    created_at = models.DateTimeField("建立时间")

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["username"]

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        """The name shown on pages."""
        return self.display_name


class RoleAssignment(models.Model):
    """A role held by a user in an area (with everything below it), from a day to a day (exclusive)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    area = models.ForeignKey("accounts.Area", on_delete=models.PROTECT, null=True, blank=True, verbose_name="区域")
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "area", "valid_from"], name="one_role_assignment")
        ]

    def __str__(self) -> str:
        return f"{self.user.username}: {self.role}"


class ApiToken(models.Model):
    """A bearer token for the API. Only its digest is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField("用途", max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField("范围", default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user.username}: {self.name}"

    def is_live(self, at: datetime) -> bool:
        """Neither revoked nor past its end."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)
