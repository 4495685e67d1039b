"""How long the search takes over very many rows, as a town's person and as the whole county's; what the index costs.

python benchmarks/search.py [rows]      # 1,000,000, spread over forty local books
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

BACKEND = "django.contrib.auth.backends.ModelBackend"
LIMIT_MS = 300.0
BOOKS, TOWNS, SLICE = 40, 13, 20_000
ENDS = (
    "环保科技有限公司",
    "印染有限公司",
    "化工有限公司",
    "热电有限公司",
    "污水处理厂",
    "养殖场",
    "建筑工地",
    "危废仓库",
)
QUERIES = (
    ("two characters, very many rows", "公司"),
    ("four characters, very many rows", "有限公司"),
    ("two rare characters", "云沚"),
    ("a name that one row has", "{name}"),
    ("initials, very many rows", "yxgs"),
    ("pinyin", "yinranyouxian"),
    ("part of a code, many rows", "9132"),
    ("part of a code, one row", "{code}"),
    ("two words", "印染 9132"),
    ("nothing", "没有这个词"),
    ("frequent parts, together nowhere", "司公限有"),
)


def fill(rows: int) -> tuple[str, str]:
    """A county's own books with names, codes and towns; one name and the middle of its code are given back."""
    from qingyuan import clock
    from qingyuan.bureau.accounts.models import Area, AreaParent, RoleAssignment, User
    from qingyuan.bureau.local.models import LocalBook, LocalRow

    rng = random.Random(20261201)
    letters = [chr(0x4E00 + n) for n in range(2000)]
    county = Area.objects.create(code="C", name="县", kind="county")
    towns = [Area.objects.create(code=f"T{n}", name=f"镇{n}", kind="town") for n in range(TOWNS)]
    for town in towns:
        AreaParent.objects.create(area=town, parent=county, valid_from=date(2020, 1, 1))
    for name, role, area in (("town", "town", towns[3]), ("chief", "chief", None)):
        user = User.objects.create_user(name, "x", display_name=name, created_at=clock.now())
        RoleAssignment.objects.create(user=user, role=role, area=area, valid_from=date(2020, 1, 1))
    books = [
        LocalBook.objects.create(code=f"list-{n}", name=f"清单{n}", labels={"area": "镇街"}, made_at=clock.now())
        for n in range(BOOKS)
    ]
    kept = ("", "")
    for start in range(0, rows, SLICE):
        made = []
        for n in range(start, min(start + SLICE, rows)):
            name = "".join(rng.choices(letters, k=4)) + ENDS[n % len(ENDS)]
            code = f"9132{rng.randrange(10**14):014d}"
            made.append(LocalRow(book=books[n % BOOKS], key=code, name=name, area=towns[n % TOWNS], revision=1))
            if n % TOWNS == 3 and n < rows // 2:
                kept = (name, code[5:15])
        LocalRow.objects.bulk_create(made, batch_size=2000)
    return kept


def ask(client: Any, query: str, times: int = 15) -> tuple[float, float, int]:
    """Median, 95th percentile [ms] and the rows of the page."""
    waits, found = [], 0
    for _ in range(times):
        at = time.perf_counter()
        answer = client.get("/search/", {"q": query})
        waits.append((time.perf_counter() - at) * 1000)
        assert answer.status_code == 200
        found = answer.content.count(b'class="hit"')
    waits.sort()
    return statistics.median(waits), waits[int(len(waits) * 0.95)], found


def main() -> int:
    """All of it in a data folder of its own; 1 where a query of the town's person passes the limit."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="qingyuan-search-") as folder:
        os.environ |= {"QINGYUAN_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "qingyuan.settings"}
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.test import Client

        settings.ALLOWED_HOSTS = ["*"]
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        call_command("migrate", verbosity=0)
        begun = time.perf_counter()
        name, code = fill(rows)
        print(f"{rows:,} rows written and marked: {time.perf_counter() - begun:.0f} s")
        from qingyuan.bureau.accounts.models import User
        from qingyuan.bureau.search.actions.keeping import catch_up

        file = Path(folder) / "main.sqlite"
        before, begun = file.stat().st_size, time.perf_counter()
        while catch_up(5):
            pass
        spent = time.perf_counter() - begun
        more = (file.stat().st_size - before) / rows
        print(f"indexed: {spent:.0f} s, {spent / rows * 1e6:.0f} us and {more:.0f} bytes a row")
        worst = 0.0
        for who in ("town", "chief"):
            client = Client()
            client.force_login(User.objects.get(username=who), backend=BACKEND)
            client.get("/search/?q=xx")
            for label, query in QUERIES:
                middle, high, found = ask(client, query.format(name=name, code=code))
                figures = f"median {middle:6.1f} ms, p95 {high:6.1f} ms, {found:4} rows"
                print(f"{who:6} {label:34} {figures}, {high / LIMIT_MS:.2f} of the limit")
                worst = max(worst, high)
        print(f"worst p95 {worst:.0f} ms: {worst / LIMIT_MS:.2f} of {LIMIT_MS:.0f} ms")
    return int(worst > LIMIT_MS)


if __name__ == "__main__":
    raise SystemExit(main())
