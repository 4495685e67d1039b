"""What the gateway last wrote of stations and addresses."""

from __future__ import annotations

from typing import Any

from qingyuan import process
from qingyuan.intake.ledger import LEDGER_FILE


def ledger() -> dict[str, Any]:
    """Counts by station and by address, and who is connected; empty if it never ran."""
    return process.read_json(process.run_dir() / LEDGER_FILE) or {"stations": {}, "peers": {}, "connected": []}
