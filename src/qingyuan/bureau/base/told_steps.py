"""What the steps of a judgement and the days of a calendar say: kept in Chinese with the judgement, told in the page's."""

from __future__ import annotations

STEPS = (
    # received, flag
    "接收", "收到", "缺失", "实测值和含氧量", "设备没有报折算值", "数据标识", "负值", "负值，不采用", "无效", "未传", "按正常",
    "未知标识，不采用", "有效", "停运，不计", "仅作下限", "数据缺失", "结论", "无",
    "未知数据标识%(flag)s", "数据标识%(flag)s（%(name)s）",
    # coverage
    "有效率", "未报", "设备自算的小时值，不另核", "足够", "不足", "每小时不少于%(minutes)s分钟",
    "有效数据%(got)s，不足%(minutes)s分钟",
    # flow, unit, limit
    "流量", "没有排放，不计", "流量为 0，没有排放", "单位换算", "无法判定",
    "单位“%(unit)s”不能换算为限值的单位“%(other)s”", "限值比较", "超标", "达标", "超测量上限，实际值不低于所报值",
    # tags
    "设备标记", "工况标记", "规则中没有此标记，不改变判定", "照常判定",
    "只标了%(got)s分钟，不足%(least)s分钟，不改变判定", "此标记不豁免%(item)s", "标记%(name)s：不判超标",
    "标记%(name)s：%(hours)s小时内不判超标", "超过豁免时限%(hours)s小时", "标记%(name)s：%(what)s",
    # places of a standard
    "%(standard)s 表%(number)s", "%(standard)s 附录%(number)s",
    # days of the calendar
    "%(name)s调休上班", "%(name)s（补休）",
    # files whose bytes are not the reader's
    "材料 %(number)s", "线索材料 %(number)s", "证据 %(digest)s 缺失或已被改动；请从备份恢复后再使用",
)  # fmt: skip
NAMES = (
    "正常",
    "停运",
    "维护",
    "手工输入设定值",
    "故障",
    "校准",
    "超测量上限",
    "通讯异常",
    "系统",
    "元旦",
    "农历除夕",
    "春节",
    "清明节",
    "劳动节",
    "端午节",
    "中秋节",
    "国庆节",
)
JOINED = ("%(names)s 等 %(count)d 个", "%(first)s、%(rest)s", "%(first)s %(rest)s")
