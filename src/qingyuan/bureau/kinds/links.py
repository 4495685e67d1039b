"""Rows of other tables that a column points to, by their code or name; for an import all at once, else one by one."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q

_KEYS = ("code", "number", "username", "key", "mn")


class Links:
    """Finds rows by word, and the words of rows; `whole` reads each table once."""

    def __init__(self, whole: bool = False) -> None:
        self._whole = whole
        self._met: dict[tuple[type[Model], str], int] = {}
        self._tables: dict[type[Model], tuple[dict[str, list[int]], dict[int, tuple[str, str]]]] = {}

    def find(self, model: type[Model], word: str) -> list[int]:
        """Keys of the rows with that code, else with that name."""
        if self._whole:
            return self._table(model)[0].get(word, [])
        if (model, word) in self._met:
            return [self._met[model, word]]
        code, name = named_by(model)
        rows = model._default_manager.filter(Q(**{code: word}) | Q(**{name: word})).values_list("pk", code)[:3]
        return [pk for pk, own in rows if str(own) == word] or [pk for pk, _own in rows]

    def meet(self, model: type[Model], word: str, pk: int) -> None:
        """A row that was read elsewhere, and the word that stands for it."""
        self._met[model, word] = pk

    def expect(self, model: type[Model], pk: int, code: str, name: str) -> None:
        """A row that is still to be made, by the key that stands in for it."""
        if self._whole:
            self._table(model)[1][pk] = code, name
        else:
            self._tables.setdefault(model, ({}, {}))[1][pk] = code, name

    def code(self, model: type[Model], pk: Any) -> str:
        """The code of a row; empty for none."""
        return self._words(model, pk)[0]

    def text(self, model: type[Model], pk: Any) -> str:
        """The name of a row where it tells it from all others, else its code."""
        code, name = self._words(model, pk)
        return name if name and self.find(model, name) == [pk] else code

    def _words(self, model: type[Model], pk: Any) -> tuple[str, str]:
        if pk is None:
            return "", ""
        if not self._whole and model not in self._tables:
            self._tables[model] = ({}, {})
        known = self._tables[model][1] if not self._whole else self._table(model)[1]
        if pk not in known and not self._whole:
            code, name = model._default_manager.values_list(*named_by(model)).get(pk=pk)
            known[pk] = (str(code), str(name))
        return known.get(pk, ("", ""))

    def _table(self, model: type[Model]) -> tuple[dict[str, list[int]], dict[int, tuple[str, str]]]:
        if model not in self._tables:
            words: dict[int, tuple[str, str]] = {
                pk: (str(code), str(name))
                for pk, code, name in model._default_manager.values_list("pk", *named_by(model))
            }
            by_word: dict[str, list[int]] = {}
            for pk, (_code, name) in words.items():
                by_word.setdefault(name, []).append(pk)
            by_word |= {code: [pk] for pk, (code, _name) in words.items()}  # a code names one row, whatever names say
            self._tables[model] = by_word, words
        return self._tables[model]


def named_by(model: type[Model]) -> tuple[str, str]:
    """The field of the code and that of the name."""
    there = {field.name for field in model._meta.concrete_fields}
    code = next((key for key in _KEYS if key in there), "pk")
    return code, next((name for name in ("name", "display_name", "title") if name in there), code)
