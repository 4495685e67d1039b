"""The unified social credit code of a firm: its form and its check character (GB 32100-2015)."""

from __future__ import annotations

from django.core.exceptions import ValidationError

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of the code, by their values; I, O, S, V and Z are not used."""
LENGTH = 18


def is_credit_code(code: str) -> bool:
    """Whether a code has the form: 18 characters of the code's own."""
    return len(code) == LENGTH and all(letter in LETTERS for letter in code)


def check_character(code: str) -> str:
    """The 18th character, by the first 17 (weights 3^i modulo 31)."""
    total = sum(LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(code[: LENGTH - 1]))
    return LETTERS[-total % 31]


def doubt_of(code: str) -> str:
    """Why a code may be mistyped, in words; empty for one that is right."""
    if not is_credit_code(code):
        return f"{code} 不是 18 位统一社会信用代码"
    if (right := check_character(code)) != code[-1]:
        return f"{code} 的校验位应为 {right}"
    return ""


def check_credit_code(code: str) -> None:
    """Of a model's field. Raises ValidationError with what is wrong."""
    if doubt := doubt_of(code):
        raise ValidationError(doubt)
