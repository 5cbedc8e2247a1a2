"""`fanzha extract`: a public contract on standard input and output."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from fanzha.core.clock import from_wire, held_at
from fanzha.wiring.cli.extract import extract_command

app = typer.Typer()
app.command()(extract_command)
AT = ["--at", "2026-03-18T11:47"]


def test_json_holds_spans_and_fraud_type_with_offsets_of_the_raw_input() -> None:
    raw = "😀自称公安民警\r\n昨晚8点转了175万余元到安全账户\r\n"
    result = CliRunner().invoke(app, ["--json", *AT], input=raw.encode())
    printed = json.loads(result.stdout_bytes)
    assert result.exit_code == 0
    assert list(printed) == ["spans", "fraud_type"]
    assert set(printed["fraud_type"]) == {"code", "name", "reason"}
    assert printed["fraud_type"]["code"] == "AF"
    assert [(one["kind"], one["value"]) for one in printed["spans"]] == [
        ("time", "2026-03-17T20:00:00+08:00"),
        ("amount", 175000000),
    ]
    assert all(one["text"] == raw[one["start"] : one["end"]] for one in printed["spans"])


def test_without_at_the_clock_says_what_yesterday_is() -> None:
    with held_at(from_wire("20260318114700")):
        result = CliRunner().invoke(app, ["--json"], input="昨天".encode())
    assert json.loads(result.stdout_bytes)["spans"][0]["value"] == "2026-03-17"


def test_gb18030_is_read_and_a_table_is_printed() -> None:
    result = CliRunner().invoke(app, AT, input="转了3万元".encode("gb18030"))
    assert result.exit_code == 0
    assert "3000000" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "raw", "word"),
    [(["--at", "gestern"], b"", "--at"), (["--json"], b"\xff\xff\xff", "UTF-8")],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    arguments: list[str], raw: bytes, word: str
) -> None:
    result = CliRunner().invoke(app, arguments, input=raw)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert word in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
