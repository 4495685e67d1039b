"""Importers of public exports: one file each declares `IMPORTER`. See docs/adding-an-importer.md."""
