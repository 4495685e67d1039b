"""Django settings. Everything that differs between installations comes from `qingyuan.config`."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from qingyuan import config

DATA_DIR = config.data_dir()
PACKAGE = Path(__file__).resolve().parent


def _secret() -> str:
    path = DATA_DIR / "secret.key"
    if path.is_file():
        return path.read_text().strip()
    return os.environ.get("QINGYUAN_SECRET_KEY") or secrets.token_urlsafe(48)


def _database(url: str) -> dict[str, Any]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(DATA_DIR / "main.sqlite"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;"
                " PRAGMA journal_size_limit=67108864;",
            },
            # A file, also for tests: the browser journeys and the workers open it from several processes.
            "TEST": {"NAME": os.environ.get("QINGYUAN_TEST_SQLITE") or None},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(
            f"QINGYUAN_DATABASE_URL: got scheme {parts.scheme!r}, expected postgresql://user:password@host:port/name"
        )
    asked = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or asked.get("host", ""),
        "PORT": str(parts.port or asked.get("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5},
    }


SECRET_KEY = _secret()
DEBUG = False
ALLOWED_HOSTS = [h.strip() for h in config.ALLOWED_HOSTS.get().split(",") if h.strip()]
DATABASES = {"default": _database(os.environ.get("QINGYUAN_DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

BUREAU_APPS = [
    "qingyuan.bureau.base",
    "qingyuan.bureau.audit",
    "qingyuan.bureau.accounts",
    "qingyuan.bureau.evidence",
    "qingyuan.bureau.sealed",
    "qingyuan.bureau.book",
    "qingyuan.bureau.search",
    "qingyuan.bureau.registers",
    # a folder of registers is an app by lying there
    *(
        f"qingyuan.bureau.registers.{found.parent.name}"
        for found in sorted(PACKAGE.glob("bureau/registers/*/models.py"))
    ),
    "qingyuan.bureau.local",
    "qingyuan.bureau.line",
    "qingyuan.bureau.quality",
    "qingyuan.bureau.monitoring",
    "qingyuan.bureau.values",
    "qingyuan.bureau.judging",
    "qingyuan.bureau.alerts",
    "qingyuan.bureau.cases",
    "qingyuan.bureau.indicators",
    "qingyuan.bureau.reports",
    "qingyuan.bureau.messages",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    *BUREAU_APPS,
    "qingyuan.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "qingyuan.web.middleware.NotKeptMiddleware",
    "qingyuan.web.middleware.LanguageMiddleware",
    "qingyuan.web.middleware.FullDiskMiddleware",
    "qingyuan.web.middleware.PlainTextMiddleware",
    "qingyuan.web.middleware.OutOfCalendarMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "qingyuan.web.middleware.ContentSecurityPolicyMiddleware",
    "qingyuan.web.middleware.SignInRequiredMiddleware",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

ROOT_URLCONF = "qingyuan.urls"
WSGI_APPLICATION = "qingyuan.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "qingyuan.web.context.frame",
            ],
            "builtins": ["qingyuan.web.templatetags.components"],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "qingyuan.bureau.accounts.passwords.UnlikeThePerson"},
    {"NAME": "qingyuan.bureau.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "qingyuan.bureau.accounts.passwords.NotCommon"},
    {"NAME": "qingyuan.bureau.accounts.passwords.NotOnlyDigits"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
_TLS = bool(config.TLS_CERTIFICATE.get())
SESSION_COOKIE_SECURE = _TLS
CSRF_COOKIE_SECURE = _TLS
SECURE_HSTS_SECONDS = 31536000 if _TLS else 0

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("QINGYUAN_LOG_LEVEL", "WARNING")},
    "loggers": {
        "axes": {"level": "ERROR"},
        "django": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
    },
}
