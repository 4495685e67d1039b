"""Permits' limits from Excel or CSV: checked row by row and against the standards, kept with audit, taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.display import item_name
from qingyuan.bureau.base.errors import WrongState
from qingyuan.bureau.base.judge_again import judge_recent
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.actions.limit_cells import BadCell
from qingyuan.bureau.values.actions.limit_rows import LIMIT_COLUMNS, Draft, read_row
from qingyuan.bureau.values.actions.limit_table import Line, Table, read_limit_table
from qingyuan.bureau.values.actions.limits_report import LimitsReport, Problem
from qingyuan.bureau.values.models import Limit, LimitImport, LimitRows
from qingyuan.bureau.values.queries.limit_checks import check_row, missing_of

FIELDS = (
    "upper",
    "lower",
    "unit",
    "statistic",
    "basis",
    "reference_o2",
    "permit",
    "standard",
    "source_class",
    "process",
    "valid_to",
)
NEW, CHANGED, SAME, ENDS = "new", "changed", "same", "ends"


def import_limits(actor: User | None, path: Path, dry_run: bool = False) -> LimitsReport:
    """Take a list of limits in; rows that cannot be used are told and left out, the others kept in one transaction.

    Raises Invalid when required columns are absent or doubled; read_rows' errors for a file that is no table.
    """
    require(actor, "manage_points")
    table = read_limit_table(path)
    report = LimitsReport(dry_run=dry_run)
    if table.ignored:
        report.problems.append(_ignored(table))
    with transaction.atomic():
        drafts = _drafts(actor, table.lines, report)
        changes: list[dict[str, Any]] = []
        for draft in drafts:
            _put(draft, report, changes)
        touched = list({d.outlet.pk: d.outlet for d in drafts}.values())
        _compare(drafts, touched, report)
        if not dry_run:
            batch = _record(actor, path, report, changes)
            report.batch = batch.pk
        transaction.set_rollback(dry_run)
    if not dry_run and changes:
        _judge_again(touched)
    return report


def undo_limits(actor: User | None, batch: LimitImport) -> int:
    """Put every limit back as it was before the import; one that the import made gets an empty period. How many.

    Raises WrongState when it was undone before, or a limit was changed since: then nothing is undone.
    """
    require(actor, "manage_points")
    with transaction.atomic():
        if LimitImport.objects.filter(pk=batch.pk, undone_at=None).update(undone_at=clock.now(), undone_by=actor) != 1:
            raise WrongState("这次导入已撤回")
        rows = {row.pk: row for row in Limit.objects.filter(pk__in=[c["pk"] for c in batch.changes])}
        later = [c for c in batch.changes if c["pk"] not in rows or _state(rows[c["pk"]]) != c["after"]]
        if later:
            raise WrongState(f"之后又改过 {len(later)} 条限值（如 {later[0]['what']}），不能整批撤回；请另行导入改正")
        for change in batch.changes:
            row = rows[change["pk"]]
            if change["before"] is None:
                row.valid_to = row.valid_from
            else:
                for name, value in change["before"].items():
                    setattr(row, name, _read(name, value))
            row.save()
        count = len(batch.changes)
        record(actor, "limits.undo", batch, f"撤回限值导入 {batch.file_name}：{count} 条限值恢复原状")
    _judge_again(Outlet.objects.filter(limits__in=list(rows)).select_related("point").distinct())
    return count


def _ignored(table: Table) -> Problem:
    """Columns that mean nothing here: perhaps a name with a slip, whose cells would be lost unseen."""
    names = "、".join(name for names, _ in LIMIT_COLUMNS.values() for name in names[:1])
    got = "、".join(table.ignored)
    return Problem(
        table.header,
        "",
        "（表头）",
        got,
        names,
        "这些列没有读；写错列名的请改正",
        "ignored",
        is_refused=False,
    )


def _drafts(actor: User | None, lines: list[Line], report: LimitsReport) -> list[Draft]:
    codes = {line.cells.get("outlet", "") for line in lines}
    found = Outlet.objects.filter(point__code__in=codes).select_related("point", "enterprise")
    if actor is not None:
        found = found.filter(point__in=visible_points(actor))
    outlets = {o.point.code: o for o in found}
    good: list[Draft] = []
    for line in lines:
        report.rows += 1
        subject = f"{line.cells.get('outlet', '')} {line.cells.get('item', '')}".strip()
        try:
            draft = _draft(line, outlets, good)
        except BadCell as bad:
            column = LIMIT_COLUMNS[bad.column][0][0] if bad.column in LIMIT_COLUMNS else bad.column
            report.problems.append(
                Problem(line.number, subject, column, bad.got, bad.expected, bad.advice, "row", is_refused=True)
            )
            continue
        for said in draft.remarks:
            column = LIMIT_COLUMNS[said.column][0][0]
            report.problems.append(
                Problem(line.number, subject, column, said.got, said.expected, said.advice, "read_as", is_refused=False)
            )
        good.append(draft)
    report.good = len(good)
    return sorted(good, key=lambda d: (d.key, d.valid_from))


def _draft(line: Line, outlets: Mapping[str, Outlet], good: Sequence[Draft]) -> Draft:
    if line.beyond:
        raise BadCell(
            "（整行）", "、".join(line.beyond), "不多于表头的格数", "可能有没加引号的逗号（如 1,000）；改正后重新导入"
        )
    draft = read_row(line.number, line.cells, outlets)
    _check_dates(draft, good)
    return draft


def _check_dates(draft: Draft, before: Iterable[Draft]) -> None:
    """Against the file's other rows and the register: an open limit that began earlier ends, anything else is refused."""
    span = f"{draft.valid_from} 至 {draft.valid_to or '长期'}"
    for other in before:
        if other.key == draft.key and (other.valid_from, other.values) == (draft.valid_from, draft.values):
            raise BadCell("outlet", draft.outlet.point.code, f"不与第 {other.number} 行重复", "删去重复的一行")
        if other.key == draft.key and other.overlaps(draft) and not _continues(other, draft):
            raise BadCell("valid_from", span, f"不与第 {other.number} 行的日期重叠", "改正日期，或删去多余的一行")
    for row in _same(draft).exclude(valid_from=draft.valid_from):
        if row.valid_from < draft.valid_from and (row.valid_to is None or row.valid_to <= draft.valid_from):
            continue
        if draft.valid_to is not None and draft.valid_to <= row.valid_from:
            continue
        held = f"{row.valid_from} 至 {row.valid_to or '长期'}"
        raise BadCell(
            "valid_from", span, f"不与已登记的限值（{held}，{row.basis}）重叠", "填截止日期，或先改正已登记的限值"
        )


def _continues(one: Draft, other: Draft) -> bool:
    """Two open rows of one file, one after the other: the earlier ends where the later begins."""
    return one.valid_from != other.valid_from and one.valid_to is None and other.valid_to is None


def _same(draft: Draft) -> LimitRows:
    outlet, item, averaging, condition = draft.key
    return Limit.objects.filter(outlet=outlet, item=item, averaging=averaging, condition=condition).standing()


def _put(draft: Draft, report: LimitsReport, changes: list[dict[str, Any]]) -> None:
    outlet, item, averaging, condition = draft.key
    for row in _same(draft).filter(valid_from__lt=draft.valid_from, valid_to__isnull=True):
        _change(row, {"valid_to": draft.valid_from}, draft, ENDS, report=report, changes=changes)
    values = draft.values | {"valid_to": draft.valid_to}
    key = {"outlet_id": outlet, "item": item, "averaging": averaging, "condition": condition}
    there = Limit.objects.filter(**key, valid_from=draft.valid_from).first()
    if there is None:
        made = Limit(**key, valid_from=draft.valid_from, **values)
        made.save()
        made.refresh_from_db()
        changes.append({"pk": made.pk, "what": _name(made, draft), "before": None, "after": _state(made)})
        report.effects.append(_effect(made, draft, NEW))
    else:
        _change(there, values, draft, CHANGED, report=report, changes=changes)


def _change(
    row: Limit,
    values: Mapping[str, Any],
    draft: Draft,
    effect: str,
    *,
    report: LimitsReport,
    changes: list[dict[str, Any]],
) -> None:
    before = _state(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    row.refresh_from_db()
    after = _state(row)
    if after == before:
        report.effects.append(_effect(row, draft, SAME))
        return
    known = next((c for c in changes if c["pk"] == row.pk), None)
    if known:
        known["after"] = after
    else:
        changes.append({"pk": row.pk, "what": _name(row, draft), "before": before, "after": after})
    report.effects.append(_effect(row, draft, effect))


def _effect(row: Limit, draft: Draft, effect: str) -> dict[str, Any]:
    return {
        "row": draft.number,
        "effect": effect,
        "outlet": draft.outlet.point.code,
        "item": row.item,
        "upper": _plain(row.upper),
        "lower": _plain(row.lower),
        "unit": row.unit,
        "averaging": row.averaging,
        "condition": row.condition,
        "basis": row.basis,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
    }


def _plain(bound: Decimal | None) -> str:
    return "" if bound is None else format(bound.normalize(), "f")


def _compare(drafts: list[Draft], outlets: list[Outlet], report: LimitsReport) -> None:
    """What the standards say of the rows taken, and of the outlets as a whole."""
    today = clock.beijing(clock.now()).date()
    for draft in drafts:
        outlet, item, averaging, condition = draft.key
        values = draft.values | {"item": item, "averaging": averaging, "condition": condition}
        row = Limit(outlet_id=outlet, valid_from=draft.valid_from, valid_to=draft.valid_to, **values)
        for found in check_row(row, draft.outlet, today):
            if not found.is_fine:
                _told(report, draft.number, f"{draft.outlet.point.code} {item_name(item)}", found, "限值")
    by_outlet = {k: list(g) for k, g in groupby(drafts, key=lambda d: d.outlet.pk)}
    for one in outlets:
        if one.pk in by_outlet:
            newest = max([today, *(d.valid_from for d in by_outlet[one.pk])])
            for found in missing_of(one, newest):
                _told(report, 0, f"{one.point.code} {item_name(found.item)}", found, "监测项目")
    report.problems.sort(key=lambda p: (p.row == 0, p.row))


def _told(report: LimitsReport, row: int, subject: str, found: Any, column: str) -> None:
    report.problems.append(
        Problem(
            row,
            subject,
            column,
            found.got,
            found.expected,
            found.advice,
            found.check.value,
            is_refused=False,
            is_doubtful=found.is_doubtful,
        )
    )


def _record(actor: User | None, path: Path, report: LimitsReport, changes: list[dict[str, Any]]) -> LimitImport:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    batch = LimitImport.objects.create(
        file_name=path.name[-200:],
        sha256=digest,
        rows=report.rows,
        changes=changes,
        made_by=actor,
        made_at=clock.now(),
        problems=[vars(p) for p in report.problems],
    )
    counts = {name: report.count(name) for name in (NEW, CHANGED, SAME, ENDS)} | {"refused": report.refused}
    words = (
        f"导入限值 {path.name}：新增 {counts[NEW]}、改动 {counts[CHANGED]}、截止 {counts[ENDS]}、"
        f"未变 {counts[SAME]}，退回 {report.refused} 行"
    )
    record(actor, "limits.import", batch, words, counts | {"sha256": digest})
    return batch


def _judge_again(outlets: Iterable[Outlet]) -> None:
    judge_recent({outlet.point.code for outlet in outlets})


def _name(row: Limit, draft: Draft) -> str:
    return f"{draft.outlet.point.code} {row.item} {row.valid_from}"


def _state(row: Limit) -> dict[str, Any]:
    """The row's fields as JSON holds them."""
    return {name: _plain_json(getattr(row, name)) for name in FIELDS}


def _plain_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _plain(value)
    return value.isoformat() if isinstance(value, date) else value


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in {"upper", "lower"}:
        return Decimal(value)
    return date.fromisoformat(value) if name == "valid_to" else value
