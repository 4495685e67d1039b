"""token, user."""

from __future__ import annotations

import argparse
from typing import Any

from qingyuan.ops.commands.data import instant, open_books, say
from qingyuan.ops.commands.running import _data_dir
from qingyuan.ops.errors import OpsError, WrongUse


def token(sub: Any) -> None:
    parser = sub.add_parser("token", help="接口令牌")
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    create = part.add_parser("create", help="建立令牌（只显示一次）")
    _data_dir(create)
    create.add_argument("--user", required=True, metavar="用户名", help="令牌代表的用户")
    create.add_argument(
        "--scope",
        action="append",
        required=True,
        metavar="范围",
        help="read（读取）或 write（读取和办理），可重复或以逗号分隔",
    )
    create.add_argument("--name", default="命令行", metavar="用途", help="用途")
    create.add_argument("--expires", metavar="时间", help="失效时间（默认不失效）")
    create.add_argument("--json", action="store_true", help="输出一行 JSON")
    create.set_defaults(run=_run_create)


def _run_create(a: argparse.Namespace) -> int:
    expires = instant(a.expires) if a.expires else None
    open_books()
    from qingyuan.bureau.accounts.actions.tokens import create_token
    from qingyuan.bureau.accounts.models import User
    from qingyuan.bureau.base.errors import Invalid

    user = User.objects.filter(username=a.user).first()
    if user is None:
        raise OpsError(f"没有用户“{a.user}”；已有：{'、'.join(User.objects.values_list('username', flat=True)[:20])}")
    scopes = [s.strip() for text in a.scope for s in text.split(",") if s.strip()]
    try:
        row, secret = create_token(None, user, a.name, scopes, expires)
    except Invalid as error:
        raise WrongUse(str(error)) from error
    say(a, {"user": user.username, "token": secret, "scopes": row.scopes, "id": row.pk}, secret)
    return 0


def user(sub: Any) -> None:
    parser = sub.add_parser("user", help="用户")
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    create = part.add_parser("create", help="新建用户（显示一次性密码）")
    _data_dir(create)
    create.add_argument("username", metavar="用户名", help="登录用的名字")
    create.add_argument("--name", default="", metavar="姓名", help="姓名")
    create.add_argument("--role", action="append", default=[], metavar="角色", help="角色代码，可重复")
    create.add_argument(
        "--organisation", default="", metavar="单位代码", help="所属单位（默认本局）；企业、运维单位须写"
    )
    create.add_argument("--json", action="store_true", help="输出一行 JSON")
    create.set_defaults(run=_run_user)
    reset = part.add_parser("reset-password", help="重置密码（显示一次性密码）")
    _data_dir(reset)
    reset.add_argument("username", metavar="用户名", help="谁的密码")
    reset.add_argument("--json", action="store_true", help="输出一行 JSON")
    reset.set_defaults(run=_run_reset)
    over = part.add_parser("hand-over", help="移交并停用初始账号（三个管理员都已建立之后）")
    _data_dir(over)
    over.add_argument("--json", action="store_true", help="输出一行 JSON")
    over.set_defaults(run=_run_hand_over)


def _run_hand_over(a: argparse.Namespace) -> int:
    open_books()
    from qingyuan.bureau.accounts.actions.first_account import hand_over_first_account

    ended = hand_over_first_account(None)
    say(a, {"user": ended.username, "active": ended.is_active}, f"初始账号 {ended.username} 已停用")
    return 0


def _run_user(a: argparse.Namespace) -> int:
    open_books()
    from qingyuan.bureau.accounts.actions.users import create_user
    from qingyuan.bureau.accounts.models import Organisation
    from qingyuan.bureau.registers.actions.bureau import ensure_bureau

    body = ensure_bureau()
    if a.organisation:
        named = Organisation.objects.filter(code=a.organisation).first()
        if named is None:
            raise OpsError(f"没有单位“{a.organisation}”；请写单位代码，企业为其统一社会信用代码或登记的代码")
        body = named
    made, password = create_user(None, a.username, a.name, [(r, None) for r in a.role], body)
    say(a, {"user": made.username, "password": password}, f"{made.username} 的一次性密码：{password}")
    return 0


def _run_reset(a: argparse.Namespace) -> int:
    open_books()
    from qingyuan.bureau.accounts.actions.users import reset_password
    from qingyuan.bureau.accounts.models import User

    found = User.objects.filter(username=a.username).first()
    if found is None:
        raise OpsError(f"没有用户“{a.username}”")
    password = reset_password(None, found)
    say(a, {"user": found.username, "password": password}, f"{found.username} 的一次性密码：{password}")
    return 0


ALL = (token, user)
