"""What a verification found."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import polars as pl


class VerifyError(Exception):
    """Base of what makes a verification impossible; more input, not another try, mends it."""


class UnreadableSourceError(VerifyError):
    """The file is no table that can be verified."""

    def __init__(self, path: str, got: str, expected: str) -> None:
        self.path, self.got, self.expected = path, got, expected
        super().__init__(f"无法核对 {path}：得到{got}；需要{expected}")


class NothingComparableError(VerifyError):
    """No row has both a published and a recomputed figure."""

    def __init__(self, path: str, reasons: dict[str, int]) -> None:
        self.path, self.reasons = path, reasons
        words = "、".join(f"{reason} {count} 行" for reason, count in reasons.items())
        super().__init__(f"{path} 没有一行可以核对：{words or '文件没有数据行'}；请换用有发布值的文件")


@dataclass(frozen=True)
class VerifyResult:
    """Counts of rows, agreement, and every row that disagrees.

    rows = compared + rows not compared (`left_out`, by reason in Chinese). `share` is agree / compared
    [ratio]. `extra` holds further figures for the JSON line; `notes` are sentences for the reader.
    """

    path: str
    rows: int
    compared: int
    agree: int
    disagreements: pl.DataFrame
    left_out: dict[str, int]
    notes: list[str] = field(default_factory=list)
    extra: dict[str, float | int | str] = field(default_factory=dict)

    @property
    def disagree(self) -> int:
        """Rows that differ."""
        return self.compared - self.agree

    @property
    def share(self) -> float:
        """Share of agreement [ratio]."""
        return self.agree / self.compared

    def as_json(self) -> str:
        """One line with all counts."""
        counts = {
            "rows": self.rows,
            "compared": self.compared,
            "agree": self.agree,
            "disagree": self.disagree,
            "share": self.share,
            "left_out": self.left_out,
            **self.extra,
        }
        return json.dumps(counts, ensure_ascii=False)

    def as_text(self, shown: int = 20) -> str:
        """A page in Chinese with at most `shown` disagreements."""
        lines = [
            f"文件：{self.path}",
            f"共 {self.rows} 行，可核对 {self.compared} 行，一致率 {self.share:.4%}",
            f"一致 {self.agree} 行，不一致 {self.disagree} 行",
        ]
        lines += [f"未核对：{reason} {count} 行" for reason, count in self.left_out.items()]
        lines += self.notes
        for row in self.disagreements.head(shown).iter_rows(named=True):
            lines.append("不一致：" + "，".join(f"{name} {value}" for name, value in row.items() if value is not None))
        if self.disagree > shown:
            lines.append(f"其余 {self.disagree - shown} 行不一致未列出，用 --disagreements 文件 全部导出")
        return "\n".join(lines)
