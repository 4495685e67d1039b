"""A flood of invented stations beside one that is registered: when is its reading stored and judged?

    python benchmarks/strangers.py [--count 30000] [--seconds 3] [--adopt]

Sets up a data folder of its own with one registered outlet, runs gateway and worker as processes, sends the flood over
several connections within so many seconds, and in the middle of it one hourly packet of the registered outlet, far over
its limit. Prints how long its acknowledgement, its reading and its verdict took. At most 5 s are wanted for the verdict;
exit code 1 above it. --adopt: the gateway marks unknown stations for adoption, which makes a point of each.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

from qingyuan.clock import BEIJING
from qingyuan.hj212 import encode

LIMIT_S = 5.0
MN = "REGISTERED0001"
CONNECTIONS = 20
QUESTIONS = {
    "readings.sqlite": "SELECT count(*) FROM latest JOIN series ON series.id=latest.series WHERE point='OUT1' AND value=990",
    "main.sqlite": "SELECT count(*) FROM evaluation_evaluation WHERE verdict='fail'",
}
LIST = f"MN,ST,点位编号,点位名称,企业名称,因子编码,单位,上限,评判均值\n{MN},31,OUT1,排口,甲厂,a21002,mg/m3,50,小时\n"


def frame(mn: str, qn: str, value: float, hour: datetime) -> bytes:
    """One hourly packet."""
    cp = f"DataTime={hour:%Y%m%d%H%M%S};a21002-Avg={value},a21002-Flag=N"
    return encode(qn=qn, st="31", cn="2061", pw="123456", mn=mn, flag=5, cp=cp)


def run(data: Path, *words: str) -> None:
    """One command to its end."""
    subprocess.run([sys.executable, "-m", "qingyuan", *words], env=_environment(data), check=True, capture_output=True)


def _environment(data: Path) -> dict[str, str]:
    return os.environ | {"QINGYUAN_DATA_DIR": str(data)}


def flood(port: int, frames: list[bytes], seconds: float) -> None:
    """Send evenly over the time, reading nothing back."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.settimeout(60)
        threading.Thread(target=_drink, args=(line,), daemon=True).start()
        for n, one in enumerate(frames):
            ahead = begun + seconds * n / len(frames) - time.monotonic()
            if ahead > 0.01:
                time.sleep(ahead)
            line.sendall(one)
        time.sleep(1)


def _drink(line: socket.socket) -> None:
    try:
        while line.recv(65536):
            pass
    except OSError:
        return


def wait_for(path: Path, seconds: float = 60) -> str:
    """The text of a file once it is there."""
    until = time.monotonic() + seconds
    while not (path.is_file() and path.read_text().strip()):
        if time.monotonic() > until:
            raise SystemExit(f"{path} did not come")
        time.sleep(0.05)
    return path.read_text().strip()


def states(data: Path) -> tuple[bool, bool]:
    """Whether the reading is stored, and whether it is judged (asked of the databases as they lie)."""
    found = []
    for name, question in QUESTIONS.items():
        path = next(data.rglob(name), None)
        if path is None:
            found.append(False)
            continue
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
        try:
            found.append(bool(database.execute(question).fetchone()[0]))
        except sqlite3.OperationalError:
            found.append(False)
        finally:
            database.close()
    return found[0], found[1]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=30_000)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--patience", type=float, default=180.0)
    parser.add_argument("--adopt", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="strangers-") as folder:
        return measured(Path(folder), options)


def measured(data: Path, options: argparse.Namespace) -> int:
    """One run in a folder of its own."""
    (data / "设备.csv").write_text(LIST, encoding="utf-8")
    run(data, "devices", "import", str(data / "设备.csv"))
    roles = [["gateway", "--port", "0", *(["--adopt-unknown"] if options.adopt else [])], ["work"]]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "qingyuan", *role], env=_environment(data), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for role in roles
    ]  # fmt: skip
    try:
        port = int(wait_for(data / "run" / "gateway.port"))
        wait_for(data / "run" / "work.json")
        time.sleep(3)
        hour = datetime.now(BEIJING).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
        sent = datetime.now(BEIJING).strftime("%Y%m%d%H%M%S")
        frames = [frame(f"STRANGER{n:08d}", f"{sent}{n % 1000:03d}", 10.0, hour) for n in range(options.count)]
        threads = [
            threading.Thread(target=flood, args=(port, frames[n::CONNECTIONS], options.seconds))
            for n in range(CONNECTIONS)
        ]
        for thread in threads:
            thread.start()
        time.sleep(options.seconds / 2)
        begun = time.monotonic()
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            line.sendall(frame(MN, f"{sent}500", 990, hour))
            line.recv(4096)
        told = {"acknowledged_s": time.monotonic() - begun}
        while time.monotonic() - begun < options.patience and "judged_s" not in told:
            stored, judged = states(data)
            now = time.monotonic() - begun
            if stored:
                told.setdefault("stored_s", now)
            if judged:
                told["judged_s"] = now
            time.sleep(0.1)
        for thread in threads:
            thread.join()
        rounded = {name: round(value, 2) for name, value in told.items()}
        worst = told.get("judged_s", float("inf"))
        print(json.dumps({"count": options.count, "seconds": options.seconds, **rounded, "reached": worst <= LIMIT_S}))
        return 0 if worst <= LIMIT_S else 1
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(30)


if __name__ == "__main__":
    raise SystemExit(main())
