"""What the codec refuses when asked to write or convert; reading bytes never raises."""

from __future__ import annotations


class HJ212Error(Exception):
    """Base of this package's errors. None of them is cured by asking again."""


class NotANumberError(HJ212Error):
    """A printed value that is no decimal number."""

    def __init__(self, text: str) -> None:
        super().__init__(f"监测值：收到“{text}”，应为十进制数；请核对仪器输出或按无效数据处理")
        self.text = text


class UnencodableError(HJ212Error):
    """A message that the standard's frame cannot carry."""

    def __init__(self, field: str, got: object, expected: str) -> None:
        super().__init__(f"{field}：收到 {got!r}，应为{expected}；请修改后再编码")
        self.field = field
        self.got = got
        self.expected = expected


class BadKeyError(HJ212Error):
    """An SM4 key of the wrong form. The key itself is not repeated in the message.

    strangers: how many of its characters are no hexadecimal digits.
    """

    def __init__(self, digits: int, strangers: int = 0) -> None:
        others = f"，其中 {strangers} 个不是十六进制数字" if strangers else ""
        super().__init__(f"SM4 密钥：收到 {digits} 个字符{others}，应为 32 位十六进制数（16 字节）；请核对密钥")
        self.digits = digits
        self.strangers = strangers
