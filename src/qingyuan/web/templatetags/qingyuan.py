"""How values are written on the pages: `{% load qingyuan %}`. What has a box of its own is in `components`."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from qingyuan import clock
from qingyuan.bureau.base import display
from qingyuan.bureau.base.marks import air_mark, water_mark
from qingyuan.web.assets import asset_url

register = template.Library()

SUBSCRIPTS = {**dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)), "ₓ": "x"}
TAGS = re.compile(r"<[^>]*>")
SUPERSCRIPTS = {"⁶": "6", "⁺": "+"}


class DigestedNode(template.Node):
    """Renders its content and leaves the digest of the text that it shows in `shown_digest`, for the printed foot."""

    def __init__(self, content: template.NodeList) -> None:
        self.content = content

    def render(self, context: template.Context) -> SafeString:
        """The content unchanged."""
        shown = self.content.render(context)
        words = " ".join(TAGS.sub(" ", shown).split())
        context["shown_digest"] = hashlib.sha256(words.encode()).hexdigest()
        return shown


@register.tag
def digested(parser: template.base.Parser, token: template.base.Token) -> DigestedNode:
    """`{% digested %}…{% enddigested %}`."""
    content = parser.parse(("enddigested",))
    parser.delete_first_token()
    return DigestedNode(content)


@register.simple_tag
def asset(path: str) -> str:
    """The address of a static file."""
    return asset_url(path)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """An icon of the sprite, hidden from screen readers: a word stands beside it."""
    address = f"{asset_url('vendor/tabler/icons.svg')}#{name}"
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', extra, address
    )


def _real_scripts(text: str) -> SafeString:
    out: list[str] = []
    run, mark = "", ""
    for index, char in enumerate(text):
        low, high = SUBSCRIPTS.get(char), SUPERSCRIPTS.get(char)
        dot = char == "." and mark == "sub" and index + 1 < len(text) and text[index + 1] in SUBSCRIPTS
        now = "sub" if low or dot else "sup" if high else ""
        if now != mark:
            out.append(f"<{mark}>{run}</{mark}>" if mark else escape(run))
            run, mark = "", now
        run += low or high or char
    out.append(f"<{mark}>{run}</{mark}>" if mark else escape(run))
    return mark_safe("".join(out))  # noqa: S308 - every plain run is escaped above


@register.filter
def item(name: str) -> SafeString:
    """An item's sign with real subscripts; its full name on hover."""
    return format_html('<span title="{}">{}</span>', display.item_name(name), _real_scripts(display.item_symbol(name)))


@register.filter
def items(names: str) -> SafeString:
    """Several items, as evaluations list them with commas, by their signs."""
    return format_html_join("、", "{}", ((item(name),) for name in (names or "").split(",") if name))


@register.filter
def evaluation_kind(kind: str) -> str:
    """The word of a kind of evaluation."""
    words = {
        "air_hour": _("空气小时评价"),
        "air_day": _("空气日评价"),
        "water": _("水质评价"),
        "outlet_hour": _("排放口小时"),
        "outlet_day": _("排放口日"),
    }
    return words.get(kind, kind)


@register.filter
def share(ratio: float | None) -> str:
    """A ratio as percentage with one decimal, half to even; a dash where there is none."""
    if ratio is None:
        return "—"
    return f"{Decimal(repr(ratio * 100)).quantize(Decimal('0.1'))} %"


@register.filter
def item_name(name: str) -> str:
    """An item's full name."""
    return display.item_name(name)


@register.filter
def scripts(text: str) -> SafeString:
    """Any text with its Unicode subscripts as real ones, its units as print writes them, items by their signs."""
    return _real_scripts(display.symbols_in(display.units_in(str(text))))


@register.filter
def seconds(value: float) -> str:
    """How far a clock is off, to be read at a glance."""
    return display.seconds_text(value)


@register.filter
def unit(text: str) -> str:
    """A unit as print writes it."""
    return display.unit_text(text or "")


@register.simple_tag
def quantity(
    value: float | Decimal | None,
    decimals: int | None = None,
    unit: str = "",
    item: str = "",
    bound: float | str | None = None,
) -> SafeString:
    """A number with its unit in grey; with `item` its own decimals. None is —.

    bound: the limit beside it, as number or in words; the digits then tell on which side the number lies.
    """
    if value is None:
        return format_html('<span class="cannot" title="{}">—</span>', _("没有数值"))
    places = display.item_decimals(item) if decimals is None and item else decimals
    if bound is not None:
        tell = display.telling_of if isinstance(bound, str) else display.telling
        places = tell(float(value), bound, places)  # type: ignore[arg-type]
    text, sign = display.number_text(value, places), display.unit_text(unit)
    return format_html("{}<span class=unit>{}</span>", text, sign) if sign else format_html("{}", text)


@register.simple_tag
def against(value: float | None, bound: float | None, unit: str = "", item: str = "") -> SafeString:
    """A value beside its bound, with as many decimals as it takes to see on which side it lies."""
    if item == "class":
        return format_html("{} / {}", display.class_text(value), display.class_text(bound))
    places = display.telling(value, bound, display.item_decimals(item) if item else None)
    return format_html("{} / {}", quantity(value, places), quantity(bound, None, unit))


@register.simple_tag
def alert_value(alert: Any, value: float | None) -> SafeString:
    """A value of an alert: a class of a section as Ⅲ, any other in the digits that tell, with its unit."""
    if alert.item == "class":
        return format_html("{}", display.class_text(value))
    places = display.telling(value, alert.threshold, display.item_decimals(alert.item) if alert.item else None)
    return quantity(value, places, alert.unit)


@register.filter
def times(multiple: float | None) -> str:
    """By how many times a limit is exceeded."""
    return display.multiple_text(multiple)


@register.filter
def span(length: timedelta) -> str:
    """A span in its two largest units."""
    return display.span_text(length)


@register.simple_tag
def cannot_tell(reason: str) -> SafeString:
    """— with its reason."""
    return format_html('<span class="cannot" tabindex="0" title="{}">—</span>', display.symbols_in(str(reason)))


@register.inclusion_tag("web/parts/aqi.html")
def aqi(value: float | None, label: str = "") -> dict[str, Any]:
    """An AQI in the colour of its category, with the category's name."""
    return {"mark": air_mark(value, label)}


@register.inclusion_tag("web/parts/day_cell.html")
def day_cell(day: Any) -> dict[str, Any]:
    """One day of the county's air as a cell of a strip: index on its colour, day below, all of it on hover."""
    return {"day": day, "mark": air_mark(day.aqi, day.category)}


@register.inclusion_tag("web/parts/water_class.html")
def water_class(name: str | None) -> dict[str, Any]:
    """A water class in its colour, with the word for its quality."""
    return {"mark": water_mark(name or "")}


@register.filter
def when(instant: datetime | None, shape: str = "short") -> SafeString:
    """An instant in Beijing time; `short` omits the year of today, `latest` the day of today, `second` both, `day`,
    `time`, `full`.
    """
    if instant is None:
        return mark_safe("—")
    local = clock.beijing(instant)
    full = f"{local:%Y-%m-%d %H:%M:%S}"
    today = clock.beijing(clock.now()).date()
    same_year = local.year == today.year
    short = f"{local:%m-%d %H:%M}" if same_year else f"{local:%Y-%m-%d %H:%M}"
    text = {
        "latest": f"{local:%H:%M}" if local.date() == today else short,
        "day": f"{local:%Y-%m-%d}",
        "time": f"{local:%H:%M}",
        "second": f"{local:%H:%M:%S}" if local.date() == today else f"{local:%m-%d %H:%M:%S}",
        "full": f"{local:%Y-%m-%d %H:%M:%S}",
        "short": short,
    }[shape]
    return format_html('<time datetime="{}" title="{}">{}</time>', instant.isoformat(), full, text)


@register.filter
def stamp(instant: datetime) -> str:
    """An instant in Beijing time as addresses and input fields take it."""
    return f"{clock.beijing(instant):%Y-%m-%dT%H:%M}"


@register.filter
def beijing_day(instant: date) -> str:
    """A day, or the day of an instant in Beijing, as addresses take it."""
    return f"{clock.beijing(instant) if isinstance(instant, datetime) else instant:%Y-%m-%d}"


@register.simple_tag
def curves_of(code: str, first: date, last: date) -> str:
    """The address of an outlet's curves side by side, from the day of one instant to that of another."""
    return f"{reverse('firms:outlet', args=[code])}?since={beijing_day(first)}&to={beijing_day(last)}"


@register.filter
def charted(grain: str) -> str:
    """The interval under which a series is charted: single readings by hours."""
    return "hour" if grain == "raw" else grain


@register.filter
def word_of(words: dict[str, Any], code: str) -> Any:
    """The word of a code; the code itself where it has none."""
    return words.get(code, code)


@register.filter
def since(instant: datetime | None) -> SafeString:
    """How long ago: 12 分钟前, with the exact time on hover."""
    if instant is None:
        return mark_safe("—")
    full, now = f"{clock.beijing(instant):%Y-%m-%d %H:%M:%S}", clock.now()
    text = _("%(span)s前") % {"span": display.span_text(now - instant)} if now > instant else _("刚刚")
    return format_html('<time datetime="{}" title="{}">{}</time>', instant.isoformat(), full, text)


@register.filter
def day(value: date | None) -> str:
    """A calendar day; — for none."""
    return "—" if value is None else f"{value:%Y-%m-%d}"


@register.filter
def year_end(year: int) -> str:
    """The last day of a year, as addresses take it."""
    return f"{year}-12-31"


@register.filter
def last_day(end: datetime) -> str:
    """The last calendar day before an exclusive end, in Beijing."""
    return f"{clock.beijing(end - timedelta(seconds=1)):%Y-%m-%d}"


@register.filter
def size(count: int) -> str:
    """A size of a file."""
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"


@register.inclusion_tag("web/parts/field.html")
def field(bound: BoundField, wide: bool = False) -> dict[str, Any]:
    """A form field with label, help and what is wrong with it."""
    return {"field": bound, "wide": wide or bound.field.widget.attrs.get("data-wide")}


@register.inclusion_tag("web/parts/filters.html", takes_context=True)
def filters(context: template.Context, listing: Any) -> dict[str, Any]:
    """The filter bar of a list: fields, removable chips, the exact count."""
    return {"listing": listing, "request": context.get("request")}


@register.inclusion_tag("web/parts/until.html", takes_context=True)
def until(context: template.Context, opening: Any) -> dict[str, Any]:
    """Up to which day the page shows: a field to choose it, and the way to the newest data."""
    given = context["request"].GET.copy()
    for name in ("until", "day", "page"):
        given.pop(name, None)
    kept = [(name, value) for name, values in given.lists() for value in values]
    return {"opening": opening, "kept": kept, "plain": f"?{given.urlencode()}"}


@register.inclusion_tag("web/parts/pager.html", takes_context=True)
def pager(context: template.Context, listing: Any) -> dict[str, Any]:
    """Pages of a list."""
    return {"listing": listing, "request": context.get("request")}
