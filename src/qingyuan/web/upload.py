"""The one field by which a person brings files: what may be chosen is said beside it and offered by the browser alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

LIST = (".xlsx", ".xls", ".xlsm", ".et", ".csv", ".txt")
"""A list as people keep it: Excel, WPS, CSV."""
READINGS = (*LIST, ".gz", ".parquet", ".json")
PLACES = (*LIST, ".geojson", ".json", ".kml", ".zip")
EVIDENCE = ("image/*", "video/mp4", ".pdf", ".docx", ".xlsx", ".zip", ".txt", ".csv", ".json", ".log")


class UploadField(forms.FileField):
    """A file of some kinds (ends of names, or types); what it really is, its content says when it is read."""

    def __init__(self, kinds: Sequence[str] = LIST, **kwargs: Any) -> None:
        super().__init__(widget=forms.ClearableFileInput(attrs={"accept": ",".join(kinds)}), **kwargs)


class _Several(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class UploadsField(forms.FileField):
    """A list of files, pieces of evidence."""

    def __init__(self, kinds: Sequence[str] = EVIDENCE, **kwargs: Any) -> None:
        attrs = {"multiple": True, "data-wide": True, "accept": ",".join(kinds)}
        super().__init__(widget=_Several(attrs=attrs), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Every file checked; none gives an empty list."""
        given = data if isinstance(data, (list, tuple)) else [data] if data else []
        if self.required and not given:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(UploadsField, self).clean(each, initial) for each in given]
