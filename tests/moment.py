"""The instant at which tests stand unless they say otherwise."""

from __future__ import annotations

from datetime import UTC, datetime

NOW = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)  # a Saturday, 08:30 in Beijing
