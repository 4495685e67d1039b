"""A year of hourly air of 1,000 stations: exact evaluation against a bare Polars floor and plain pandas.

Ours: Parquet in; station-day values with validity, 8 h ozone windows and rounding, sub-indices, AQI, primary
pollutant, category, verdicts and reasons; then yearly means, percentiles, validity, compliance and good days.
Peers: bench/air_year.py of the shared folder (QINGYUAN_SHARED), which has neither validity nor rounding. Its data
are made into a temporary file. Every run is a process of its own; A, B, C, A, B, C, … and medians. CPU is that
of the whole process, wall from the first import to the answer, memory the largest of the process: for all alike.

Run: python benchmarks/evaluate_air.py [--rounds 5] [--data FILE] [--pandas-python PYTHON]
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BARS = {"polars": 1.5, "pandas": 0.3}
MEMORY_BAR_MB = 1536
_LINE = re.compile(r"wall ([\d.]+) s, cpu ([\d.]+) s, peak (\d+) MB")

Figures = tuple[float, float, float]


def yardstick() -> Path:
    """The fixed peer program; ends with a message where it is absent."""
    path = (ROOT / os.environ.get("QINGYUAN_SHARED", "../shared")).resolve() / "bench" / "air_year.py"
    if not path.is_file():
        sys.exit(f"{path} is absent; set QINGYUAN_SHARED to the shared folder")
    return path


def ours(path: Path) -> None:
    """The work itself, in this process, with the time of each part."""
    wall = time.perf_counter()
    import polars as pl

    from qingyuan.science.air import evaluate, summarise

    parts: list[tuple[str, float]] = []

    def timed(name: str, work: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        before = _cpu()
        found = work()
        parts.append((name, _cpu() - before))
        return found

    parts.append(("interpreter and imports", _cpu()))
    days = timed("Parquet to days and index", lambda: evaluate(pl.scan_parquet(path), "site", "day"))
    years = timed("yearly figures", lambda: summarise(days, "site", "year"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sums = (days["AQI"].sum(), years["PM2_5_P95"].sum())
    used = f"wall {time.perf_counter() - wall:.2f} s, cpu {_cpu():.2f} s, peak {peak:.0f} MB"
    told = ", ".join(f"{name} {seconds:.2f}" for name, seconds in parts)
    sys.stdout.write(f"ours: {used}, sums {sums}, cpu by part: {told}\n")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run(*words: object) -> tuple[Figures, str]:
    """One run in a process of its own: (wall s, cpu s, peak MB) and its line."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True)
    match = _LINE.search(done.stdout)
    if match is None:
        raise SystemExit(f"no figures in: {done.stdout!r}")
    wall, cpu, peak = (float(part) for part in match.groups())
    return (wall, cpu, peak), done.stdout.strip()


def measure(data: Path, rounds: int, pandas_python: str) -> None:
    """All programs in turn; medians, ratios, and whether the bars are met."""
    program = yardstick()
    programs: dict[str, tuple[object, ...]] = {
        "ours": (sys.executable, __file__, "--ours", data),
        "polars": (sys.executable, program, "polars", data),
    }
    if subprocess.run([pandas_python, "-c", "import pandas, pyarrow"], capture_output=True, check=False).returncode:
        sys.stdout.write("pandas is not there: its ratio is not measured (give --pandas-python)\n")
    else:
        programs["pandas"] = (pandas_python, program, "pandas", data)
    runs: dict[str, list[Figures]] = {name: [] for name in programs}
    last = ""
    for _ in range(rounds):
        for name, words in programs.items():
            figures, line = run(*words)
            runs[name].append(figures)
            last = line if name == "ours" else last
    medians = {
        name: tuple(statistics.median(entry[place] for entry in found) for place in range(3))
        for name, found in runs.items()
    }
    for name, (wall, cpu, peak) in medians.items():
        sys.stdout.write(f"{name:<8} cpu {cpu:6.2f} s   wall {wall:6.2f} s   peak {peak:6.0f} MB\n")
    for name, bar in BARS.items():
        if name in medians:
            wall, cpu = (medians["ours"][place] / medians[name][place] for place in range(2))
            verdict = "met" if max(wall, cpu) <= bar else "MISSED"
            sys.stdout.write(f"ours / {name:<8} cpu {cpu:5.2f}   wall {wall:5.2f}   bar {bar} {verdict}\n")
    verdict = "met" if medians["ours"][2] <= MEMORY_BAR_MB else "MISSED"
    sys.stdout.write(f"memory bar {MEMORY_BAR_MB} MB {verdict}\n{last}\n")


def main() -> None:
    """Read the arguments; make the data where none are given."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--ours", type=Path, help="only our work, on a data file")
    parser.add_argument("--data", type=Path, help="a file made by the yardstick before")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pandas-python", default=sys.executable, help="an interpreter that has pandas and pyarrow")
    arguments = parser.parse_args()
    if arguments.ours:
        ours(arguments.ours)
    elif arguments.data:
        measure(arguments.data, arguments.rounds, arguments.pandas_python)
    else:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "year.parquet"
            subprocess.run([sys.executable, yardstick(), "make", data], check=True, capture_output=True)
            measure(data, arguments.rounds, arguments.pandas_python)


if __name__ == "__main__":
    main()
