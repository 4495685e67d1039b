"""A book from a file: read, compared and built before the transaction, which then only writes."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.db import IntegrityError

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require_everywhere
from qingyuan.bureau.accounts.queries.areas import county_box
from qingyuan.bureau.base.coordinates import LAT, LON, BadPositionError
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.book.columns import PLACE, placed
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.policies import reaches, require_for
from qingyuan.bureau.book.registry import columns_of
from qingyuan.bureau.book.versions import key_of
from qingyuan.bureau.exchange.bulk import Bulk, Stale
from qingyuan.bureau.kinds.columns import EXTRA, BadValue, Column
from qingyuan.bureau.kinds.links import Links
from qingyuan.bureau.sealed.queries import MASK
from qingyuan.formulas import guarded_row
from qingyuan.intake.files.headed import HeadedList, read_headed

TRIES = 3
SHOWN_KEYS = 5
CHINA = (LON[0], LAT[0], LON[1], LAT[1])


@dataclass(frozen=True)
class Choice:
    """How a file is taken: only tried; nothing if a row is bad; as the whole of a mirror; with new areas and sites."""

    dry_run: bool = False
    strict: bool = False
    full: bool = False
    new_places: bool = False
    reason: str = ""


@dataclass
class Report:
    """What a file did, or would do. `bad`: number in the file, cells by title, what is wrong in words."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    bad: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    unused: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    def facts(self) -> dict[str, int]:
        """The figures, as the command prints them."""
        return {
            "rows": self.rows,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "rejected": len(self.bad),
            "gone": self.gone,
        }


def import_file(actor: User | None, book: Book, path: Path, choice: Choice = Choice()) -> Report:
    """Take a file in; good rows are written in one transaction, bad ones told with the reason for each cell.

    An empty cell leaves what is there, and so do masked and computed columns. Raises NotAllowed, Invalid, NotATableError.
    """
    require_for(actor, book, "edit")
    if choice.full and not book.mirror:
        raise Invalid(f"“{book.name}”不是镜像，不能按全量导入（--full）；文件里没有的行不会因此消失", "full")
    if choice.full:
        require_everywhere(actor, book.right("edit"))
    table = read_headed(path, headings(book))
    columns = columns_of(book)
    lacking = [columns[name].label for name in book.key if name not in table.titles]
    if lacking and not (book.new_key or any(set(names) <= set(table.titles) for names in book.again)):
        raise Invalid(
            f"缺少列：{'、'.join(lacking)}；得到：{'、'.join([*table.titles.values(), *table.unused])[:300]}", "file"
        )
    for attempt in range(TRIES):
        run = _Run(actor, book, columns, table, choice)
        try:
            return run.take(f"导入 {path.name}")
        except Stale:
            if attempt == TRIES - 1:
                raise Invalid("导入时这些行一直有人在改，没有写入；请稍后重新导入", "file") from None
        except IntegrityError as error:
            raise Invalid(f"与已有的行冲突，没有写入：{str(error)[:200]}", "file") from error
    raise AssertionError("unreachable")


def headings(book: Book) -> dict[str, str]:
    """Every heading that may stand over a column, with its column."""
    found = {head: c.name for c in columns_of(book).values() for head in (c.label, *c.headers)}
    if book.layer and book.layer.lon in book.form:
        found |= dict.fromkeys(("经纬度", "坐标"), PLACE)
        for name, words in ((book.layer.lon, ("经度", "东经", "lng")), (book.layer.lat, ("纬度", "北纬"))):
            found |= {word: name for word in words if word not in found}
    return found


def write_errors(path: Path, report: Report) -> None:
    """The bad rows as CSV with what is wrong, to be mended and imported again."""
    titles = list(dict.fromkeys(title for _, cells, _ in report.bad for title in cells))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(guarded_row(["行", *titles, "问题"]))
        for number, cells, words in report.bad:
            writer.writerow(guarded_row([number, *(cells.get(title, "") for title in titles), words]))


class _Run:
    """One file, compared with the book as it stands now."""

    def __init__(
        self, actor: User | None, book: Book, columns: Mapping[str, Column], table: HeadedList, choice: Choice
    ) -> None:
        self._actor, self._book, self._columns, self._table, self._choice = actor, book, columns, table, choice
        self._links, self._report = Links(whole=True), Report(len(table.rows), unused=table.unused)
        self._bulk = Bulk(actor, book, self._links, choice.reason)
        self._read: dict[tuple[str, str], Any] = {}
        self._new: dict[str, dict[str, int]] = {}
        self._seen: dict[str, int] = {}
        self._box = (county_box() or CHINA) if book.layer else None

    def take(self, words: str) -> Report:
        """Everything up to the transaction, then the transaction."""
        good = [found for number, cells in self._table.rows if (found := self._row(number, cells)) is not None]
        report, choice = self._report, self._choice
        report.added, report.changed = self._bulk.added, self._bulk.changed
        report.unchanged = len(good) - report.added - report.changed
        if choice.full and not (choice.strict and report.bad):
            report.gone = self._bulk.lose(set(self._seen), clock.now())
        if self._new:
            report.notes.append("新地点：" + "、".join(word for found in self._new.values() for word in found))
        if choice.strict and report.bad:
            return replace(report, added=0, changed=0, unchanged=0, gone=0)
        if not choice.dry_run:
            self._bulk.write(f"{words}：新增 {report.added}、改动 {report.changed}、拒收 {len(report.bad)}", self._make)
        return report

    def _make(self) -> Mapping[str, Mapping[int, int]]:
        """Make the places that were not known, in the transaction: stand-in -> key, by column."""
        made: dict[str, Mapping[int, int]] = {}
        for name, words in self._new.items():
            assert self._book.new_places is not None
            keys = self._book.new_places(self._actor, name, list(words))
            made[name] = {stand_in: keys[word] for word, stand_in in words.items()}
        return made

    def _row(self, number: int, cells: dict[str, str]) -> str | None:
        """One row: its key, or None where it is bad."""
        faults: list[str] = []
        values: dict[str, Any] = {}
        waiting: dict[str, BadValue] = {}
        try:
            cells = placed(self._book, cells, None if self._choice.new_places else self._box)
            self._note_far(number, cells)
        except BadPositionError as error:
            faults.append(str(error))
        for name, text in cells.items():
            column = self._columns.get(name)
            if column is None or not column.is_written or not text or (column.kind == "sealed" and text == MASK):
                continue
            try:
                values[name] = self._value(column, text)
            except BadValue as error:
                if name in self._book.waits:
                    waiting[name] = error
                elif name in self._book.lenient:
                    self._report.notes.append(f"第 {number} 行 {error}；未采用")
                else:
                    faults.append(str(error))
        self._identify(values, faults)
        key = ""
        if all(name in values for name in self._book.key):
            plain = {name: self._columns[name].plain(values[name], self._links) for name in self._book.key}
            key = key_of(self._book, plain)
            self._wait(number, cells, self._bulk.old(key) or {}, waiting, values)
            faults += self._judge(number, key, values)
        elif not faults:
            faults = [f"“{self._columns[name].label}”：必填" for name in self._book.key if name not in values]
        if key:
            self._seen.setdefault(key, number)
        if faults:
            titled = {self._table.titles[name]: text for name, text in cells.items() if name in self._table.titles}
            self._report.bad.append((number, titled, "；".join(faults)))
            return None
        self._bulk.put(key, values)
        return key

    def _wait(
        self,
        number: int,
        cells: Mapping[str, str],
        old: Mapping[str, Any],
        waiting: Mapping[str, BadValue],
        values: dict[str, Any],
    ) -> None:
        """Words of links that are not registered stay on the row as text; a link that the row has already stays."""
        for name, text in self._book.waits.items():
            error = waiting.get(name)
            if error is None:
                if old.get(text) and old[name] is None and old[text] == cells.get(name):
                    values.pop(name, None)  # it waits already: whose it is is not told by this word alone
            elif old.get(name) is not None:
                self._report.notes.append(f"第 {number} 行 {error}；保留原来的{self._columns[name].label}")
            else:
                values[text] = error.got
                self._report.notes.append(f"第 {number} 行 {error}；先按文字保存，登记后自动匹配")

    def _note_far(self, number: int, cells: Mapping[str, str]) -> None:
        """A new place outside the county is taken, and told; one outside the country was refused."""
        layer = self._book.layer
        if not self._choice.new_places or layer is None or self._box is None or not cells.get(layer.lon):
            return
        lon, lat, (west, south, east, north) = float(cells[layer.lon]), float(cells[layer.lat]), self._box
        if not (west <= lon <= east and south <= lat <= north):
            self._report.notes.append(f"第 {number} 行 坐标 {lon:g}、{lat:g} 在本县以外；已采用，请核对")

    def _identify(self, values: dict[str, Any], faults: list[str]) -> None:
        """The key of a row that brings none: that of the one row that is alike, else a new one."""
        book = self._book
        if all(name in values for name in book.key):
            return
        for names in book.again:
            alike = self._bulk.alike(names, values) if all(values.get(name) for name in names) else set()
            if len(alike) > 1:
                labels = "、".join(self._columns[name].label for name in names)
                keys = "、".join(sorted(alike)[:SHOWN_KEYS])
                faults.append(f"{labels}相同的有 {len(alike)} 行（{keys}）；请填写{self._columns[book.key[0]].label}")
                return
            if alike:
                old = self._bulk.old(next(iter(alike))) or {}
                values |= {name: old[name] for name in book.key if name in old} or {book.key[0]: next(iter(alike))}
                return
        if book.new_key is not None and not faults:
            values[book.key[0]] = book.new_key(values, self._bulk.is_taken)

    def _judge(self, number: int, key: str, values: dict[str, Any]) -> list[str]:
        """What is wrong with the row as a whole."""
        book, old = self._book, self._bulk.old(key)
        if key in self._seen:
            return [f"“{key}”：文件里第 {self._seen[key]} 行已有"]
        wrong = self._bulk.taken(key, values)
        if old is None:
            lacking = [c for c in self._columns.values() if c.required and c.is_written and c.name not in values]
            wrong += [f"“{c.label}”：必填" for c in lacking]
        elif book.state in values and old[book.state] not in (values[book.state], None):
            words = dict(book.states)
            wrong.append(
                f"“{self._columns[book.state].label}”：现在是“{words.get(old[book.state])}”，状态由动作改变，不由导入"
            )
        after = {**(old or {}), **{n: v for n, v in values.items() if not n.startswith(EXTRA)}}
        if self._actor is not None:
            for state in [after] if old is None else [old, after]:
                area = self._bulk.area(state)
                if (area is None or area >= 0) and not reaches(self._actor, book, "edit", area):
                    wrong.append("不在您的权限所及的区域；请核对区域，或由负责该区域的人员导入")
                    break
        if book.check:
            wrong += book.check(after).values()
        return wrong

    def _value(self, column: Column, text: str) -> Any:
        known = self._read.get((column.name, text))
        if known is not None:
            return known
        try:
            value = column.read(text, self._links)
        except BadValue:
            if not (column.name in self._book.places and self._choice.new_places and self._book.new_places):
                raise
            words = self._new.setdefault(column.name, {})
            value = words.setdefault(text, -1 - len(words))  # stands in until the place is made
        if column.name.startswith(EXTRA):
            value = column.plain(value, self._links)
        self._read[column.name, text] = value
        return value
