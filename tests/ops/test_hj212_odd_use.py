"""qingyuan hj212 used oddly: files that are none, keys and passwords, texts no terminal should get, rows to encode."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from qingyuan.cli import main
from qingyuan.hj212 import crc16, encode

HEAD: dict[str, Any] = {"qn": "20240601085857223", "st": "32", "cn": "2011", "mn": "010000A8900016F000169DC0"}
CP = "DataTime=20240601085857;w01018-Rtd=35.2,w01018-Flag=N"
RAW = encode(**HEAD, pw="123456", flag=5, cp=CP)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.bin"
    path.write_bytes(RAW)
    return path


def rows(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("words", "is_ok", "names"),
    [
        ([], True, []),
        (["--password", "123456"], True, []),
        (["--password", "000000"], False, ["wrong_password"]),
        (["--password", "000000", "--password", "123456"], True, []),
    ],
    ids=["none", "right", "wrong", "one-of-two"],
)
def test_a_password_is_asked_for_only_if_it_is_given(
    file: Path, capsys: pytest.CaptureFixture[str], words: list[str], is_ok: bool, names: list[str]
):
    assert main(["hj212", "decode", str(file), "--json", *words]) == 0
    (row,) = rows(capsys)
    assert (row["ok"], row["crc_ok"], row["deviations"]) == (is_ok, True, names)


def test_a_wrong_password_fails_a_strict_run_and_no_password_is_shown(file: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["hj212", "decode", str(file), "--strict", "--password", "765432"]) == 1
    shown = capsys.readouterr()
    assert "wrong_password" in shown.out
    assert "765432" not in shown.out + shown.err
    assert "123456" not in shown.out + shown.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["decode", "{file}", "{folder}"], "这是目录"),
        (["decode", "{file}", "{folder}/none"], "没有这个文件"),
        (["decode", "{file}/none"], "不是目录"),
        (["decode", "-", "-"], "不止一次"),
        (["decode", "##0101QN=1"], "要解析文字，请从标准输入送来"),
        (["decode", "##0101" + "A" * 300], "文件名太长"),
        (["decode", "{file}", "--password", ""], "--password 是空的"),
        (["decode", "{file}", "--sm4-key", "3" * 31], "收到 31 个字符，应为 32 位十六进制"),
        (["decode", "{file}", "--sm4-key", "30" * 16, "--sm4-key", "3g" * 16], "第 2 个 --sm4-key 不对"),
        (["decode", "{file}", "--sm4-key", "3g" * 16], "16 个不是十六进制数字"),
        (["encode", "--st", "32", "--cn", "", "--mn", "A"], "缺少 CN"),
        (["encode", "--st", "32", "--cn", "2011", "--mn", "A", "--cp", "\udcff"], "UTF-8"),
        (["encode", "--st", "32", "--cn", "2011", "--mn", "A", "--flag", "7", "--pnum", "2", "--pno", "3"], "PNO"),
        (["encode", "--st", "32", "--cn", "2011", "--mn", "A", "--out", "{folder}"], "写不了文件"),
        (["encode", "--from", "{file}"], "第 1 行：得到“##"),
        (["crc", "--file", "{folder}"], "这是目录"),
    ],
    ids=[
        "folder", "missing-second-file", "under-a-file", "stdin-twice", "frame-for-a-file", "long-name", "empty-password",
        "short-key", "second-key",
        "not-hex", "empty-cn", "no-utf8", "part-beyond-total", "out-is-a-folder", "rows-that-are-frames", "crc-of-folder",
    ],
)  # fmt: skip
def test_wrong_use_is_said_in_chinese_and_nothing_is_printed(
    file: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
):
    filled = [word.format(file=file, folder=file.parent) for word in words]
    assert main(["hj212", *filled]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""
    assert not any(word in shown.err for word in words if len(word) > 30)  # keys


@pytest.mark.parametrize("raw", [b"", b"\r\n \r\n"], ids=["empty", "blank"])
@pytest.mark.parametrize("words", [[], ["--strict"]], ids=["lenient", "strict"])
def test_a_file_without_anything_in_it_has_no_line(
    file: Path, capsys: pytest.CaptureFixture[str], raw: bytes, words: list[str]
):
    file.write_bytes(raw)
    assert main(["hj212", "decode", str(file), "--json", *words]) == 0
    assert rows(capsys) == []


def test_standard_input_beside_a_file(file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + RAW)))
    assert main(["hj212", "decode", "-", str(file), "--json"]) == 0
    assert [(row["file"], row["deviations"]) for row in rows(capsys)] == [
        ("-", ["garbage"]), ("-", []), (str(file), []),
    ]  # fmt: skip


def test_text_that_would_steer_a_terminal_is_written_out(file: Path, capsys: pytest.CaptureFixture[str]):
    file.write_bytes(encode(**{**HEAD, "mn": "\x1b[2J\x9bA"}, pw="123456", flag=5, cp=CP))
    assert main(["hj212", "decode", str(file)]) == 0
    shown = capsys.readouterr().out
    assert r"MN=\x1b[2J\x9bA" in shown
    assert "control_characters" in shown
    assert not {"\x1b", "\x9b"} & set(shown)


ROWS: list[dict[str, Any]] = [
    {"flag": 5},
    {"flag": 7, "pnum": 2, "pno": 1},
    {"flag": 8, "cn": "1001", "mn": "", "cp": "i23005-Info=6970000000001ABCDEFG1234"},
    {"flag": 0, "mn": "88888880000001"},
    {"flag": None, "qn": None, "mn": "88888880000001"},
    {"flag": 4, "cn": "3020", "cp": "DataTime=20240601085857;PolId=w01018;i11001-Info=//清洗管路//"},
]


@pytest.mark.parametrize("changed", ROWS, ids=["plain", "part", "no-mn", "2005", "2005-without-qn-and-flag", "chinese"])
def test_what_decode_prints_encode_takes(
    tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str], changed: dict[str, Any]
):
    file.write_bytes(encode(**{"pw": "123456", "cp": CP, **HEAD, **changed}))
    assert main(["hj212", "decode", str(file), "--json"]) == 0
    source, again = tmp_path / "rows.jsonl", tmp_path / "again.bin"
    source.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["hj212", "encode", "--from", str(source), "--out", str(again)]) == 0
    assert again.read_bytes() == file.read_bytes()


def test_a_line_that_is_no_frame_is_named_when_encoding(tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]):
    file.write_bytes(RAW + b"noise")
    assert main(["hj212", "decode", str(file), "--json"]) == 0
    source = tmp_path / "rows.jsonl"
    source.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["hj212", "encode", "--from", str(source)]) == 2
    assert "第 2 行：缺少 ST、CN、MN；这一行不是数据包" in capsys.readouterr().err


def test_a_segment_beyond_the_standard_is_encoded_with_a_word(capsys: pytest.CaptureFixture[str]):
    words = ["--st", "32", "--cn", "3020", "--mn", "A", "--cp", "i11001-Info=//" + "a" * 1024 + "//", "--json"]
    assert main(["hj212", "encode", *words]) == 0
    assert "超过标准的 1024 字节" in capsys.readouterr().err


def test_a_check_over_a_whole_frame_is_made_with_a_word(file: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["hj212", "crc", "--file", str(file), "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["hj"] == f"{crc16(RAW):04X}"
    assert "不含包头" in shown.err
    assert main(["hj212", "crc", str(file)]) == 0
    assert "请用 --file" in capsys.readouterr().err
    file.write_bytes(RAW[6:-6])
    assert main(["hj212", "crc", "--file", str(file)]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(RAW[-6:-2].decode())
    assert shown.err == ""
