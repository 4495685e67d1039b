"""Addresses of the registers' pages; the key of a row stands last, since it may hold any sign."""

from __future__ import annotations

from django.urls import path

from qingyuan.web.views import book_imports, books

BOOKS = [
    path("books/all/", books.index, name="books"),
    path("books/new/", book_imports.new_book, name="new_book"),
    path("books/<slug:book>/", books.rows, name="book"),
    path("books/<slug:book>/new/", books.edit, name="book_new"),
    path("books/<slug:book>/import/", book_imports.take_in, name="book_import"),
    path("books/<slug:book>/columns/", book_imports.columns, name="book_columns"),
    path("books/<slug:book>/template.xlsx", books.blank, name="book_template"),
    path("books/<slug:book>/export.<slug:form>", books.take_out, name="book_export"),
    path("books/<slug:book>/features.json", books.on_map, name="book_features"),
    path("books/<slug:book>/row/<path:key>/", books.row, name="book_row"),
    path("books/<slug:book>/edit/<path:key>/", books.edit, name="book_edit"),
    path("books/<slug:book>/do/<slug:verb>/<path:key>/", books.do, name="book_do"),
    path("books/<slug:book>/unseal/<path:key>/", books.unseal, name="book_unseal"),
]
