"""From the acknowledgement of the packet that completes an interval to its alert in the API, in a running demo.

    python benchmarks/alert_latency.py DATA_DIR [--count 30]

Sends, for outlets of the demo county without an open alert, the hourly packet of the last full hour with one value at
three times its limit, one after the other, and polls `GET /api/v1/alerts`. Prints the median and the 95th percentile
and their ratio to the limit of 5 s; exit code 1 above it. The extra alerts stay in that data folder.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from qingyuan.clock import BEIJING
from qingyuan.hj212 import encode
from qingyuan.simulate.records import County

LIMIT_S = 5.0


def get(port: str, path: str, token: str) -> Any:
    """A JSON answer."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--count", type=int, default=30)
    options = parser.parse_args()
    data: Path = options.data_dir
    environment = os.environ | {"QINGYUAN_DATA_DIR": str(data)}
    made = subprocess.run(
        [sys.executable, "-m", "qingyuan", "token", "create", "--user", "admin", "--scope", "read", "--json"],
        env=environment,
        capture_output=True,
        check=True,
    )
    token = json.loads(made.stdout)["token"]
    web, gateway = ((data / "run" / f"{role}.port").read_text().strip() for role in ("serve", "gateway"))
    county = County.from_dict(json.loads((data / "demo" / "county.json").read_text()))
    devices = {d.point: d for d in county.devices}
    now = datetime.now(BEIJING)
    hour = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    taken = {a["subject"] for a in get(web, "/api/v1/alerts?rule=outlet_hour&open=true&page_size=500", token)["items"]}
    seconds = []
    chosen = [o for o in county.outlets if o.limits and not any(t.startswith(f"{o.code}:") for t in taken)]
    for number, outlet in enumerate(chosen[: options.count]):
        limit, device = outlet.limits[0], devices[outlet.code]
        value = float(limit.upper) * 3
        cp = f"DataTime={hour:%Y%m%d%H%M%S};{limit.factor}-{limit.statistic}={value:.2f},{limit.factor}-Flag=N"
        qn = f"{datetime.now(BEIJING):%Y%m%d%H%M%S}{number:03d}"
        frame = encode(qn=qn, st=device.st, cn="2061", pw=device.password, mn=device.mn, flag=5, cp=cp)
        with socket.create_connection(("127.0.0.1", int(gateway)), 10) as connection:
            connection.sendall(frame)
            connection.settimeout(10)
            assert b"CN=9014" in connection.recv(4096)
        begun = time.monotonic()
        while time.monotonic() - begun < 30:
            found = get(web, f"/api/v1/alerts?rule=outlet_hour&open=true&point={outlet.code}", token)
            if found["count"]:
                break
            time.sleep(0.05)
        seconds.append(time.monotonic() - begun)
    p95 = statistics.quantiles(seconds, n=20)[18]
    print(
        f"{len(seconds)} alerts: median {statistics.median(seconds):.2f} s, p95 {p95:.2f} s, worst {max(seconds):.2f} s; "
        f"p95 is {p95 / LIMIT_S:.2f} of the limit of {LIMIT_S:g} s"
    )
    return 0 if p95 <= LIMIT_S else 1


if __name__ == "__main__":
    raise SystemExit(main())
