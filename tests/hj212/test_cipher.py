"""HJ 212-2025, 6.4 and A.2: SM4 over whole blocks of the data section, check over plain text."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.hj212 import (
    BadKeyError,
    CipherForm,
    CrcDialect,
    Deviation,
    Frame,
    Framer,
    Known,
    Rejected,
    UnencodableError,
    crc16,
    crc16_modbus,
    describe,
    encode,
    key_of,
)
from qingyuan.hj212.cipher import decrypt, encrypt, from_hex_text, to_hex_text
from qingyuan.hj212.encode import envelope

KEY = b"0" * 16  # the documentation's test key
OTHER = bytes(range(16))
CP = "DataTime=20240520210600;a01011-Min=1.35,a01011-Avg=1.35,a01011-Flag=N"
HEAD = b"QN=20240520210700000;ST=31;CN=2051;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&"


def sealed(cp: str = CP, key: bytes = KEY, form: CipherForm = CipherForm.RAW) -> bytes:
    return encode(
        qn="20240520210700000", st="31", cn="2051", pw="123456", mn="010000A8900016F000169DC0", flag=9, cp=cp,
        sm4_key=key, cipher_form=form,
    )  # fmt: skip


def one(raw: bytes, *keys: bytes, accepted: frozenset[CrcDialect] = frozenset()) -> Frame | Rejected:
    framer = Framer(accepted_dialects=accepted, keys=keys)
    (piece,) = framer.feed(raw) + framer.close()
    assert piece.raw == raw
    return piece


def test_gb_t_32907_the_example_of_the_cipher_itself():
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    assert encrypt(key, key).hex() == "681edf34d206965e86b3e94f536e4246"
    assert decrypt(encrypt(key, key), key) == key


def test_hj212_2025_a2_the_printed_ciphertext_begins_the_same():
    assert encrypt(CP.encode(), KEY)[:2] == b"\xe4\x3e"


@pytest.mark.parametrize("form", list(CipherForm))
def test_a_sealed_frame_is_read_with_its_key(form: CipherForm):
    piece = one(sealed(form=form), OTHER, KEY)
    assert isinstance(piece, Frame)
    assert (piece.cp.decode(), piece.is_encrypted, piece.dialect) == (CP, True, CrcDialect.HJ)
    assert piece.declared_crc == crc16(HEAD + CP.encode() + b"&&")
    assert piece.deviations == ()


@pytest.mark.parametrize(
    ("keys", "reason"), [((), Deviation.ENCRYPTED), ((OTHER,), Deviation.KEY_MISMATCH)], ids=["no-key", "other-key"]
)
@pytest.mark.parametrize("form", list(CipherForm))
def test_without_its_key_a_frame_is_kept_whole_and_named(form: CipherForm, keys: tuple[bytes, ...], reason: Deviation):
    piece = one(sealed(form=form), *keys)
    assert isinstance(piece, Rejected)
    assert (piece.reason, piece.head.mn) == (reason, "010000A8900016F000169DC0")
    assert not describe(piece).ok


def test_written_out_ciphertext_whose_length_counts_bytes_as_the_standard_prints_it():
    plain = HEAD + CP.encode() + b"&&"
    body = HEAD + to_hex_text(encrypt(CP.encode(), KEY)) + b"&&"
    raw = b"##%04d%s%04X\r\n" % (len(plain), body, crc16(plain))
    after = sealed()
    framer = Framer(keys=[KEY])
    pieces = [
        piece for start in range(0, len(raw + after), 7) for piece in framer.feed((raw + after)[start : start + 7])
    ]
    assert [type(piece) for piece in pieces] == [Frame, Frame]
    assert pieces[0].raw == raw
    assert pieces[0].deviations == (Deviation.LENGTH_OF_CIPHER_BYTES,)
    assert isinstance(pieces[0], Frame)
    assert pieces[0].cp.decode() == CP


def test_checks_that_senders_get_wrong_are_told_apart():
    plain, cipher = HEAD + CP.encode() + b"&&", encrypt(CP.encode(), KEY)
    over_cipher = one(envelope(HEAD + cipher + b"&&"), KEY)
    assert isinstance(over_cipher, Frame)
    assert over_cipher.deviations == (Deviation.CRC_OVER_CIPHERTEXT,)
    assert not describe(over_cipher).crc_ok
    modbus = envelope(HEAD + cipher + b"&&", crc16_modbus(plain))
    refused = one(modbus, KEY)
    assert isinstance(refused, Rejected)
    assert refused.dialect is CrcDialect.MODBUS
    taken = one(modbus, KEY, accepted=frozenset({CrcDialect.MODBUS}))
    assert isinstance(taken, Frame)
    assert taken.deviations == (Deviation.CRC_MODBUS,)
    wrong = one(envelope(HEAD + cipher + b"&&", crc16(plain) ^ 1), KEY)
    assert isinstance(wrong, Rejected)
    assert wrong.reason is Deviation.CRC_MISMATCH


def test_a_sealed_frame_inside_a_broken_one_is_found():
    """Its length reaches beyond the frame, to an end that looks right."""
    inner = sealed()
    body = b"QN=2024" + inner.rstrip() + b"&&"
    framer = Framer(keys=[KEY])
    pieces = framer.feed(b"##%04d%s0000\r\n" % (len(body), body)) + framer.close()
    assert [piece.raw.rstrip() for piece in pieces if isinstance(piece, Frame)] == [inner.rstrip()]


def test_keys_are_asked_by_mn_where_a_line_carries_many_devices():
    asked = []

    def known_of(mn: str) -> Known:
        asked.append(mn)
        return Known(keys=(KEY,))

    framer = Framer(known_of=known_of)
    assert [type(piece) for piece in framer.feed(sealed())] == [Frame]
    assert asked == ["010000A8900016F000169DC0"]


def test_chinese_in_gb18030_is_not_taken_for_ciphertext():
    body = HEAD + "i11001-Info=//流量计故障//".encode("gb18030") + b"&&"
    piece = one(envelope(body), KEY)
    assert isinstance(piece, Frame)
    assert not piece.is_encrypted


@pytest.mark.parametrize("text", ["", "30" * 15, "3g" * 16, "30 " * 16], ids=["empty", "short", "not-hex", "blanks"])
def test_a_key_of_the_wrong_form_is_refused_without_repeating_it(text: str):
    with pytest.raises(BadKeyError, match="32 位十六进制") as caught:
        key_of(text)
    assert not text or text not in str(caught.value)


def test_only_the_2025_edition_encrypts():
    with pytest.raises(UnencodableError, match="2025"):
        encode(qn="1", st="31", cn="2051", pw="1", mn="A", flag=5, cp=CP, sm4_key=KEY)


@settings(deadline=None, derandomize=True)
@given(st.binary(max_size=200), st.binary(min_size=16, max_size=16))
def test_decrypting_after_encrypting_is_identity(content: bytes, key: bytes):
    sealed_content = encrypt(content, key)
    assert len(sealed_content) == len(content)
    assert decrypt(sealed_content, key) == content


@settings(deadline=None, derandomize=True)
@given(st.binary(min_size=16, max_size=200))
def test_written_out_ciphertext_reads_back(content: bytes):
    whole = len(content) - len(content) % 16
    tail = b"=" * (len(content) - whole)
    assert from_hex_text(to_hex_text(content[:whole] + tail)) == content[:whole] + tail


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x9FFF), max_size=120), st.integers(0, 60))
def test_any_sealed_text_reads_back_however_it_is_cut(text: str, cut: int):
    raw = sealed(f"DataTime=20240520210600;i11001-Info=//{text}//")
    framer = Framer(keys=[KEY])
    pieces = framer.feed(raw[:cut]) + framer.feed(raw[cut:])
    assert [type(piece) for piece in pieces] == [Frame]
    assert isinstance(pieces[0], Frame)
    assert pieces[0].cp.decode() == f"DataTime=20240520210600;i11001-Info=//{text}//"


def test_the_shared_vector_of_another_key(shared: Path):
    with (shared / "vectors/hj212_packets.csv").open(encoding="utf-8", newline="") as file:
        (row,) = (row for row in csv.DictReader(file) if row["id"] == "P008")
    raw = row["packet_escaped"].encode().decode("unicode_escape").encode("latin-1")
    piece = one(raw, KEY)
    assert isinstance(piece, Rejected)
    assert piece.reason is Deviation.KEY_MISMATCH
