"""Areas that a list names and the register does not know, made where who imports asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qingyuan import clock
from qingyuan.bureau.accounts.models import Area, User
from qingyuan.bureau.registers.actions.register import put_area

_ZONES = ("开发区", "园区", "产业园", "工业园", "示范区", "高新区", "新区", "科技园")


def make_areas(actor: User | None, column: str, words: Sequence[str]) -> Mapping[str, int]:
    """A town or a development zone for each word: its key. Raises NotAllowed for who does not keep the registers."""
    today = clock.beijing(clock.now()).date()
    made = {}
    for word in words:
        kind = Area.Kind.ZONE if word.endswith(_ZONES) else Area.Kind.TOWN
        made[word] = put_area(word[:20], word[:60], kind.value, None, None, today, actor).pk
    return made
