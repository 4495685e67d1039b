"""Local books and columns as the registry sees them: read from their tables, each time anew."""

from __future__ import annotations

from collections.abc import Iterator

from qingyuan import clock
from qingyuan.bureau.base.dated import in_force
from qingyuan.bureau.book import Book, Layer
from qingyuan.bureau.book.registry import more_books, more_columns
from qingyuan.bureau.kinds.columns import EXTRA, Column
from qingyuan.bureau.local.models import TYPED, LocalBook, LocalColumn, LocalRow


def local_books() -> Iterator[Book]:
    """Every book that was made on the screen."""
    for each in LocalBook.objects.all():
        columns = tuple(name for name in TYPED if name in each.labels or name in ("key", "name"))
        yield Book(
            code=each.code,
            model=LocalRow,
            name=each.name,
            purpose=each.purpose,
            key=("key",),
            columns=columns,
            form=columns,
            filters=tuple(name for name in ("area", "state") if name in columns),
            search=("key", "name"),
            labels=each.labels,
            lies="area",
            answers="answers",
            owners=("firm",),
            layer=Layer(),
            fixed={"book": each},
        )


def local_columns(book: Book) -> Iterator[Column]:
    """The columns that were added to a book and hold today."""
    today = clock.beijing(clock.now()).date()
    for each in LocalColumn.objects.filter(in_force(today), book=book.code):
        choices = tuple((str(word), str(word)) for word in each.choices)
        yield Column(
            f"{EXTRA}c{each.pk}",
            each.label,
            each.kind,
            "",
            (each.label, f"c{each.pk}"),
            choices,
            is_written=True,
            right=each.right,
        )


more_books.append(local_books)
more_columns.append(local_columns)
