"""Which registered point a file means: by its code, else by its name or a former name. Two places never become one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from qingyuan.bureau.registers.models import Point, PointName
from qingyuan.intake.files import PointInfo

LONGEST_CODE = 60


@dataclass
class Matched:
    """known: code in the file to the point's code; new: points to be made; refused: code in the file to why not.

    by_name: those of the known ones that were found by their name.
    """

    known: dict[str, str] = field(default_factory=dict)
    new: dict[str, PointInfo] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    by_name: dict[str, str] = field(default_factory=dict)


class Matcher:
    """Matches the points of a file, slice by slice; what was settled once stays."""

    def __init__(self) -> None:
        self.matched = Matched()
        self._names: dict[str, set[str]] = {}

    def look_at(self, points: Iterable[PointInfo]) -> Matched:
        """Settle the points that were not met before; those met before under another name are refused."""
        fresh = []
        for info in points:
            before = self._names.setdefault(info.code, set())
            told = {_plain(name) for name in info.names}
            if before and told - before and not _alike(before, told):
                self._refuse(
                    info.code,
                    f"编号 {info.code} 在文件里有几个名称：{'、'.join(sorted(before | told))}；一个编号一个点位",
                )
            before |= told
            if len(info.names) > 1 and not _alike(told, told):
                self._refuse(
                    info.code, f"编号 {info.code} 在文件里有几个名称：{'、'.join(info.names)}；一个编号一个点位"
                )
            elif info.code not in {*self.matched.known, *self.matched.new, *self.matched.refused}:
                fresh.append(info)
        self._settle(fresh)
        return self.matched

    def _settle(self, points: list[PointInfo]) -> None:
        codes = {p.code: p for p in Point.objects.filter(code__in=[p.code for p in points])}
        registered = _by_name()
        rest = []
        for info in points:
            point = codes.get(info.code)
            if point is None:
                rest.append(info)
            elif info.names and not _is_called(point, info.names, registered):
                self._refuse(
                    info.code,
                    f"编号 {info.code} 已登记为“{point.name}”，文件里叫“{info.names[0]}”；"
                    "是同一个点位就用点位清单改名（旧名自动留作曾用名），不是就改文件里的编号",
                )
            else:
                self.matched.known[info.code] = point.code
        taken = set(self.matched.known.values())
        wanted: dict[str, list[PointInfo]] = {}
        for info in rest:
            named = {code for name in (info.names or (info.name,)) for code in registered.get(_plain(name), ())} - taken
            if len(named) == 1:
                wanted.setdefault(named.pop(), []).append(info)
            elif named:
                self._refuse(info.code, f"有几个点位叫“{info.name}”（{'、'.join(sorted(named))}）；请在文件里写编号")
            else:
                self._make(info)
        for code, infos in wanted.items():
            if len(infos) == 1:
                self.matched.known[infos[0].code] = self.matched.by_name[infos[0].code] = code
                continue
            for info in infos:  # two places of one name in one file: which one is ours cannot be told
                self._refuse(
                    info.code, f"文件里有几处叫“{info.name}”，本系统有一处（{code}）；请在文件里写本系统的编号"
                )

    def _make(self, info: PointInfo) -> None:
        if len(info.code) > LONGEST_CODE or any(unicodedata.category(sign) == "Cc" for sign in info.code):
            self._refuse(info.code, f"得到编号“{info.code[:30]}…”，应为至多 {LONGEST_CODE} 个字、没有控制字符的编号")
        else:
            self.matched.new[info.code] = info

    def _refuse(self, code: str, why: str) -> None:
        self.matched.refused[code] = why
        for settled in (self.matched.known, self.matched.by_name, self.matched.new):
            settled.pop(code, None)


def _by_name() -> Mapping[str, set[str]]:
    """Codes of registered points by their names and former names."""
    found: dict[str, set[str]] = {}
    for name, code in Point.objects.values_list("name", "code"):
        found.setdefault(_plain(name), set()).add(code)
    for name, code in PointName.objects.values_list("name", "point__code"):
        found.setdefault(_plain(name), set()).add(code)
    return found


def _is_called(point: Point, names: Iterable[str], registered: Mapping[str, set[str]]) -> bool:
    own = _plain(point.name)
    for name in map(_plain, names):
        if own in (name, _plain(point.code)) or name == _plain(point.code) or point.code in registered.get(name, ()):
            return True
        if own in name or name in own:
            return True
    return False


def _alike(some: set[str], others: set[str]) -> bool:
    """Whether names are ways to write one: each holds, or is held by, every other."""
    return all(a in b or b in a for a in some for b in others)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
