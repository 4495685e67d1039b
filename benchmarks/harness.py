"""Compares one way of doing a job with a named peer, in one process, and prints ratios.

Both run in turn (A, B, A, B, …) so that a busy machine slows both alike. Printed are medians of five of CPU
seconds (user and system of this process) and wall seconds, and A's share of B. A benchmark is a program,
never a timed assertion in a test.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 5

Job = Callable[[], object]


@dataclass(frozen=True)
class Measured:
    """Medians of one job [s]."""

    name: str
    cpu: float
    wall: float


@dataclass(frozen=True)
class Comparison:
    """A beside its peer B."""

    title: str
    a: Measured
    b: Measured

    def text(self) -> str:
        """Three lines: A, B, and A as a share of B."""
        lines = [self.title]
        for part in (self.a, self.b):
            lines.append(f"  {part.name:<40} cpu {part.cpu:9.4f} s   wall {part.wall:9.4f} s")
        cpu, wall = self.a.cpu / self.b.cpu, self.a.wall / self.b.wall
        lines.append(f"  ratio A/B{'':<31} cpu {cpu:9.3f}     wall {wall:9.3f}")
        return "\n".join(lines)


def compare(title: str, a: tuple[str, Job], b: tuple[str, Job], rounds: int = ROUNDS) -> Comparison:
    """Run both `rounds` times after one warm-up each."""
    times: dict[int, list[tuple[float, float]]] = {0: [], 1: []}
    for _, job in (a, b):
        job()
    for _ in range(rounds):
        for place, (_, job) in enumerate((a, b)):
            cpu, wall = time.process_time(), time.perf_counter()
            job()
            times[place].append((time.process_time() - cpu, time.perf_counter() - wall))
    return Comparison(title, _medians(a[0], times[0]), _medians(b[0], times[1]))


def _medians(name: str, times: list[tuple[float, float]]) -> Measured:
    return Measured(name, statistics.median(cpu for cpu, _ in times), statistics.median(wall for _, wall in times))


def show(*comparisons: Comparison) -> None:
    """Print them."""
    sys.stdout.write("\n".join(comparison.text() for comparison in comparisons) + "\n")
