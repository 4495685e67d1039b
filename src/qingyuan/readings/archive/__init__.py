"""Files that a log names: where readings go when they have left the tail."""

from qingyuan.readings.archive.archive import Archive
from qingyuan.readings.archive.engine import Limits

__all__ = ["Archive", "Limits"]
