"""How long a large list takes on its way into a book, twice; what others wait for their saves meanwhile; the list's pages.

python benchmarks/books.py [rows]      # 50,000 for the import; the pages are asked of twice as many
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

BACKEND = "django.contrib.auth.backends.ModelBackend"
HEADS = ["编号", "单位名称", "镇街", "负责镇街", "行业", "人数", "建成日期", "经度", "纬度", "备注"]
FIRM_HEADS = [
    "企事业单位名称",
    "统一社会信用代码",
    "所在镇街",
    "负责镇街",
    "所属行业",
    "排污许可证编号",
    "地址",
    "经度",
    "纬度",
    "管理类别",
]
TOWNS = 20


def write_list(path: Path, rows: int) -> None:
    """Firms as a bureau's list has them."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADS)
        for n in range(rows):
            sheet.write_row(n + 1, 0, [
                f"F{n:07}", f"第{n * 7919 % rows}号有限公司", f"镇{n % TOWNS}", f"镇{n * 7 % TOWNS}", f"行业{n % 30}", n % 900,
                f"2020-{n % 12 + 1:02}-11", 119 + n % 100 / 100, 33 + n % 50 / 100, f"备注{n}",
            ])  # fmt: skip


def write_firms(path: Path, rows: int) -> None:
    """The firms of a county for the book of firms: two sites a credit code, each with its permit."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, FIRM_HEADS)
        for n in range(rows):
            sheet.write_row(n + 1, 0, [
                f"第{n}号有限公司", credit_code(n // 2), f"镇{n % TOWNS}", f"镇{n * 7 % TOWNS}", f"行业{n % 30}",
                f"XK{n:07}", f"镇{n % TOWNS}工业路 {n} 号", 119 + n % 100 / 100, 33 + n % 50 / 100, "简化管理",
            ])  # fmt: skip


def credit_code(n: int) -> str:
    """A credit code with its right check character (GB 32100-2015)."""
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    code = f"91321299{n:09}"
    total = sum(letters.index(letter) * pow(3, place, 31) for place, letter in enumerate(code))
    return code + letters[-total % 31]


def make_county() -> Any:
    """A county with towns, a person of one, and the book. Returns the person."""
    from qingyuan import clock
    from qingyuan.bureau.accounts.models import Area, AreaParent, RoleAssignment, User
    from qingyuan.bureau.local.actions import Wanted, make_book

    county = Area.objects.create(code="C", name="县", kind="county")
    for n in range(TOWNS):
        town = Area.objects.create(code=f"T{n}", name=f"镇{n}", kind="town")
        AreaParent.objects.create(area=town, parent=county, valid_from=date(2020, 1, 1))
    roles = dict(zip(HEADS, ("key", "name", "area", "answers", "", "", "", "lon", "lat", ""), strict=True))
    kinds = {"人数": "integer", "建成日期": "date"}
    make_book(None, "firms-list", "企业清单", [Wanted(h, kinds.get(h, "text"), roles[h]) for h in HEADS])
    user = User.objects.create_user("town", "x", display_name="镇", created_at=clock.now())
    RoleAssignment.objects.create(user=user, role="town", area=Area.objects.get(code="T3"), valid_from=date(2020, 1, 1))
    return user


def spread(waits: list[float]) -> str:
    """Median and p95 [ms]."""
    ordered = sorted(waits)
    return f"median {statistics.median(ordered):.0f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.0f} ms, {len(ordered)} times"


def import_beside_saves(path: Path, code: str = "firms-list", key: str = "key") -> None:
    """The command imports in a process of its own; this one saves a row, again and again."""
    from qingyuan.bureau.book.actions import save
    from qingyuan.bureau.book.registry import book_of

    book = book_of(code)
    own = book.rows().filter(**{key: "OWN"}).first() or save(None, book, {key: "OWN", "name": "0"})
    command = [sys.executable, "-m", "qingyuan", "books", "import", code, str(path), "--json"]
    begun = time.perf_counter()
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    waits = []
    while running.poll() is None:
        at = time.perf_counter()
        own = save(None, book, {"name": str(at)}, own)
        waits.append((time.perf_counter() - at) * 1000)
        time.sleep(0.05)
    facts = json.loads((running.stdout.read() if running.stdout else "") or "{}")
    print(f"{code}: import {facts}: {time.perf_counter() - begun:.1f} s; saves of others: {spread(waits)}")


def ask_pages(user: Any) -> None:
    """Pages of the list, filtered and sorted, as a town's person."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(user, backend=BACKEND)
    client.get("/books/firms-list/")
    for query in ("sort=name", "sort=-name&area=镇3", "q=99&sort=name", "sort=name&page=30"):
        waits = []
        for _ in range(20):
            at = time.perf_counter()
            answer = client.get(f"/books/firms-list/?{query}")
            waits.append((time.perf_counter() - at) * 1000)
            assert answer.status_code == 200
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/books/firms-list/?{query}")
        print(f"list ?{query}: {spread(waits)}, {len(asked)} queries")


def main() -> None:
    """All of it in a data folder of its own."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory(prefix="qingyuan-books-") as folder:
        os.environ |= {"QINGYUAN_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "qingyuan.settings"}
        from qingyuan.ops.commands.data import open_books

        open_books()
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["testserver"]
        user = make_county()
        first, second = Path(folder) / "list.xlsx", Path(folder) / "more.xlsx"
        write_list(first, rows)
        import_beside_saves(first)
        import_beside_saves(first)
        write_list(second, rows * 2)
        import_beside_saves(second)
        firms = Path(folder) / "firms.xlsx"
        write_firms(firms, rows)
        import_beside_saves(firms, "enterprises", "code")
        import_beside_saves(firms, "enterprises", "code")
        ask_pages(user)


if __name__ == "__main__":
    main()
