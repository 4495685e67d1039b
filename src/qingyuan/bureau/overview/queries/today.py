"""The figures of the first page and the line for the morning chat; both from the same numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import scope_of
from qingyuan.bureau.accounts.queries.county import county_name
from qingyuan.bureau.accounts.queries.people import scope_words
from qingyuan.bureau.alerts.queries.pages import open_by_rule
from qingyuan.bureau.alerts.queries.pending import pending
from qingyuan.bureau.base import display
from qingyuan.bureau.base.marks import air_mark
from qingyuan.bureau.cases.models import Case
from qingyuan.bureau.cases.queries import pages as cases
from qingyuan.bureau.indicators.queries.county_air import CountyDay, county_days
from qingyuan.bureau.indicators.queries.county_year import YearToDate, year_to_date
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.judging.queries.evaluations import latest_by_point
from qingyuan.bureau.judging.queries.tags import visible_tags, waiting
from qingyuan.bureau.monitoring.queries.arrival_states import silent_points
from qingyuan.bureau.monitoring.queries.values import Freshness, IssuedClass, issued_classes
from qingyuan.bureau.overview.queries.point_rows import points_of
from qingyuan.bureau.registers.models import Point
from qingyuan.clock import beijing
from qingyuan.rules import rule_book

ASSESSED = ("national_sections", "provincial_sections")
SHOWN = 6
STRIP_DAYS = 30


@dataclass(frozen=True)
class SectionStand:
    """A section with its newest class, the target of that reading's day, and the verdict kept: pass, fail, cannot_tell.

    later_target: the target that holds today, where it is another one.
    """

    point: Point
    now: str
    target: str
    verdict: str
    deciding: str
    at: datetime | None
    issued: IssuedClass | None = None
    later_target: str = ""


@dataclass(frozen=True)
class Sections:
    """Assessed sections by their newest automatic reading."""

    stands: list[SectionStand]

    @property
    def total(self) -> int:
        """How many sections count."""
        return len(self.stands)

    @property
    def has_issued(self) -> bool:
        """Whether a higher authority issued the class of any."""
        return any(s.issued for s in self.stands)

    @property
    def passing(self) -> int:
        """How many meet their target."""
        return sum(s.verdict == "pass" for s in self.stands)

    @property
    def failing(self) -> list[SectionStand]:
        """Those worse than their target."""
        return [s for s in self.stands if s.verdict == "fail"]

    @property
    def unknown(self) -> int:
        """How many cannot be told."""
        return sum(s.verdict == "cannot_tell" for s in self.stands)


@dataclass(frozen=True)
class Today:
    """Everything on the first page.

    The air is the county's, one figure for all. What else is counted lies in the reader's scope: `scope` names it,
    empty where it is the whole.
    """

    now: datetime
    yesterday: CountyDay | None
    days: list[CountyDay]
    year: YearToDate
    sections: Sections
    rules: list[tuple[str, str, int]]
    counts: dict[str, int]
    urgent: list[dict[str, Any]]
    silent: list[tuple[Point, Freshness]]
    pending: int = 0
    tags_waiting: int = 0
    scope: str = ""
    line: str = ""


def sections_of(user: User, today: date) -> Sections:
    """Assessed sections (those with an assessment target if no roster is kept) against their target."""
    rows = points_of(user, "water").filter(section__isnull=False)
    on_roster = rows.filter(roster_entries__roster__in=ASSESSED).distinct()
    points = list(on_roster) or [p for p in rows if p.section.targets_now]  # type: ignore[attr-defined]
    newest = latest_by_point(points, "water")
    order = {"fail": 0, "cannot_tell": 1, "pass": 2}
    issued = issued_classes(points)
    stands = [replace(_stand(point, newest.get(point.pk)), issued=issued.get(point.pk)) for point in points]
    return Sections(sorted(stands, key=lambda s: order[s.verdict]))


def _stand(point: Point, found: Evaluation | None) -> SectionStand:
    """The kept verdict on the newest reading, by the target of its own day; a target that holds since is named."""
    holds = next((t.water_class for t in point.section.targets_now), "")  # type: ignore[attr-defined]
    if found is None:
        return SectionStand(point, "", holds, "cannot_tell", "", None)
    held_to = str(found.detail.get("target") or "")
    later = holds if held_to and holds != held_to else ""
    return SectionStand(
        point, found.label, held_to or holds, found.verdict, found.primary, found.start, later_target=later
    )


def gather(user: User, now: datetime) -> Today:
    """All of the first page for this user's scope."""
    today = beijing(now).date()
    last = today - timedelta(days=1)
    days = county_days(date(last.year, 1, 1), today)
    yesterday = next((d for d in days if d.day == last), None)
    year = year_to_date(days, today)
    late: list[Case] = [*cases.overdue(user, now)[:SHOWN], *cases.due_soon(user, now)[:SHOWN]]
    found = Today(
        now=now,
        yesterday=yesterday,
        days=days[-STRIP_DAYS:],
        year=year,
        sections=sections_of(user, today),
        rules=open_by_rule(user),
        counts=cases.counts(user),
        urgent=cases.with_states(user, late[:SHOWN]),
        silent=silent_points(user, now),
        pending=len(pending(user)),
        tags_waiting=waiting(visible_tags(user)).count(),
        scope="" if scope_of(user).everywhere else scope_words(user),
    )
    return replace(found, line=morning_line(found))


def _air_words(found: Today) -> list[str]:
    year = found.year
    said = _yesterday_words(found.yesterday)
    if year.pm25 is not None:
        said.append(_pm25_words(year, year.pm25))
    if year.judged:
        said.append(_good_words(year))
    return said


def _yesterday_words(day: CountyDay | None) -> list[str]:
    if day is None or day.aqi is None:
        text = _("昨日空气质量无法判定（%(why)s）") % {"why": day.reason if day else _("没有日数据")}
    else:
        text = _("昨日 AQI %(aqi)s（%(word)s）") % {"aqi": day.aqi, "word": air_mark(day.aqi, day.category).word}
    if day is not None and "AQI" in day.issued:
        text += _("，上级发布 %(aqi)s") % {"aqi": display.number_text(day.issued["AQI"], 0)}
    if day is not None and day.aqi is not None and day.primary:
        names = "、".join(display.item_symbol(i) for i in day.primary.split(","))
        return [text, _("首要污染物 %(names)s") % {"names": names}]
    return [text]


def _pm25_words(year: YearToDate, mean: float) -> str:
    few = _("—（只有 %(n)d 个有效日）") % {"n": year.pm25_days}
    ours = display.number_text(mean, 1) if year.is_told else few
    text = _("PM₂.₅ 今年以来 %(value)s") % {"value": f"{ours} µg/m³" if year.is_told else few}
    if year.issued_pm25:
        text = _("PM₂.₅ 今年以来上级核定 %(value)s µg/m³（%(origin)s），本系统统计 %(ours)s") % {
            "value": display.number_text(year.issued_pm25.value, 1),
            "origin": year.issued_pm25.origin,
            "ours": ours,
        }
    if year.target_pm25:
        text += _("，目标 %(target)s") % {"target": display.number_text(year.target_pm25.value)}
    if year.room_pm25 is not None:
        if year.room_pm25 > 0:
            text += _("，余下日均须不高于 %(room)s") % {"room": display.number_text(year.room_pm25, 1)}
        else:
            text += _("，年内已无法达到目标")
    return text


def _good_words(year: YearToDate) -> str:
    text = _("优良天 %(good)d/%(all)d") % {"good": year.good, "all": year.judged}
    if year.is_told:
        text += _("（%(share)s%%）") % {"share": display.number_text(year.good_share, 1)}
    if year.issued_good:
        text += _("，上级核定优良率 %(share)s%%（%(origin)s）") % {
            "share": display.number_text(year.issued_good.value, 1),
            "origin": year.issued_good.origin,
        }
    if year.target_good:
        text += _("，目标 %(target)s%%") % {"target": display.number_text(year.target_good.value)}
    if year.room_days is not None:
        text += (
            _("，还可超 %(n)d 天") % {"n": year.room_days}
            if year.room_days >= 0
            else _("，已多超 %(n)d 天") % {"n": -year.room_days}
        )
    return text


def _water_words(found: Today) -> str:
    sections = found.sections
    if not sections.total:
        return _("没有参评断面")
    text = _("%(all)d 个断面 %(good)d 个达标") % {"all": sections.total, "good": sections.passing}
    book = rule_book()
    bad = [
        f"{s.point.name} {book.water_class(s.now).name_zh}（{_('目标')} {book.water_class(s.target).name_zh}）"
        for s in sections.failing[:3]
    ]
    if bad:
        text += "，" + "、".join(bad)
    if sections.unknown:
        text += _("，%(n)d 个无法判定") % {"n": sections.unknown}
    return text


def morning_line(found: Today) -> str:
    """Yesterday, to date, target, room left: one line to paste into a chat."""
    local = beijing(found.now)
    day = _("%(month)d月%(day)d日") % {"month": local.month, "day": local.day}
    head = f"【{county_name() or _('全域')} {day} {local:%H:%M}】"
    alerts = sum(n for _rule, _word, n in found.rules)
    work = _("未解除预警 %(alerts)d 起，逾期案件 %(late)d 件，数据中断 %(silent)d 处") % {
        "alerts": alerts,
        "late": found.counts["overdue"],
        "silent": len(found.silent),
    }
    here = f"{found.scope}：" if found.scope else ""
    water = _("水：") + _water_words(found)
    return f"{head}{_('空气：')}{'；'.join(_air_words(found))}。{here}{water}。{work}。"
