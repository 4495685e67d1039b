"""A hundred people of all roles read pages of a running demo, each a page every ten seconds on average.

    python benchmarks/pages.py DATA_DIR [--users 100] [--think 10] [--seconds 200] [--settle 20]

The installation runs (`./qingyuan up --demo --data-dir DATA_DIR`) and is ready. People with the roles of the demo's are
added to it and signed in without a password; each goes from page to page as the links lead. Prints over all answers and
by page the median and the 95th percentile, CPU milliseconds of `serve` a page and the generator's own; limits: 300 ms
over all, 600 ms for each page. Exit code 1 beyond.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import os
import random
import re
import statistics
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

ALL_MS, ONE_MS = 300.0, 600.0
LINK = re.compile(r'<a[^>]*href="(/[^"#?]*)"')
NOT_PAGES = re.compile(
    r"^/(static|sign|language|api|appearance)|\.(csv|xlsx|docx|zip)$|/(export|template|download)|healthz"
)
LEAST = 20
"""A page asked less often than so has no percentile of its own."""


def people(count: int) -> list[str]:
    """Session keys of so many new people, with the roles of the demo's in turn."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from qingyuan.bureau.accounts.models import RoleAssignment, User

    models = [user for user in User.objects.filter(is_active=True) if user.roles.exists()]
    models = [user for user in models if not user.must_change_password] or models
    keys = []
    for number in range(count):
        model = models[number % len(models)]
        user, _ = User.objects.update_or_create(
            username=f"reader{number}",
            defaults={
                "display_name": f"读者{number}", "organisation": model.organisation, "must_change_password": False,
                "is_active": True, "password": f"!{number}", "created_at": model.created_at,
            },
        )  # fmt: skip
        for held in model.roles.all():
            RoleAssignment.objects.get_or_create(
                user=user,
                role=held.role,
                area=held.area,
                valid_from=held.valid_from,
                defaults={"valid_to": held.valid_to},
            )
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        keys.append(str(session.session_key))
    return keys


def shape(path: str) -> str:
    """The address without what names a row."""
    return "/".join("*" if re.search(r"\d|[^\x00-\x7f%]|%", part) else part for part in path.split("/"))


class Reader(threading.Thread):
    """One person: a page, a pause, the next page that the last one leads to."""

    def __init__(self, port: int, cookie: str, key: str, think: float, seed: int, until: float) -> None:
        super().__init__(daemon=True)
        self._port, self._cookie, self._key, self._think, self._until = port, cookie, key, think, until
        self._random = random.Random(seed)
        self.told: list[tuple[float, str, int, float]] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Cookie": f"{self._cookie}={self._key}", "Accept-Encoding": "gzip", "Accept": "text/html"}
        links, path = ["/"], "/"
        time.sleep(self._random.uniform(0, self._think))
        while time.monotonic() < self._until:
            begin = time.monotonic()
            for attempt in range(2):  # an idle connection may have been closed: as a browser, ask again over a new one
                try:
                    connection.request("GET", path, headers=headers)
                    answer = connection.getresponse()
                    body = answer.read()
                    break
                except OSError:
                    connection.close()
                    if attempt:
                        raise
            status, kind = answer.status, answer.getheader("Content-Type", "")
            packed = answer.getheader("Content-Encoding") == "gzip"
            self.told.append((begin, shape(path), status, time.monotonic() - begin))
            if status == 200 and kind.startswith("text/html"):
                text = (gzip.decompress(body) if packed else body).decode()
                links = [link for link in LINK.findall(text) if not NOT_PAGES.search(link)] or links
            path = self._random.choice(links)
            time.sleep(self._random.expovariate(1 / self._think))


def cpu_of(pid: int) -> float:
    """Processor seconds of a process and of those below it."""
    spent, tick = 0.0, os.sysconf("SC_CLK_TCK")
    children = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        number = int(path.parent.name)
        children[int(fields[1])].append(number)
        if number == pid:
            spent += (int(fields[11]) + int(fields[12])) / tick
    return spent + sum(cpu_of(child) for child in children[pid])


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--think", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=200.0)
    parser.add_argument("--settle", type=float, default=20.0)
    options = parser.parse_args()
    os.environ["QINGYUAN_DATA_DIR"] = str(options.data_dir)
    from qingyuan import process
    from qingyuan.ops.setup import set_up_django

    set_up_django()
    from django.conf import settings

    keys = people(options.users)
    port = int((process.run_dir() / "serve.port").read_text())
    serve = int((process.last_beat("serve") or {})["pid"])
    begin = time.monotonic()
    until = begin + options.settle + options.seconds
    cookie = settings.SESSION_COOKIE_NAME
    readers = [Reader(port, cookie, key, options.think, n, until) for n, key in enumerate(keys)]
    for reader in readers:
        reader.start()
    time.sleep(options.settle)
    own, theirs, since = time.process_time(), cpu_of(serve), time.monotonic()
    time.sleep(options.seconds)
    own, theirs = time.process_time() - own, cpu_of(serve) - theirs
    for reader in readers:
        reader.join(70)
    told = [row for reader in readers for row in reader.told if since <= row[0] < since + options.seconds]
    return say(told, own, theirs, options.seconds)


def say(told: list[tuple[float, str, int, float]], own: float, theirs: float, seconds: float) -> int:
    """Print the table; 1 where a limit was passed."""
    by_page: dict[str, list[float]] = defaultdict(list)
    statuses: dict[int, int] = defaultdict(int)
    for _, page, status, took in told:
        by_page[page].append(took * 1000)
        statuses[status] += 1
    every = [took for page in by_page.values() for took in page]
    p95 = statistics.quantiles(every, n=20)[18]
    write = sys.stdout.write
    write(f"{len(every)} answers in {seconds:g} s, {dict(statuses)}\n")
    write(
        f"all pages: median {statistics.median(every):.0f} ms, p95 {p95:.0f} ms, limit {ALL_MS:g}, {p95 / ALL_MS:.2f}\n"
    )
    write(f"CPU of serve {1000 * theirs / len(every):.1f} ms a page; the generator's own {own:.1f} s\n")
    worst = 0.0
    for page, times in sorted(by_page.items(), key=lambda pair: -statistics.median(pair[1])):
        mine = statistics.quantiles(times, n=20)[18] if len(times) >= LEAST else max(times)
        if len(times) >= LEAST:
            worst = max(worst, mine)
            write(f"  {page:<44}{len(times):>5}  median {statistics.median(times):6.0f}  p95 {mine:6.0f}\n")
    return int(p95 > ALL_MS or worst > ONE_MS)


if __name__ == "__main__":
    sys.exit(main())
