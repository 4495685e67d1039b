"""What the gateway and the reader of the journal count, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from qingyuan.hj212 import Deviation

DEVIATIONS = {deviation.value: deviation.text_zh for deviation in Deviation}
_REJECTED = "rejected_"
_WORDS = {
    "frames": "数据包", "acknowledged": "已应答", "wrong_network": "来自未登记的网段，未采用",
    "refused_unknown": "未登记，按设置拒收", "refused_network": "不在允许的网段，拒绝连接",
    "refused_too_many": "连接已满，拒绝连接", "not_acknowledged_journal_full": "磁盘将满，没有写入也没有应答",
    "slowed": "超过速率上限，放慢接收", "closed_slow": "半包久不完整，断开", "closed_garbage": "杂乱字节过多，断开",
    "closed_idle": "久无数据，断开", "stored": "已入库", "duplicate": "重复，只存一次", "no_data": "无监测数据",
    "bad_name": "编码或统计量不能作名称，只留原文", "series_full": "新的因子超过上限，只留原文",
    "waiting_full": "待认领的已满，没有列入", "asked": "主动请求", "not_sendable": "请求不能发送",
    "part": "拆包，等其余部分", "part_joined": "拆包，已合并", "part_alone": "拆包，未到齐，按到达的部分使用",
    "unknown_station": "未认领，留存原文", "no_time": "没有数据时间", "clock_off": "设备时钟相差一年以上，未采用",
}  # fmt: skip
HARMLESS = frozenset({"frames", "acknowledged", "asked"})
"""What the gateway counts of a friendly station."""


@dataclass(frozen=True)
class Count:
    """How often something was met. last_at: None where only the number is kept."""

    kind: str
    words: str
    count: int
    last_at: datetime | None = None


def words_of(kind: str) -> str:
    """A count, an outcome or a deviation in words; empty for one that has none."""
    if kind.startswith(_REJECTED):
        why = DEVIATIONS.get(kind.removeprefix(_REJECTED))
        return f"拒收：{why}" if why else ""
    return _WORDS.get(kind) or DEVIATIONS.get(kind, "")


def counts_of(page: Mapping[str, int]) -> list[Count]:
    """The counts of a page of the gateway, the most frequent first."""
    return [Count(kind, words_of(kind), n) for kind, n in sorted(page.items(), key=lambda row: -row[1])]
