"""Addresses of the registers' pages; the key of a row stands last, since it may hold any sign."""

from __future__ import annotations

from django.urls import path

from qingyuan.web.pages.books import files, many, views

app_name = "books"
urlpatterns = [
    path("books/all/", views.index, name="books"),
    path("books/new/", files.new_book, name="new_book"),
    path("books/<slug:book>/", views.rows, name="book"),
    path("books/<slug:book>/new/", views.edit, name="book_new"),
    path("books/<slug:book>/many/", many.change_rows, name="book_many"),
    path("books/<slug:book>/import/", files.take_in, name="book_import"),
    path("books/<slug:book>/columns/", files.columns, name="book_columns"),
    path("books/<slug:book>/template.xlsx", views.blank, name="book_template"),
    path("books/<slug:book>/export.<slug:form>", views.take_out, name="book_export"),
    path("books/<slug:book>/features.json", views.on_map, name="book_features"),
    path("books/<slug:book>/row/<path:key>/", views.row, name="book_row"),
    path("books/<slug:book>/edit/<path:key>/", views.edit, name="book_edit"),
    path("books/<slug:book>/do/<slug:verb>/<path:key>/", views.do, name="book_do"),
    path("books/<slug:book>/unseal/<path:key>/", views.unseal, name="book_unseal"),
]
