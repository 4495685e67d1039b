"""The components of the pages, on one living page under settings: figure, trend, deadline, status, evidence, empty,
error, progress, table. Known to every template without a load. Each has a sign or a word, never colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.template.base import FilterExpression, Parser, Token
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from qingyuan import clock
from qingyuan.bureau.base import display
from qingyuan.bureau.base.marks import Chip, chip_of
from qingyuan.bureau.base.told import told
from qingyuan.web.pieces import sign_of

register = template.Library()


class PartedNode(template.Node):
    """A component with content: what stands between its parts' words, rendered into its own template."""

    def __init__(self, file: str, given: dict[str, FilterExpression], parts: dict[str, template.NodeList]) -> None:
        self.file, self.given, self.parts = file, given, parts

    def render(self, context: template.Context) -> SafeString:
        """The component's template, filled; a part of white space alone counts as absent."""
        filled = {name: mark_safe(part.render(context).strip()) for name, part in self.parts.items()}  # noqa: S308
        given = self.filled({name: value.resolve(context) for name, value in self.given.items()})
        found = context.template.engine.get_template(self.file)  # type: ignore[union-attr]
        with context.push(**given, **filled):
            return mark_safe(found.render(context))  # noqa: S308 - a rendered template

    def filled(self, given: dict[str, Any]) -> dict[str, Any]:
        """What the component's template is filled with, beside its parts."""
        return given


class TrendNode(PartedNode):
    """A figure beside its target or beside last year."""

    def filled(self, given: dict[str, Any]) -> dict[str, Any]:
        """Tone, sign, word and the bound or the change."""
        return compared(given["now"], given["before"], given["better"] or "low", given["than"] or "target")


def _parted(
    parser: Parser,
    token: Token,
    file: str,
    names: tuple[str, ...],
    parts: tuple[str, ...],
    kind: type[PartedNode] = PartedNode,
) -> PartedNode:
    """Reads `{% tag value … name=value %}first{% part %}second{% endtag %}`."""
    tag, *bits = token.split_contents()
    named = dict(bit.split("=", 1) for bit in bits if bit.split("=")[0] in names and "=" in bit)
    plain = [bit for bit in bits if not (bit.split("=")[0] in names and "=" in bit)]
    said = dict.fromkeys(names, "None") | dict(zip(names, plain, strict=False)) | named
    given = {name: parser.compile_filter(value) for name, value in said.items()}
    found, now = {name: template.NodeList() for name in parts}, parts[0]
    while True:
        found[now] = parser.parse((*parts[1:], f"end{tag}"))
        now = parser.next_token().contents.split()[0]
        if now == f"end{tag}":
            return kind(file, given, found)


@register.tag
def figure(parser: Parser, token: Token) -> PartedNode:
    """`{% figure word href=… hint=… item=… of=… %}value{% under %}against a target{% asof %}as of when{% endfigure %}`."""
    names, parts = ("word", "href", "hint", "item", "of"), ("value", "under", "asof")
    return _parted(parser, token, "components/figure.html", names, parts)


@register.tag
def table(parser: Parser, token: Token) -> PartedNode:
    """`{% table "cards" %}{% column word "num" %}…{% rows %}<tr>…</tr>{% endtable %}`; it scrolls within its box."""
    return _parted(parser, token, "components/table.html", ("kind",), ("columns", "rows"))


@register.simple_tag
def column(word: Any = "", kind: str = "") -> SafeString:
    """The heading of a column; kind `num` for numbers."""
    if kind:
        return format_html('<th class="{}">{}</th>', kind, word)
    return format_html("<th>{}</th>", word)


@register.inclusion_tag("components/chip.html")
def chip(word: Any, tone: str = "", sign: str = "") -> dict[str, Any]:
    """A chip with a word, a tone (calm, half, urgent, over, info, accent) and the icon of that tone."""
    return {"chip": Chip(str(word), tone, sign or chip_of("", "").sign)}


@register.inclusion_tag("components/chip.html")
def status(kind: str, value: Any, word: Any = "") -> dict[str, Any]:
    """The chip of a state of a register, such as `alert` `open`."""
    return {"chip": chip_of(kind, str(value), str(word))}


@register.inclusion_tag("components/deadline.html")
def deadline(
    start: datetime, deadline: datetime | None, ended: datetime | None = None, provisional: bool = False
) -> dict[str, Any]:
    """A deadline clock: 剩 3 小时, the exact time on hover. Once ended it says whether it was in time.

    provisional: it went over days whose holiday plan is not announced, so that it may move; said beside it.
    """
    if deadline is None:
        return {"deadline": None}
    at = ended or clock.now()
    state = display.due_state(start, deadline, at)
    if ended:
        text = _("逾期办结") if ended > deadline else _("按期办结")
        return {"deadline": deadline, "state": "over" if ended > deadline else "calm", "text": text}
    text = display.due_text(deadline, at)
    return {"deadline": deadline, "state": state.value, "text": text, "provisional": provisional}


@register.tag
def trend(parser: Parser, token: Token) -> PartedNode:
    """`{% trend now before "low" than="target" %}what stands beside{% endtrend %}`.

    The second word is the side that is good, `low` or `high`; than: `target` or `last_year`.
    """
    names = ("now", "before", "better", "than")
    return _parted(parser, token, "components/trend.html", names, ("beside",), TrendNode)


def compared(now: float | Decimal | None, before: float | Decimal | None, better: str, than: str) -> dict[str, Any]:
    """A figure against its target, or against last year, by sign and word; without either it says so."""
    if now is None or before is None:
        return {"tone": "", "sign": "minus", "word": _("没有可比的数值")}
    change = Decimal(str(now)) - Decimal(str(before))
    good = change <= 0 if better == "low" else change >= 0
    tone = "good" if good else "bad"
    if than == "target":
        word = {"low": (_("高于"), _("未超过")), "high": (_("低于"), _("不低于"))}[better][good]
        return {"tone": tone, "sign": "check" if good else "alert-triangle", "word": word, "bound": before}
    if not change:
        return {"tone": "", "sign": "minus", "word": _("与去年持平")}
    word = _("比去年高") if change > 0 else _("比去年低")
    return {"tone": tone, "sign": "arrow-up" if change > 0 else "arrow-down", "word": word, "bound": abs(change)}


@register.simple_tag
def tone(now: float | Decimal | None, target: float | Decimal | None, better: str = "low") -> str:
    """`good` or `bad`, as a figure stands to its target; nothing where one is missing."""
    return str(compared(now, target, better, "target")["tone"])


@register.inclusion_tag("components/evidence.html")
def evidence(pieces: Iterable[Any] | None, address: str = "", none: str = "") -> dict[str, Any]:
    """Files with their digests, each a link by the route `address` if given; `none` is said where there are none."""
    shown = [(sign_of(piece.kind), piece) for piece in pieces or ()]
    return {"pieces": shown, "address": address, "none": none or _("没有附件。")}


@register.inclusion_tag("components/empty.html")
def empty(title: str, hint: str = "", sign: str = "inbox") -> dict[str, Any]:
    """Why a list is empty and what would fill it."""
    return {"title": title, "hint": hint, "sign": sign}


def _said(text: Any) -> SafeString:
    return conditional_escape(text if isinstance(text, SafeString) else told(str(text)))


@register.inclusion_tag("components/notice.html")
def notice(text: Any, tone: str = "") -> dict[str, Any]:
    """A box with a message, in the page's language; tone good, warn, bad or plain."""
    return {"texts": [_said(text)], "tone": tone}


@register.inclusion_tag("components/notice.html")
def error(found: Any) -> dict[str, Any]:
    """What went wrong: what was got, what was expected, what to do. One text, or each of several; none shows nothing."""
    texts = list(found or ()) if isinstance(found, list | tuple) else [found] if found else []
    return {"texts": [_said(text) for text in texts], "tone": "bad"}


@register.inclusion_tag("components/progress.html")
def progress(percent: float, state: str = "", doing: str = "") -> dict[str, Any]:
    """How far a long work is, and what it is doing; it says that the page may be left."""
    return {"percent": percent, "state": state, "doing": doing}
