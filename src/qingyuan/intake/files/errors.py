"""Why a file or a profile cannot be used. Messages are Chinese: people read them on the import page."""

from __future__ import annotations


class FileError(Exception):
    """Base of every error about a file; the file must change, trying again does not help."""

    can_retry = False


class NotATableError(FileError):
    """The bytes are no table that can be read."""

    def __init__(self, name: str, got: str, expected: str) -> None:
        self.name, self.got, self.expected = name, got, expected
        super().__init__(f"{name}：读到{got}；需要{expected}")


class DoubledColumnError(NotATableError):
    """Two columns of one name: which one is meant cannot be told."""

    def __init__(self, name: str, column: str) -> None:
        self.column = column
        super().__init__(name, f"重复的列名 {column}", "每列一个名字")


class ProfileError(FileError):
    """A mapping that does not fit itself or the file."""

    def __init__(self, part: str, got: str, expected: str) -> None:
        self.part, self.got, self.expected = part, got, expected
        super().__init__(f"映射方案的“{part}”：得到{got}；需要{expected}")


class PointNeededError(ProfileError):
    """No column says which point the values belong to, and nobody has said it."""

    def __init__(self) -> None:
        super().__init__(
            "点位",
            "没有认得出的点位列，也没有指定点位",
            "一列点位编码或名称（如 站点、点位、断面、location），或指定这个文件属于哪个点位"
            "（页面填“固定点位代码”，命令用 --point 编号）",
        )
