"""qingyuan hj212 as scripts use it: JSON lines, keys, exit codes."""

from __future__ import annotations

import codecs
import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

import needs
from qingyuan.cli import main
from qingyuan.hj212 import encode
from qingyuan.hj212.encode import envelope

KEYS = [
    "file",
    "ok",
    "version",
    "crc_ok",
    "crc_dialect",
    "deviations",
    "qn",
    "st",
    "cn",
    "mn",
    "flag",
    "pnum",
    "pno",
    "cp",
]
SM4 = "30" * 16
RAW = encode(
    qn="20240601085857223", st="32", cn="2011", pw="123456", mn="010000A8900016F000169DC0", flag=5,
    cp="DataTime=20240601085857;w01018-Rtd=35.2,w01018-Flag=N",
)  # fmt: skip
PLAIN_GROUPS = ("official", "2017-C", "2025-C")


def decoded(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> list[dict[str, Any]]:
    assert main(["hj212", "decode", *words, "--json"]) == code
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(list(row) == KEYS for row in rows)
    return rows


def test_one_line_a_frame_and_a_rejected_piece(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "a.bin"
    file.write_bytes(b"noise" + RAW + RAW[:-6] + b"0000\r\n")
    noise, good, bad = decoded(capsys, str(file))
    assert noise["deviations"] == ["garbage"]
    assert (noise["ok"], noise["version"], noise["mn"]) == (False, None, None)
    assert good == {
        "file": str(file), "ok": True, "version": "2017", "crc_ok": True, "crc_dialect": "hj", "deviations": [],
        "qn": "20240601085857223", "st": "32", "cn": "2011", "mn": "010000A8900016F000169DC0", "flag": 5, "pnum": None,
        "pno": None, "cp": "DataTime=20240601085857;w01018-Rtd=35.2,w01018-Flag=N",
    }  # fmt: skip
    assert (bad["ok"], bad["crc_ok"], bad["deviations"]) == (False, False, ["crc_mismatch", "crc_zero"])
    assert bad["cn"] == "2011"


def test_a_version_that_flag_does_not_name_is_null(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "a.bin"
    file.write_bytes(envelope(RAW[6:-6].replace(b"Flag=5", b"Flag=12")))
    (row,) = decoded(capsys, str(file))
    assert (row["ok"], row["version"], row["flag"], row["deviations"]) == (True, None, 12, ["unknown_version"])


def test_a_length_that_swallows_the_file_does_not_hide_the_frame(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "a.bin"
    file.write_bytes(b"##9999QN=2024" + b"##" * 3000 + RAW)
    rows = decoded(capsys, str(file))
    assert [row["ok"] for row in rows] == [False] * (len(rows) - 1) + [True]
    assert rows[-1]["qn"] == "20240601085857223"


def test_strict_refuses_what_had_to_be_repaired(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "a.bin"
    file.write_bytes(RAW[:-2] + b"\n")
    assert decoded(capsys, str(file))[0]["ok"] is True
    strict = decoded(capsys, str(file), "--strict", code=1)[0]
    assert (strict["ok"], strict["deviations"]) == (False, ["tail_lf"])


def test_encode_and_decode_agree_with_and_without_a_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    first, second = tmp_path / "a.bin", tmp_path / "b.bin"
    first.write_bytes(RAW)
    rows = decoded(capsys, str(first))
    source = tmp_path / "rows.jsonl"
    source.write_text(json.dumps(rows[0]), encoding="utf-8")
    assert main(["hj212", "encode", "--from", str(source), "--out", str(second)]) == 0
    assert second.read_bytes() == RAW
    words = [
        "--st",
        "31",
        "--cn",
        "2051",
        "--mn",
        "A",
        "--flag",
        "9",
        "--cp",
        "DataTime=20240520210600;a01011-Avg=1.35",
    ]
    assert main(["hj212", "encode", *words, "--sm4-key", SM4, "--out", str(second)]) == 0
    capsys.readouterr()
    (row,) = decoded(capsys, str(second), "--sm4-key", "00" * 16, "--sm4-key", SM4)
    assert (row["ok"], row["crc_ok"], row["cp"]) == (True, True, "DataTime=20240520210600;a01011-Avg=1.35")
    (row,) = decoded(capsys, str(second))
    assert (row["ok"], row["deviations"], row["cp"]) == (False, ["encrypted"], None)


def test_crc_of_annex_a_in_three_ways(capsys: pytest.CaptureFixture[str]):
    body = "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
    assert main(["hj212", "crc", body, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown == {"length": 101, "hj": "1C80", "modbus": "0759", "modbus_swapped": "5907"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["decode", "no-such-file"], "no-such-file"),
        (["decode", "-", "--sm4-key", "30"], "32 位十六进制"),
        (["encode", "--st", "32"], "CN、MN"),
        (["encode", "--st", "32", "--cn", "2011", "--mn", "a;b"], "MN"),
        (["crc"], "二者取一"),
    ],
    ids=["no-file", "short-key", "missing-fields", "separator-in-mn", "nothing-to-check"],
)
def test_wrong_use_is_said_in_words(words: list[str], said: str, capsys: pytest.CaptureFixture[str]):
    assert main(["hj212", *words]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


def test_rows_of_the_wrong_type_are_named_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'\n{"st":"32","cn":2011,"mn":"A"}')))
    assert main(["hj212", "encode", "--from", "-"]) == 2
    assert "第 2 行：cn" in capsys.readouterr().err


def test_every_shared_vector_through_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """The check column, the head columns, and: right standard frames bear no deviation, all others at least one."""
    with needs.shared("vectors", "hj212_packets.csv").open(encoding="utf-8", newline="") as file:
        vectors = list(csv.DictReader(file))
    for row in vectors:
        (tmp_path / row["id"]).write_bytes(codecs.escape_decode(row["packet_escaped"].encode())[0])
    shown = decoded(capsys, *(str(tmp_path / row["id"]) for row in vectors), "--sm4-key", SM4)
    by_id: dict[str, list[dict[str, Any]]] = {}
    for one in shown:
        by_id.setdefault(Path(one["file"]).name, []).append(one)
    faults = {row["id"]: fault for row in vectors if (fault := judged(row, by_id[row["id"]]))}
    assert faults == {"P329": "no deviation"}, "P329 is right but for a password that only the receiver knows"


def judged(row: dict[str, str], pieces: list[dict[str, Any]]) -> str:
    frames = [piece for piece in pieces if piece["crc_ok"]]
    if row["id"] == "P008":  # its check is that of the plain text, which another key hides
        return "" if pieces[0]["deviations"] == ["key_mismatch"] else "not named"
    if row["crc_ok"] and row["frame_ok"] == "1" and bool(frames) != (row["crc_ok"] == "1"):
        return "crc_ok"
    if frames and (frames[0]["st"], frames[0]["cn"]) != (row["st"], row["cn"]):
        return "head"
    named = [one for piece in pieces for one in piece["deviations"]]
    if row["expect"] == "ok" and row["group"] in PLAIN_GROUPS:
        return "" if len(pieces) == 1 and pieces[0]["ok"] and not named else f"{named}"
    is_right = row["expect"].startswith(("ok", "1 frame", "1 merged"))
    if is_right and not any(piece["ok"] for piece in pieces):
        return "the good frame is hidden"
    return "" if is_right or named else "no deviation"
