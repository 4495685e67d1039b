"""Making local columns and books."""

from qingyuan.bureau.local.actions.making import RIGHT, Wanted, add_column, end_column, make_book

__all__ = ["RIGHT", "Wanted", "add_column", "end_column", "make_book"]
