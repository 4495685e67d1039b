"""The name under which a file is saved, as RFC 6266 writes it: the only place that sets Content-Disposition."""

from __future__ import annotations

import re
from typing import TypeVar
from urllib.parse import quote

from django.http.response import HttpResponseBase

LONGEST = 150
_PLAIN = re.compile(r"[^A-Za-z0-9._ ()+-]")
Answer = TypeVar("Answer", bound=HttpResponseBase)


def named(answer: Answer, name: str, *, inline: bool = False) -> Answer:
    """The answer with its name: control characters, quotes and folders out of it, other scripts encoded."""
    answer["Content-Disposition"] = disposition(name, inline=inline)
    return answer


def disposition(name: str, *, inline: bool = False) -> str:
    r"""The header's value.

    >>> disposition('排放"量"\r\nSet-Cookie: a.xlsx')
    "attachment; filename=\"____Set-Cookie_ a.xlsx\"; filename*=UTF-8''%E6%8E%92%E6%94%BE_%E9%87%8F_Set-Cookie_%20a.xlsx"
    """
    clean = "".join(sign for sign in name if sign.isprintable())
    clean = re.sub(r'[\\/:*?"<>|;]', "_", clean).strip(" .") or "file"
    if len(clean) > LONGEST:
        stem, dot, end = clean.rpartition(".")
        clean = f"{(stem or end)[: LONGEST - 12]}{dot}{end[:10]}" if dot else clean[:LONGEST]
    way = "inline" if inline else "attachment"
    if clean.isascii():
        return f'{way}; filename="{clean}"'
    return f"{way}; filename=\"{_PLAIN.sub('_', clean)}\"; filename*=UTF-8''{quote(clean, safe='')}"
