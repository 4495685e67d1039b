"""Property tests here are repeatable and never timed."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("science", deadline=None, derandomize=True)
settings.load_profile("science")
