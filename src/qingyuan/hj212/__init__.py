"""The HJ 212 codec: bytes to frames to messages and back, without sockets, files or a clock.

`Framer` cuts a stream into `Frame` and `Rejected`; `decode` reads a frame's data as printed, `interpret` gives its
typed content by edition and command (`contents`, `uploads`) and `judge` what is wrong with it; `write`, `encode` and
`acknowledge` make frames.
"""

from __future__ import annotations

from qingyuan.hj212.checking import DialectTally, Known
from qingyuan.hj212.cipher import CipherForm, key_of
from qingyuan.hj212.commands import command, interpret, shapes, write
from qingyuan.hj212.contents import Content
from qingyuan.hj212.crc import CrcDialect, crc16, crc16_modbus, dialect_of
from qingyuan.hj212.description import Description, describe
from qingyuan.hj212.deviations import Deviation, Severity, is_fatal
from qingyuan.hj212.encode import acknowledge, encode, envelope, reply_code
from qingyuan.hj212.errors import BadKeyError, HJ212Error, NotANumberError, UnencodableError
from qingyuan.hj212.factors import CodeMeaning, meaning_of, unknown_codes
from qingyuan.hj212.frame import Frame, Rejected
from qingyuan.hj212.framer import STANDARD_SEGMENT, Framer
from qingyuan.hj212.head import Edition, Head
from qingyuan.hj212.judging import judge
from qingyuan.hj212.message import DATA_COMMANDS, Message, Number, decode, number
from qingyuan.hj212.splitting import STANDARD_CP, Joined, Joiner, encode_parts, split_cp

__all__ = [
    "DATA_COMMANDS",
    "STANDARD_CP",
    "STANDARD_SEGMENT",
    "BadKeyError",
    "CipherForm",
    "CodeMeaning",
    "Content",
    "CrcDialect",
    "Description",
    "Deviation",
    "DialectTally",
    "Edition",
    "Frame",
    "Framer",
    "HJ212Error",
    "Head",
    "Joined",
    "Joiner",
    "Known",
    "Message",
    "NotANumberError",
    "Number",
    "Rejected",
    "Severity",
    "UnencodableError",
    "acknowledge",
    "command",
    "crc16",
    "crc16_modbus",
    "decode",
    "describe",
    "dialect_of",
    "encode",
    "encode_parts",
    "envelope",
    "interpret",
    "is_fatal",
    "judge",
    "key_of",
    "meaning_of",
    "number",
    "reply_code",
    "shapes",
    "split_cp",
    "unknown_codes",
    "write",
]
