"""Where things are and how they are set: environment first, then `settings.toml` in the data folder, then defaults."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]


def data_dir() -> Path:
    """The data folder: `QINGYUAN_DATA_DIR`, else `data` in the checkout."""
    return Path(os.environ.get("QINGYUAN_DATA_DIR") or REPOSITORY / "data").expanduser().resolve()


def shared_dir() -> Path:
    """The folder of shared facts and data: `QINGYUAN_SHARED`, relative to the repository's root."""
    return (REPOSITORY / os.environ.get("QINGYUAN_SHARED", "../shared")).resolve()


def _file_settings() -> dict[str, Any]:
    path = data_dir() / "settings.toml"
    if not path.is_file():
        return {}
    with path.open("rb") as handle:
        return tomllib.load(handle)


@dataclass(frozen=True)
class Setting:
    """One setting: its key in `settings.toml` (`section.name`), its environment name, its default."""

    key: str
    default: str = ""

    @property
    def environment_name(self) -> str:
        """`tls.certificate` becomes `QINGYUAN_TLS_CERTIFICATE`."""
        return "QINGYUAN_" + self.key.replace(".", "_").upper()

    def get(self) -> str:
        """The value in force, as text."""
        if self.environment_name in os.environ:
            return os.environ[self.environment_name]
        section, _, name = self.key.partition(".")
        value = _file_settings().get(section, {}).get(name, self.default)
        return str(value)

    def is_on(self) -> bool:
        """Whether the value says yes."""
        return self.get().lower() in {"1", "true", "yes"}


TLS_CERTIFICATE = Setting("tls.certificate")
TLS_KEY = Setting("tls.key")
ALLOWED_HOSTS = Setting("web.hosts", "*")
GATEWAY_NETWORKS = Setting("gateway.networks")
GATEWAY_TLS = Setting("gateway.tls", "false")
GATEWAY_MAX_CONNECTIONS = Setting("gateway.max_connections", "10000")
GATEWAY_IDLE_SECONDS = Setting("gateway.idle_seconds", "1800")
GATEWAY_ONLY_KNOWN = Setting("gateway.only_known", "false")
GATEWAY_MAX_WAITING = Setting("gateway.max_waiting", "1000")
GATEWAY_MAX_SERIES = Setting("gateway.max_series", "200")
GATEWAY_STATION_RATE = Setting("gateway.station_rate", "50")
GATEWAY_CONNECTION_RATE = Setting("gateway.connection_rate", "2000")
GATEWAY_SEGMENT_BYTES = Setting("gateway.segment_bytes", "4096")
GATEWAY_GARBAGE_BYTES = Setting("gateway.garbage_bytes", "65536")
GATEWAY_FRAME_SECONDS = Setting("gateway.frame_seconds", "60")
GATEWAY_KEEPALIVE_SECONDS = Setting("gateway.keepalive_seconds", "60")
JOURNAL_MIN_FREE_MB = Setting("journal.min_free_mb", "64")
PLACE = Setting("bureau.place")
READINGS_DATABASE_URL = Setting("readings.database_url")
INFORMANT_ROLES = Setting("accounts.informants", "director,chief")
STUCK_SECONDS = Setting("supervisor.stuck_seconds", "180")
EXPORT_KEEP_DAYS = Setting("exports.keep_days", "7")
COUNTY_NAME = Setting("bureau.county", "")
