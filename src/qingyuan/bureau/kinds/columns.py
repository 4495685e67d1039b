"""A column: its words, its kind, and the faces of a value: text of a file or form, what the model holds, plain JSON."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from qingyuan import clock
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.kinds.links import Links
from qingyuan.bureau.sealed.models import SealedField
from qingyuan.bureau.sealed.queries import MASK

EXTRA = "extra."
YES, NO = {"是", "有", "√", "✓", "y", "yes", "true", "1"}, {"否", "无", "×", "x", "n", "no", "false", "0"}
_KINDS: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
    (SealedField, "sealed"),
    (models.ForeignKey, "link"),
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.BooleanField, "boolean"),
    (models.IntegerField, "integer"),
    (models.FloatField, "number"),
    (models.DecimalField, "decimal"),
    (models.JSONField, "json"),
    (models.TextField, "long"),
    (models.CharField, "text"),
)


class BadValue(Invalid):
    """A value that a column does not take."""

    def __init__(self, column: Column, got: str, expected: str) -> None:
        self.got, self.expected = got[:60], expected
        super().__init__(f"“{column.label}”：得到 {self.got or '空'}，应为 {expected}", column.name)


@dataclass(frozen=True)
class Column:
    """kind: sealed, link, datetime, date, boolean, integer, number, decimal, json, long, text, choice or computed.

    right: the capability without which it is not shown; None for everybody who sees the row.
    """

    name: str
    label: str
    kind: str
    place: str
    headers: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    is_written: bool = False
    field: Any = None
    value: Callable[[Any], Any] | None = None
    right: str = ""

    @classmethod
    def of_field(
        cls, field: Any, place: str, headers: tuple[str, ...], *, is_written: bool, may_be_empty: bool = False
    ) -> Column:
        """The column of a model's field; the first heading is its label. may_be_empty: it is given by who writes the row."""
        kind = next((word for base, word in _KINDS if isinstance(field, base)), "text")
        choices = tuple((str(code), str(label)) for code, label in field.flatchoices)
        required = not (field.blank or field.null or field.has_default() or may_be_empty)
        kind = "choice" if choices else kind
        return cls(field.name, headers[0], kind, place, headers, choices, required, is_written, field)

    # text -> what the model holds

    def read(self, text: str, links: Links) -> Any:
        """The value of a text; None (or an empty text) for an empty one. Raises BadValue."""
        bare = (
            unicodedata.normalize("NFKC", text).strip() if self.kind not in ("text", "long", "sealed") else text.strip()
        )
        bare = getattr(self.field, "tidy", str)(bare)
        if not bare:
            if self.required:
                raise BadValue(self, "", "必填")
            return self._nothing()
        if "\0" in bare:
            raise BadValue(self, bare.replace("\0", "␀"), "没有控制字符的文字")
        value = getattr(self, f"_read_{self.kind}", lambda given, _links: given)(bare, links)
        for check in getattr(self.field, "validators", ()) if self.kind not in ("link", "sealed") else ():
            try:
                check(value)
            except ValidationError as error:
                raise BadValue(self, bare, "；".join(error.messages)) from error
        return value

    def _nothing(self) -> Any:
        is_text = self.field is not None and not self.field.null and self.kind in ("text", "long", "choice", "sealed")
        return "" if is_text else None

    def _read_text(self, bare: str, links: Links) -> str:
        most = getattr(self.field, "max_length", None)
        if most and len(bare) > most:
            raise BadValue(self, bare, f"至多 {most} 个字符，得到 {len(bare)} 个")
        return bare

    def _read_choice(self, bare: str, links: Links) -> str:
        for code, label in self.choices:
            plain = unicodedata.normalize("NFKC", label)  # as the text is
            if bare in (code, plain, plain.partition("(")[0]) or bare.lower() == code.lower():
                return code
        raise BadValue(self, bare, "、".join(label for _, label in self.choices))

    def _read_boolean(self, bare: str, links: Links) -> bool:
        if bare.lower() in YES | NO:
            return bare.lower() in YES
        raise BadValue(self, bare, "是、否")

    def _read_integer(self, bare: str, links: Links) -> int:
        value = self._read_decimal(bare, links)
        if value != int(value):
            raise BadValue(self, bare, "整数")
        return int(value)

    def _read_number(self, bare: str, links: Links) -> float:
        return float(self._read_decimal(bare, links))

    def _read_decimal(self, bare: str, links: Links) -> Decimal:
        try:
            value = Decimal(bare.replace(",", ""))
        except InvalidOperation:
            raise BadValue(self, bare, "数字") from None
        if not value.is_finite() or abs(value) > Decimal(10) ** 18:
            raise BadValue(self, bare, "数字")
        places = getattr(self.field, "decimal_places", None)
        return value if places is None else value.quantize(Decimal(1).scaleb(-places))

    def _read_date(self, bare: str, links: Links) -> date:
        return self._read_datetime(bare, links).date()

    def _read_datetime(self, bare: str, links: Links) -> datetime:
        import polars as pl  # a command that reads no date needs none of it

        from qingyuan.science.civil import civil_time

        found = civil_time(pl.Series([bare.removesuffix("日").replace("年", "-").replace("月", "-")]))[0]
        if found is None:
            raise BadValue(self, bare, "日期，如 2026-01-31")
        return found.replace(tzinfo=clock.BEIJING)  # type: ignore[no-any-return]

    def _read_link(self, bare: str, links: Links) -> int:
        found = links.find(self.field.related_model, bare)
        if len(found) != 1:
            raise BadValue(self, bare, "已登记的名称或代码" if not found else "代码：有几个叫这个名称")
        return found[0]

    def _read_json(self, bare: str, links: Links) -> Any:
        try:
            return json.loads(bare)
        except ValueError:
            raise BadValue(self, bare, "JSON，如 GeoJSON 的形状") from None

    def _read_sealed(self, bare: str, links: Links) -> str:
        return bare

    # what the model holds -> plain JSON, text

    def plain(self, value: Any, links: Links) -> Any:
        """The value as versions and the API hold it."""
        if value is None or self.kind in ("text", "long", "choice", "boolean", "integer", "number", "json", "sealed"):
            return value
        if self.kind == "link":
            return links.code(self.field.related_model, value)
        if isinstance(value, datetime):
            return clock.beijing(value).isoformat(timespec="seconds")
        return str(value) if isinstance(value, (Decimal, date)) else value

    def text(self, value: Any, links: Links) -> Any:
        """The value as files and forms show it; `read` takes it back."""
        if value is None or value == "":
            return ""
        words: dict[str, Callable[[], Any]] = {
            "link": lambda: links.text(self.field.related_model, value),
            "choice": lambda: dict(self.choices).get(str(value), value),
            "boolean": lambda: "是" if value else "否",
            "sealed": lambda: MASK,
            "json": lambda: json.dumps(value, ensure_ascii=False),
        }
        if self.kind in words:
            return words[self.kind]()
        if isinstance(value, datetime):
            return f"{clock.beijing(value):%Y-%m-%d %H:%M:%S}"
        return value if isinstance(value, (int, float)) else str(value)

    def is_same(self, old: Any, new: Any) -> bool:
        """Whether a value of a file says what is there: files keep no blanks around text, 16 digits, whole seconds."""
        if isinstance(old, str) and isinstance(new, str):
            return old.strip() == new.strip()
        if self.kind == "number" and old is not None and new is not None:
            return math.isclose(old, new, rel_tol=1e-12)
        if isinstance(old, datetime) and isinstance(new, datetime):
            return abs(old - new) < timedelta(seconds=1)
        return bool(old == new)

    def of(self, row: Any) -> Any:
        """What a row holds in this column."""
        if self.value is not None:
            return self.value(row)
        if self.name.startswith(EXTRA):
            return row.extra.get(self.name.removeprefix(EXTRA))
        return getattr(row, self.field.attname)
