"""The short names of standards in the rule tables in the words of the page."""

from __future__ import annotations

from django.utils.translation import get_language

_STANDARDS = {
    "setting": "本系统设定",
    "permit rules": "许可证规则",
    "permit": "排污许可证",
    "MEE-2022-21": "生态环境部公告 2022 年第 21 号",
}


def standard_in_words(name: str) -> str:
    """The name of a standard or other origin of a rule."""
    return name if _is_english() else _STANDARDS.get(name, name)


def _is_english() -> bool:
    return (get_language() or "").startswith("en")
