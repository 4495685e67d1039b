"""up, serve, work, gateway, demo, and the set-up that `up` runs first."""

from __future__ import annotations

import argparse
import json
from typing import Any


def _data_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data-dir", metavar="目录", help="数据目录（默认：QINGYUAN_DATA_DIR，或安装目录下的 data）")


def _listen(parser: argparse.ArgumentParser, port: int) -> None:
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="地址", help="监听地址（默认 127.0.0.1；对外服务用 0.0.0.0）"
    )
    parser.add_argument(
        "--port", type=int, default=port, metavar="端口", help=f"端口（默认 {port}；0 = 任选，写入数据目录 run/）"
    )


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=20260815, metavar="数", help="演示县的种子（默认 20260815）")
    parser.add_argument(
        "--speed", type=float, default=1.0, metavar="倍", help="演示时钟的快慢（默认 1；不会超过当前时间）"
    )
    parser.add_argument("--days", type=int, default=30, metavar="天", help="补传多少天的小时数据（默认 30）")


def up(sub: Any) -> None:
    parser = sub.add_parser(
        "up",
        help="准备并启动全部（网页、处理、网关）",
        description="准备数据目录并启动网页、处理、网关三个进程；Ctrl-C 停止。"
        "TLS：在数据目录的 settings.toml 中设 [tls] certificate、key，"
        "或用环境变量 QINGYUAN_TLS_CERTIFICATE、QINGYUAN_TLS_KEY。",
    )
    _data_dir(parser)
    _listen(parser, 8080)
    parser.add_argument(
        "--gateway-port",
        type=int,
        default=9000,
        metavar="端口",
        help="数采网关端口（默认 9000；0 = 任选，写入数据目录 run/gateway.port）",
    )
    parser.add_argument("--demo", action="store_true", help="装入演示县并让它的设备说话")
    parser.add_argument("--adopt-unknown", action="store_true", help="自动认领未登记的站点")
    _demo(parser)
    parser.set_defaults(run=_run_up)


def _run_up(a: argparse.Namespace) -> int:
    from qingyuan.ops.supervisor import Supervisor, UpOptions

    options = UpOptions(a.host, a.port, a.gateway_port, a.demo, a.seed, a.days, a.speed, a.adopt_unknown)
    return Supervisor(options).run()


def serve(sub: Any) -> None:
    parser = sub.add_parser("serve", help="只启动网页和接口")
    _data_dir(parser)
    _listen(parser, 8080)
    parser.set_defaults(run=_run_serve)


def _run_serve(a: argparse.Namespace) -> int:
    from qingyuan.ops import roles

    return roles.serve(a.host, a.port)


def work(sub: Any) -> None:
    parser = sub.add_parser("work", help="只启动数据处理")
    _data_dir(parser)
    parser.set_defaults(run=_run_work)


def _run_work(a: argparse.Namespace) -> int:
    from qingyuan.ops import roles

    return roles.work()


def gateway(sub: Any) -> None:
    parser = sub.add_parser("gateway", help="只启动数采网关（HJ 212）")
    _data_dir(parser)
    _listen(parser, 9000)
    parser.add_argument(
        "--gateway-port", type=int, dest="port", default=argparse.SUPPRESS, metavar="端口", help="同 --port"
    )
    parser.add_argument(
        "--adopt-unknown", action="store_true", help="自动认领未登记的站点（否则原始数据留存，等待认领）"
    )
    parser.set_defaults(run=_run_gateway)


def _run_gateway(a: argparse.Namespace) -> int:
    from qingyuan.ops import roles

    return roles.gateway(a.host, a.port, a.adopt_unknown)


def demo(sub: Any) -> None:
    parser = sub.add_parser("demo", help="演示县的设备向网关说话（up --demo 自动启动）")
    _data_dir(parser)
    parser.add_argument("--host", default="127.0.0.1", metavar="地址", help="网关地址")
    parser.add_argument(
        "--port", type=int, default=None, metavar="端口", help="网关端口（默认读数据目录 run/gateway.port）"
    )
    _demo(parser)
    parser.set_defaults(run=_run_demo)


def _run_demo(a: argparse.Namespace) -> int:
    from qingyuan import process
    from qingyuan.ops.roles import demo_role

    process.set_up_clock()
    return demo_role(a)


def setup(sub: Any) -> None:
    parser = sub.add_parser("_setup")
    parser.add_argument("--demo", action="store_true")
    _demo(parser)
    parser.set_defaults(run=_run_setup)


def _run_setup(a: argparse.Namespace) -> int:
    from qingyuan.ops import setup as steps

    if a.demo:  # the demo clock first: what is made now is dated by it
        from qingyuan import config, process
        from qingyuan.simulate.player import recall

        recall(config.data_dir() / "demo", a.seed, a.speed, a.days)
        process.set_up_clock()
    told = steps.run()
    if a.demo:
        from qingyuan.simulate.seed import seed

        if users := seed(a.seed):
            told["demo_users"] = users
    print(json.dumps(told, ensure_ascii=False))
    return 0


ALL = (up, serve, work, gateway, demo, setup)
