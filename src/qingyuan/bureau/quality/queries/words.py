"""What outcomes, rules and operations are called on pages."""

from __future__ import annotations

PERSON = "user:"
OPERATIONS = {"invalid": "作废", "valid": "确认有效"}
STATISTICS = {"Avg": "实测", "ZsAvg": "折算", "Cou": "累计", "Rtd": "实时", "Min": "最小", "Max": "最大"}
OUTCOMES = {
    "good": "正常",
    "noted": "有说明",
    "corrected": "已订正",
    "suspect": "可疑",
    "bad": "无效",
    "missing": "缺测",
    "invalid": "作废",
    "valid": "确认有效",
}
RULES = {
    "sentinel": "缺测代码",
    "device_flag": "设备标记",
    "negative": "负值",
    "range": "超出范围",
    "detection_limit": "低于检出限",
    "stuck": "恒值",
    "spike": "突跳",
    "step": "台阶",
    "rate": "变化过快",
    "neighbour": "偏离邻站",
    "pair": "倒挂",
    "gap": "缺数",
    "operation": "人工操作",
}
PARAMETERS = {
    "high": "上限",
    "letters": "标识",
    "low": "下限",
    "minutes": "分钟",
    "other": "对照",
    "points": "个数",
    "relative": "比例",
    "replacement": "替代值",
    "tolerance": "允差",
    "values": "代码",
}
"""Parameters that people are told of; what else a rule carries is for programs."""
