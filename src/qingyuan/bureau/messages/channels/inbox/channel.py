from __future__ import annotations

from qingyuan.bureau.messages.channels import Channel

CHANNEL = Channel("inbox", "站内")
