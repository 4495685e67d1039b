"""Kinds of files that come in and go out: by the end of their name, as the type that the wire calls them."""

from __future__ import annotations

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP, PDF = "application/zip", "application/pdf"
TEXT, CSV, JSON = "text/plain", "text/csv", "application/json"
JPEG, PNG, WEBP, HEIC, MP4 = "image/jpeg", "image/png", "image/webp", "image/heic", "video/mp4"
SUFFIXES = {
    JPEG: ".jpg", PNG: ".png", WEBP: ".webp", HEIC: ".heic", MP4: ".mp4", PDF: ".pdf", TEXT: ".txt", CSV: ".csv",
    JSON: ".json", WORD: ".docx", EXCEL: ".xlsx", ZIP: ".zip",
}  # fmt: skip
"""How the name of a file of each type ends."""
TABLES = {"csv": f"{CSV}; charset=utf-8", "xlsx": EXCEL}
"""What a table is given out as."""
