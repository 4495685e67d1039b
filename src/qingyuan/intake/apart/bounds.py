"""How much a file may ask of its reader. Numbers of this system's own; a real file stays far below."""

from __future__ import annotations

MEMORY_BYTES = 3 * 1024**3
CPU_SECONDS = 240
WALL_SECONDS = 300
MOST_UNPACKED = 1024**3
MOST_TIMES = 300
PLENTY = 64 * 1024**2
MOST_PARTS = 10_000
MOST_SHEETS = 200
MOST_COLUMNS = 16_384
MOST_CELLS = 30_000_000
SPARSE_CELLS = 2_000_000
SPARSE_TIMES = 200
LONGEST_LINE = 4 * 1024**2
LONGEST_DOCUMENT = 256 * 1024**2
DEEPEST = 40
