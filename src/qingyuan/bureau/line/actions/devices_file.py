"""The list of devices, channels and limits, from Excel or CSV: one row a factor of a device."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import BureauError, Invalid
from qingyuan.bureau.base.judge_again import judge_recent
from qingyuan.bureau.line.actions.device_cells import COLUMNS, REQUIRED, BadDeviceCell
from qingyuan.bureau.line.actions.device_row import DeviceRow, DevicesReport
from qingyuan.bureau.line.actions.stations import lay_down_register
from qingyuan.intake.files import open_table


def import_devices(actor: User | None, path: Path, dry_run: bool = False, *, new_places: bool = False) -> DevicesReport:
    """Take a device list in; good rows are kept, bad rows are reported. Running it again changes nothing more.

    A firm that is not registered stays on its outlet as text until it is; with new_places it is registered.

    Raises Invalid when required columns are absent; read_table's errors for a file that is no table.
    """
    require(actor, "manage_points")
    table = open_table(path)
    frame = table.frame
    headers = {name.strip(): name for name in frame.columns}
    chosen = {key: headers[name] for key, (names, _) in COLUMNS.items() for name in names if name in headers}
    if missing := [COLUMNS[k][0][0] for k in REQUIRED if k not in chosen]:
        raise Invalid(
            f"缺少列：{'、'.join(missing)}；得到列：{'、'.join(frame.columns)}。"
            "可用 `qingyuan devices template` 取得样表"
        )
    report = DevicesReport(rows=frame.height, dry_run=dry_run)
    seen: dict[str, set[str]] = {"devices": set(), "channels": set(), "limits": set()}
    with transaction.atomic():
        for number, raw in enumerate(frame.iter_rows(named=True), start=table.first_row):
            row = {key: _text(raw[name]) for key, name in chosen.items()}
            if not any(row.values()):
                continue
            noted: dict[str, set[str]] = {key: set() for key in seen}
            try:
                with transaction.atomic():
                    DeviceRow(actor, number, row, report, new_places).put(noted)
                report.good += 1
                for key, names in noted.items():
                    seen[key] |= names
            except BadDeviceCell as bad:
                column = COLUMNS[bad.column][0][0]
                report.errors.append({"row": number, "column": column, "got": bad.got, "expected": bad.expected})
            except BureauError as error:
                got = row.get("point") or row.get("mn", "")
                report.errors.append({"row": number, "column": "", "got": got, "expected": str(error)})
        report.devices, report.channels, report.limits = (len(seen[k]) for k in ("devices", "channels", "limits"))
        if not dry_run:
            target = f"file:{path.name[:60]}"
            record(
                actor,
                "devices.import",
                target,
                f"导入设备清单 {path.name}：{report.good} 行，{len(report.errors)} 行有误",
            )
            transaction.on_commit(lay_down_register)
        transaction.set_rollback(dry_run)
    if not dry_run and seen["limits"]:
        judge_recent({text.rsplit("/", 1)[0] for text in seen["limits"]})
    return report


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
