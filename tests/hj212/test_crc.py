"""HJ 212-2017, annex A: the check, against the bit-by-bit definition and the printed examples."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.hj212 import CrcDialect, crc16, crc16_modbus, dialect_of


def bit_by_bit(body: bytes) -> int:
    register = 0xFFFF
    for byte in body:
        register = (register >> 8) ^ byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register


def test_the_printed_frame_of_annex_a_2017():
    head = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
    body = head + b"CP=&&RtdInterval=30&&"
    assert crc16(body) == 0x1C80
    assert crc16_modbus(body) == 0x0759


@settings(deadline=None, derandomize=True)
@given(st.binary(max_size=1700))
def test_folding_agrees_with_the_definition(body: bytes):
    assert crc16(body) == bit_by_bit(body)


def test_folding_agrees_at_every_length_up_to_two_hundred():
    for size in range(200):
        body = bytes((7 * n + size) & 0xFF for n in range(size))
        assert crc16(body) == bit_by_bit(body), size


def test_dialects_are_told_apart():
    body = b"ST=31;CN=2011;PW=123456;MN=88888880000001;CP=&&DataTime=20200921174057;831-Rtd=3.128&&"
    modbus = crc16_modbus(body)
    assert dialect_of(body, crc16(body)) is CrcDialect.HJ
    assert dialect_of(body, modbus) is CrcDialect.MODBUS
    assert dialect_of(body, (modbus & 0xFF) << 8 | modbus >> 8) is CrcDialect.MODBUS_SWAPPED
    assert dialect_of(body, crc16(body) ^ 1) is None
