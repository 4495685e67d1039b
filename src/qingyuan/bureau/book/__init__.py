"""The register machinery: a model and one declaration give a book its list, form, import, export, history and API.

A register's `books.py` uses the names below, its `models.py` the base `Row`; docs/adding-a-register.md shows the steps.
"""

from qingyuan.bureau.book.declaration import Book, Computed, Counter, Due, Filter, Layer, Verb

__all__ = ["Book", "Computed", "Counter", "Due", "Filter", "Layer", "Verb"]
