"""Messages into bytes: frames of any command, and the replies that the protocol owes.

References: HJ 212-2017, 6.3 (structure), table 9 (QnRtn), table 10 (ExeRtn), annex C (dialogues).
"""

from __future__ import annotations

import re

from qingyuan.hj212.cipher import CipherForm, encrypt, to_hex_text
from qingyuan.hj212.crc import crc16
from qingyuan.hj212.errors import UnencodableError
from qingyuan.hj212.frame import Frame

SYSTEM_INTERACTION = "91"
NOTIFICATIONS = frozenset({"1013", "2012", "2022", "9015"})
"""Commands answered by 9013 in every edition that has them."""
_NOTIFICATIONS_2025 = frozenset({"1001", "1014"})
_UPLOADS = frozenset({"3019", "3020"})
_FIELD_TEXT = re.compile(r"[^;,=&\r\n]*")
_MAX_SEGMENT = 9999
_MOST_PACKETS = 9999
_EDITION_2025 = 2


def encode(
    *,
    qn: str | None,
    st: str,
    cn: str,
    pw: str,
    mn: str,
    flag: int | None,
    cp: str = "",
    pnum: int | None = None,
    pno: int | None = None,
    is_resent: bool = False,
    sm4_key: bytes | None = None,
    cipher_form: CipherForm = CipherForm.RAW,
) -> bytes:
    """One frame. cp: the text between `CP=&&` and `&&`, already put together. UnencodableError if it does not
    fit.

    qn, flag: None leaves the field out, as edition 2005 may.
    is_resent: adds the 2025 edition's `RF=1`. sm4_key: encrypts cp; the check stays that of the plain text.

    >>> encode(qn="20160801085857223", st="32", cn="1062", pw="100000", mn="010000A8900016F000169DC0", flag=5,
    ...        cp="RtdInterval=30")[-6:-2]
    b'1C80'
    """
    for name, text in (("QN", qn or ""), ("ST", st), ("CN", cn), ("PW", pw), ("MN", mn)):
        if not _FIELD_TEXT.fullmatch(text):
            raise UnencodableError(name, text, "不含分隔符（; , = & 回车换行）的文字")
    if flag is not None and not 0 <= flag <= 255:
        raise UnencodableError("Flag", flag, "0 到 255 的整数")
    bits = flag or 0
    _check_split(bits, pnum, pno)
    opening = "" if qn is None else f"QN={qn};"
    version = "" if flag is None else f"Flag={flag};"
    split = f"PNUM={pnum};PNO={pno};" if bits & 2 else ""
    again = "RF=1;" if is_resent else ""
    head = _bytes("包头", f"{opening}ST={st};CN={cn};PW={pw};MN={mn};{version}{split}{again}CP=&&")
    content = _bytes("CP", cp)
    plain = b"%s%s&&" % (head, content)
    if sm4_key is None:
        return envelope(plain)
    if bits >> 2 != _EDITION_2025:
        raise UnencodableError("Flag", flag, "加密时版本号为 2025 版（8～11）")
    cipher = encrypt(content, sm4_key)
    if cipher_form is CipherForm.HEX_TEXT:
        cipher = to_hex_text(cipher)
    return envelope(b"%s%s&&" % (head, cipher), crc16(plain))


def _check_split(bits: int, pnum: int | None, pno: int | None) -> None:
    if (pnum is None) != (pno is None) or bool(bits & 2) != (pnum is not None):
        raise UnencodableError("PNUM/PNO", (pnum, pno), "拆包标志为 1 时两者都有，否则都没有")
    if pnum is not None and pno is not None and not 1 <= pno <= pnum <= _MOST_PACKETS:
        raise UnencodableError("PNUM/PNO", (pnum, pno), f"1 ≤ PNO ≤ PNUM ≤ {_MOST_PACKETS}")


def _bytes(name: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise UnencodableError(name, text[error.start : error.end], "UTF-8 能写的文字") from error


def envelope(body: bytes, check: int | None = None) -> bytes:
    """A data segment with its length, check and tail. check: if it is not that of `body` (encrypted, or a test)."""
    if len(body) > _MAX_SEGMENT:
        raise UnencodableError("数据段长度", len(body), f"至多 {_MAX_SEGMENT} 字节")
    return b"##%04d%s%04X\r\n" % (len(body), body, crc16(body) if check is None else check)


def reply_code(frame: Frame) -> str:
    """The command that answers a frame: 9014 for uploads, 9013 for notifications, 9011 for requests."""
    cn = frame.cn
    if cn in NOTIFICATIONS or (cn in _NOTIFICATIONS_2025 and frame.edition == "2025"):
        return "9013"
    if cn.startswith("2") or cn in _UPLOADS:
        return "9014"
    return "9011"


def acknowledge(frame: Frame, code: str | None = None, result: int = 1) -> bytes:
    """The reply to a frame: its QN and MN, ST 91, the version of its Flag, no answer wanted.

    code: 9011, 9012, 9013 or 9014; chosen by `reply_code` if not given. result: QnRtn of a 9011 or ExeRtn of
    a 9012.
    """
    code = code or reply_code(frame)
    contents = {"9011": f"QnRtn={result}", "9012": f"ExeRtn={result}", "9013": "", "9014": ""}
    if code not in contents:
        raise UnencodableError("CN", code, "9011、9012、9013 或 9014")
    head = frame.head
    qn, pw, mn = (_FIELD_TEXT.match(text)[0] for text in (head.qn, head.pw, head.mn))  # type: ignore[index]
    version_bits = (head.flag or 0) & 0xFC if (head.flag or 0) <= 255 else 0
    return encode(qn=qn, st=SYSTEM_INTERACTION, cn=code, pw=pw, mn=mn, flag=version_bits, cp=contents[code])
