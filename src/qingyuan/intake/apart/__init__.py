"""Files that could harm their reader are opened in a process of their own, with limits of memory and time."""

from __future__ import annotations
