"""devices, simulate."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from qingyuan.ops.commands.data import open_books, say, write_template
from qingyuan.ops.commands.running import _data_dir
from qingyuan.ops.errors import WrongUse


def devices(sub: Any) -> None:
    parser = sub.add_parser("devices", help="设备清单和限值")
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    names = "、".join(_columns())
    into = part.add_parser(
        "import",
        help="从 Excel 或 CSV 导入设备、因子、限值",
        description=f"每行一个设备的一个因子。列：{names}。MN 和因子编码必填，其余可空。因子编码按设备上传的"
        "写（2005 版的 011、B01 也可以），编码表里没有的编码（如 PM25）用“项目”和“单位”说明它是什么。",
    )
    _data_dir(into)
    into.add_argument("file", type=Path, metavar="文件", help="设备清单")
    into.add_argument("--dry-run", action="store_true", help="试运行：只检查，不写入")
    into.add_argument("--new-places", action="store_true", help="登记还没有的企业；默认先把名称留在排放口上")
    into.add_argument("--errors", type=Path, metavar="文件", help="把有误的单元格另存为 CSV")
    into.add_argument("--json", action="store_true", help="输出一行 JSON")
    into.set_defaults(run=_run_import)
    template = part.add_parser("template", help="写出设备清单样表")
    template.add_argument("--out", type=Path, required=True, metavar="文件", help="输出 .xlsx")
    template.set_defaults(run=_run_template)
    _set_parser(part)
    doubts = part.add_parser("doubts", help="列出与登记对不上的单位、分钟间隔和编码表里没有的因子")
    _data_dir(doubts)
    doubts.add_argument("--json", action="store_true", help="输出一行 JSON")
    doubts.set_defaults(run=_run_doubts)
    waiting = part.add_parser("waiting", help="列出待认领的站点")
    _data_dir(waiting)
    waiting.add_argument("--json", action="store_true", help="输出一行 JSON")
    waiting.set_defaults(run=_run_waiting)
    adopt = part.add_parser("adopt", help="认领站点，并补入它已上传的数据")
    _data_dir(adopt)
    adopt.add_argument("mn", metavar="MN", help="设备的 MN")
    adopt.add_argument("--point", metavar="点位", default="", help="归到已登记的点位；空 = 新建同名点位")
    adopt.add_argument("--json", action="store_true", help="输出一行 JSON")
    adopt.set_defaults(run=_run_adopt)


def _set_parser(part: Any) -> None:
    change = part.add_parser(
        "set", help="登记设备的网段、校验、间隔、SM4 密钥", description="只改给出的几项；留有审计。"
    )
    _data_dir(change)
    change.add_argument("mn", metavar="MN", help="设备的 MN")
    change.add_argument("--network", metavar="网段", help="允许的网段，逗号分隔；“-” = 不限")
    change.add_argument("--crc", choices=("hj", "modbus", "modbus_swapped"), help="该设备的校验算法")
    change.add_argument("--minute-seconds", type=int, metavar="秒", help="分钟数据（2051）的间隔")
    change.add_argument("--hour-seconds", type=int, metavar="秒", help="小时数据（2061）的间隔，四小时一次为 14400")
    follow = {"choices": ("on", "off", "installation"), "metavar": "开关"}
    change.add_argument("--time-sync", help="自动校时：on、off、installation（随全局设置）", **follow)
    change.add_argument("--fetch-history", help="自动补取缺数：on、off、installation（随全局设置）", **follow)
    change.add_argument("--sm4-key-file", type=Path, metavar="文件", help="新密钥，32 位十六进制数；封存，不显示")
    change.add_argument("--json", action="store_true", help="输出一行 JSON")
    change.set_defaults(run=_run_set)


def _follow(word: str | None) -> str | None:
    return "" if word == "installation" else word


def _run_set(a: argparse.Namespace) -> int:
    if a.sm4_key_file and not a.sm4_key_file.is_file():
        raise WrongUse(f"没有这个文件：{a.sm4_key_file}")
    open_books()
    from qingyuan.bureau.base.errors import BureauError
    from qingyuan.bureau.line.actions.settings import DeviceSettings, set_device
    from qingyuan.bureau.line.models import Device
    from qingyuan.hj212 import BadKeyError, key_of

    device = Device.objects.filter(mn=a.mn).first()
    if device is None:
        raise WrongUse(f"没有 MN 为 {a.mn} 的设备；用 devices import 登记，或用 devices waiting 查看待认领的")
    network = None if a.network is None else a.network.strip("-")
    try:
        key = key_of(a.sm4_key_file.read_text(encoding="ascii").strip()) if a.sm4_key_file else None
        changed = set_device(
            None,
            device,
            DeviceSettings(
                network, a.crc, a.minute_seconds, a.hour_seconds, _follow(a.time_sync), _follow(a.fetch_history), key
            ),
        )
    except (BureauError, BadKeyError) as error:
        raise WrongUse(str(error)) from error
    say(a, {"mn": a.mn, "changed": changed}, f"已改：{'、'.join(changed) or '无'}")
    return 0


def _columns() -> list[str]:
    """Names of the template's columns, without loading the books."""
    return [
        "MN",
        "ST",
        "点位类别",
        "点位编号",
        "点位名称",
        "企业名称",
        "统一社会信用代码",
        "排污许可证编号",
        "行业",
        "评判口径",
        "镇街",
        "负责区域",
        "经度",
        "纬度",
        "因子编码",
        "项目",
        "单位",
        "上限",
        "下限",
        "评判均值",
        "统计量",
        "依据",
        "执行日期",
        "分钟间隔",
        "基准氧含量",
        "启用日期",
        "停用日期",
    ]


def _run_import(a: argparse.Namespace) -> int:
    if not a.file.is_file():
        raise WrongUse(f"没有这个文件：{a.file}")
    open_books()
    from qingyuan.bureau.line.actions.devices_file import import_devices
    from qingyuan.ops.commands.data import write_csv

    report = import_devices(None, a.file, a.dry_run, new_places=a.new_places)
    if a.errors and report.errors:
        write_csv(a.errors, report.errors)
    facts = {
        "rows": report.rows,
        "good": report.good,
        "devices": report.devices,
        "channels": report.channels,
        "limits": report.limits,
        "dry_run": report.dry_run,
        "errors": report.errors,
        "notes": report.notes,
    }
    head = "试运行，未写入：" if report.dry_run else ""
    lines = [
        (
            f"{head}{report.rows} 行：设备 {report.devices}、因子 {report.channels}、限值 {report.limits}，"
            f"有误 {len(report.errors)} 行"
        ),
        *[f"  第 {e['row']} 行“{e['column']}”：得到 {e['got']}，应为 {e['expected']}" for e in report.errors[:50]],
        *[f"  {note}" for note in report.notes[:50]],
    ]
    say(a, facts, "\n".join(lines))
    return 0 if report.good or not report.rows else 1


def _run_template(a: argparse.Namespace) -> int:
    from qingyuan.ops.setup import set_up_django

    set_up_django()
    from qingyuan.bureau.line.actions.device_cells import COLUMNS

    write_template(a.out, "设备清单", COLUMNS.values())
    return 0


def _run_doubts(a: argparse.Namespace) -> int:
    open_books()
    from dataclasses import asdict

    from qingyuan.bureau.line.models import Device
    from qingyuan.bureau.monitoring.queries.device_doubts import doubts_of

    rows = Device.objects.filter(state=Device.State.ACTIVE).select_related("point")
    found = [{"mn": device.mn} | asdict(doubt) for device in rows for doubt in doubts_of(device)]
    words = "\n".join(f"{one['mn']}\t{one['subject']}\t{one['words']}" for one in found)
    say(a, {"doubts": found}, words or "没有存疑的")
    return 0


def _run_waiting(a: argparse.Namespace) -> int:
    open_books()
    from qingyuan.bureau.line.models import Device

    rows = list(Device.objects.filter(state=Device.State.WAITING).values("mn", "system_type", "first_seen_at"))
    found = [r | {"first_seen_at": r["first_seen_at"].isoformat() if r["first_seen_at"] else None} for r in rows]
    words = "\n".join(f"{r['mn']}\tST={r['system_type']}\t首次 {r['first_seen_at']}" for r in found)
    say(a, {"waiting": found}, words or "没有待认领的站点")
    return 0


def _run_adopt(a: argparse.Namespace) -> int:
    open_books()
    from qingyuan.bureau.line.actions.adopt import adopt
    from qingyuan.bureau.line.models import Device
    from qingyuan.bureau.registers.models import Point

    device = Device.objects.filter(mn=a.mn).first()
    point = Point.objects.filter(code=a.point).first() if a.point else None
    if device is None or (a.point and point is None):
        raise WrongUse(f"没有{'点位 ' + a.point if device else 'MN 为 ' + a.mn + ' 的站点'}；用 devices waiting 查看")
    count = adopt(None, device, point)
    say(a, {"mn": a.mn, "readings": count}, f"已认领 {a.mn}，补入读数 {count} 条")
    return 0


def _fault_names() -> str:
    """Names and words of the faults, without loading the simulator."""
    return (
        "garbage 包前有杂乱字节；half 先发半包，再发整包；crc 先发一份改了值而校验不符的包；duplicate 同一包连发两次；"
        "hang_up 发完即断线；modbus 校验码按 Modbus 算法；no_cr 包尾缺回车；future 数据时间在十年后；split 拆成几包上传；"
        "gap 时段数据（2031、2041、2051、2061）扣下不发，补取时才给；clock 设备（按台数的份额）时钟慢十分钟，校时后改正"
    )


def _unfriendly_names() -> str:
    """Names and words of the unfriendly clients, without loading the simulator."""
    return (
        "slow 一个字节一个字节地发，一包永远发不完；oversized 自称很长的数据段；binary 二进制乱码；"
        "wrong_mn 没有登记的、不合式样的 MN，每包换一个；years_off 时钟快二十年；flood 一台设备不停地发；"
        "half_open 连上以后什么也不发"
    )


def simulate(sub: Any) -> None:
    parser = sub.add_parser("simulate", help="模拟设备上传（压力、联调）")
    part = parser.add_subparsers(dest="part", metavar="种类", required=True, parser_class=type(parser))
    load = part.add_parser(
        "devices",
        help="N 台设备以一定速率上传，并写出清单供核对",
        description="设备按所选版本轮流上传各种命令。清单一行一包：mn, qn, cn, st, edition, data_time, pnum, pno, fault, "
        f"values, acknowledged。故障：{_fault_names()}。不友好的客户端：{_unfriendly_names()}。设备会回答网关的校时和补取请求。",
    )
    _data_dir(load)
    load.add_argument("--host", default="127.0.0.1", metavar="地址", help="网关地址")
    load.add_argument(
        "--port", type=int, default=None, metavar="端口", help="网关端口（默认读数据目录 run/gateway.port）"
    )
    load.add_argument("--count", type=int, default=10, metavar="台", help="设备数")
    load.add_argument(
        "--first", type=int, default=0, metavar="号", help="第一台设备的序号（默认 0；两次模拟用不同的设备时改）"
    )
    load.add_argument("--rate", type=float, default=10.0, metavar="帧每秒", help="合计速率")
    load.add_argument("--seconds", type=float, default=10.0, metavar="秒", help="时长")
    load.add_argument(
        "--edition", default="2017", metavar="版本", help="2005、2017、2025，可用逗号列几个，mixed 为全部"
    )
    load.add_argument("--kinds", default="", metavar="CN", help="上传命令，逗号分隔（默认该版本的全部上传命令）")
    load.add_argument(
        "--faults", default="", metavar="故障", help="逗号分隔的 名称 或 名称=份额（默认 0.01），all 为全部；名称见下"
    )
    load.add_argument(
        "--unfriendly",
        default="",
        metavar="客户端",
        help="旁边另有不友好的客户端，逗号分隔的名称，all 为全部；名称见上",
    )
    load.add_argument("--sm4-key", metavar="HEX", help="2025 版设备加密上传用的密钥，32 位十六进制数")
    load.add_argument("--seed", type=int, default=212, metavar="数", help="故障落在哪些包上（默认 212）")
    load.add_argument("--resend", action="store_true", help="超时或断线后重发未应答的包，如真的设备")
    load.add_argument("--manifest", type=Path, metavar="文件", help="每包的值、故障和是否应答（JSON 行）")
    load.add_argument("--json", action="store_true", help="输出一行 JSON")
    load.set_defaults(run=_run_load)


def _run_load(a: argparse.Namespace) -> int:
    from dataclasses import asdict

    from qingyuan import process
    from qingyuan.hj212 import BadKeyError, key_of
    from qingyuan.simulate.devices import EDITIONS
    from qingyuan.simulate.errors import SimulateError
    from qingyuan.simulate.faults import parse_faults
    from qingyuan.simulate.load import Speech, run_load
    from qingyuan.simulate.unfriendly import parse_ways

    port = a.port or process.read_port("gateway")
    if port is None:
        raise WrongUse("不知道网关端口；请用 --port 指定，或先启动网关")
    if a.count < 1 or a.rate <= 0 or a.seconds <= 0 or a.first < 0:
        raise WrongUse(f"设备数 {a.count}、速率 {a.rate:g}、时长 {a.seconds:g} 都应大于 0，第一台 {a.first} 不应小于 0")
    named = EDITIONS if a.edition == "mixed" else tuple(part for part in a.edition.split(",") if part)
    editions = tuple(edition for edition in EDITIONS if edition in named)
    if not editions or len(editions) != len(set(named)):
        raise WrongUse(f"版本“{a.edition}”；应为 2005、2017、2025（可用逗号列几个）或 mixed")
    kinds = tuple(part for part in a.kinds.split(",") if part)
    try:
        key = key_of(a.sm4_key) if a.sm4_key else None
        speech = Speech(
            editions, kinds, parse_faults(a.faults), a.seed, a.first, key, unfriendly=parse_ways(a.unfriendly)
        )
        result = run_load(a.host, port, a.count, a.rate, a.seconds, a.manifest, is_resending=a.resend, speech=speech)
    except (SimulateError, BadKeyError) as error:
        raise WrongUse(str(error)) from error
    faults = "、".join(f"{name} {count}" for name, count in result.faults.items()) or "无"
    cut_off = "、".join(f"{way} {count} 次" for way, count in result.cut_off.items()) or "无"
    words = (
        f"已发送 {result.sent} 包，已应答 {result.acknowledged} 包，用时 {result.elapsed_s:.1f} 秒，"
        f"应答等待 p50 {result.p50_ms:.1f} 毫秒、p99 {result.p99_ms:.1f} 毫秒；故障：{faults}"
        + (f"；不友好的客户端被断开：{cut_off}" if speech.unfriendly else "")
    )
    say(a, asdict(result), words)
    return 0


ALL = (devices, simulate)
