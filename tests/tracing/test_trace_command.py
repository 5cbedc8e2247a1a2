"""`fanzha trace`, a public contract: files in, JSON or one sentence out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner, Result

from fanzha.wiring.cli.trace import app

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "id,time,from_account,to_account,amount_fen"
FULL = f"{HEADER},balance_from_fen,balance_to_fen,channel,currency,reverses"
ROWS = """\
pay,2026-03-18 10:58:00,V,A,100000
on,2026-03-18 11:05:00,A,B,60000
out,2026-03-18 11:06:00,B,,20000
"""


class Files:
    """Writes the files of one run, runs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *options: str, encoding: str = "utf-8", **texts: str) -> Result:
        """Write `name.csv` per text, pass each as its option."""
        arguments = []
        for name, text in texts.items():
            path = self.folder / f"{name}.csv"
            path.write_bytes(text.encode(encoding))
            arguments += [f"--{name}", str(path)]
        return CliRunner().invoke(app, [*arguments, *options])

    def report(self, **texts: Any) -> dict[str, Any]:
        """Run with --json and read what it prints."""
        result = self.run("--rule", "fifo", "--json", **texts)
        assert result.exit_code == 0, result.output
        report: dict[str, Any] = json.loads(result.stdout)
        return report

    def refusal(self, **texts: str) -> str:
        """Run with --json; there must be one sentence, exit code 2, and nothing on stdout."""
        result = self.run("--json", **texts)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr.count("\n") == 1
        return result.stderr.strip().removeprefix(str(self.folder)).lstrip("/")


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def movements(*rows: str) -> str:
    return "\n".join([FULL, *rows]) + "\n"


def test_the_report_has_the_keys_of_the_contract(files: Files) -> None:
    report = files.report(movements=f"{HEADER}\n{ROWS}", seeds="id,claim\npay,Lin\n")
    assert report["rule"] == "fifo"
    assert report["seeded_fen"] == 100_000
    assert report["ends"] == [
        {"account": "A", "kind": "held", "fen": 40_000, "by_claim": {"Lin": 40_000}},
        {"account": "B", "kind": "held", "fen": 40_000, "by_claim": {"Lin": 40_000}},
        {"account": "B", "kind": "unknown", "fen": 20_000, "by_claim": {"Lin": 20_000}},
    ]
    assert report["pieces"] == [
        {"id": "pay", "fen": 100_000, "by_claim": {"Lin": 100_000}},
        {"id": "on", "fen": 60_000, "by_claim": {"Lin": 60_000}},
        {"id": "out", "fen": 20_000, "by_claim": {"Lin": 20_000}},
    ]
    assert [note["kind"] for note in report["notes"]] == []
    assert len(report["input_sha256"]) == 64
    assert report["engine"]


def test_the_claim_of_a_payment_is_its_id_unless_one_is_given(files: Files) -> None:
    report = files.report(movements=f"{HEADER}\n{ROWS}", seeds="id\npay\n")
    assert report["ends"][0]["by_claim"] == {"pay": 40_000}


def test_openings_and_known_accounts_are_read(files: Files) -> None:
    report = files.report(
        movements=f"{HEADER}\n{ROWS}",
        seeds="id\npay\n",
        openings="account,amount_fen\nA,10000\n",
        known="account\nA\n",
    )
    assert [(end["account"], end["kind"], end["fen"]) for end in report["ends"]] == [
        ("A", "held", 50_000),
        ("B", "not_queried", 50_000),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_names_read_alike_in_every_encoding(files: Files, encoding: str) -> None:
    text = f"{HEADER},备注\npay,1,张三,李四卡,100,汇款\n"
    report = files.report(movements=text, seeds="id\npay\n", encoding=encoding)
    assert report["ends"][0]["account"] == "李四卡"
    plain = files.report(movements=text, seeds="id\npay\n")
    assert plain["input_sha256"] == report["input_sha256"]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2026-03-18T10:00:00+08:00", "2026-03-18T02:00:01Z"),
        ("2026-03-18 10:00:00", "2026-03-18T02:00:01+00:00"),
        ("2026-03-18T10:00:00.001", "2026-03-18T10:00:00.002"),
        ("2026/3/18 9:59", "2026-03-18 10:00"),
        ("20260318095959", "20260318100000"),
        ("20260318235959", "2026-03-19"),
        ("20260318", "20260319"),
        ("2026-03-18", "2026-03-18 00:00:01"),
        ("9", "10"),
        ("-1", "1"),
        ("99999999", "20260318000000"),
    ],
)
def test_times_of_every_form_order_the_rows(files: Files, earlier: str, later: str) -> None:
    text = movements(f"on,{later},A,B,5,,,,,", f"pay,{earlier},V,A,5,,,,,")
    report = files.report(movements=text, seeds="id\npay\n")
    assert [end["account"] for end in report["ends"]] == ["B"]


def test_rows_of_one_time_keep_file_order(files: Files) -> None:
    text = movements("on,10:00,A,B,5,,,,,", "pay,10:00,V,A,5,,,,,").replace("10:00", "2026-03-18")
    report = files.report(movements=text, seeds="id\npay\n")
    assert [(end["account"], end["kind"]) for end in report["ends"]] == [("A", "overdraft")]
    assert "same_time" in [note["kind"] for note in report["notes"]]


def test_the_order_of_rows_and_other_columns_leaves_the_hash_as_it_is(files: Files) -> None:
    lines = ROWS.splitlines()
    one = files.report(movements="\n".join([HEADER, *lines]), seeds="id\npay\n")
    two = files.report(movements="\n".join([HEADER, *reversed(lines)]) + "\n", seeds="id\npay")
    three = files.report(movements=f"{HEADER}\n{ROWS}", seeds="id\npay\n", known="account\nA\nB\n")
    assert one["input_sha256"] == two["input_sha256"] != three["input_sha256"]


def test_blank_lines_spaces_and_quotes_do_no_harm(files: Files) -> None:
    text = f'{HEADER}\r\n\r\n"pay", 1 ,V ," A",7\r\n\r\n'
    report = files.report(movements=text, seeds="id\r\npay\r\n")
    assert [(end["account"], end["fen"]) for end in report["ends"]] == [("A", 7)]


def test_without_json_a_table_is_printed(files: Files) -> None:
    result = files.run(movements=f"{HEADER}\n{ROWS}", seeds="id\npay\n")
    assert result.exit_code == 0
    assert "1,000.00" in result.stdout
    assert "held" in result.stdout


@pytest.mark.parametrize(
    ("row", "where", "words"),
    [
        ("x,2026-03-19,A,B,-3,,,,,", "row 3, amount_fen", "too small"),
        ("x,2026-03-19,A,B,3.5,,,,,", "row 3, amount_fen", "whole number"),
        ("x,2026-03-19,A,B,1e3,,,,,", "row 3, amount_fen", "whole number"),
        ("x,2026-03-19,A,B,,,,,,", "row 3, amount_fen", "whole number"),
        ("x,2026-03-19,A,B,9223372036854775808,,,,,", "row 3, amount_fen", "too large"),
        ("x,2026-03-19,A,B,3,abc,,,,", "row 3, balance_from_fen", "whole number"),
        ("x,2026-03-19,A,B,3,,1.0,,,", "row 3, balance_to_fen", "whole number"),
        ("x,soon,A,B,3,,,,,", "row 3, time", "no time"),
        ("x,,A,B,3,,,,,", "row 3, time", "no time"),
        ("x,2026-02-30,A,B,3,,,,,", "row 3, time", "no time"),
        ("x,99999999999999999999,A,B,3,,,,,", "row 3, time", "no time"),
        ("x,2026-03-19,,,3,,,,,", "row 3, to_account", "both accounts"),
        ("x,2026-03-19,A,,3,,,pigeon,,", "row 3, channel", "pigeon"),
        (",2026-03-19,A,B,3,,,,,", "row 3, id", "empty"),
        ("pay,2026-03-19,A,B,3,,,,,", "row 3, id", "twice"),
        ("x,2026-03-19,A,B,3,,,,,nobody", "row 3, reverses", "nobody"),
        ("x,2026-03-19,A,B,3,,,,,pay", "row 3, reverses", "same accounts"),
        ("x,2026-03-17,A,V,3,,,,,pay", "row 3, reverses", "before"),
        ("x,2026-03-19,A", "row 3", "3 fields where the header has 10"),
        ('x,1,A,"B,3', "row 3", "end of data"),
    ],
)
def test_a_bad_row_is_named_in_one_sentence(files: Files, row: str, where: str, words: str) -> None:
    text = movements("pay,2026-03-18,V,A,5,,,,,", row)
    sentence = files.refusal(movements=text, seeds="id\npay\n")
    assert sentence.startswith(f"movements.csv, {where}: ")
    assert words in sentence


@pytest.mark.parametrize(
    ("seeds", "words"),
    [
        ("id\nnobody\n", "seeds.csv, row 2, id: no movement has the id 'nobody'"),
        ("id\npay\npay\n", "seeds.csv, row 3, id: the payment 'pay' stands twice"),
        ("id\nself\n", "leads back to its own account"),
        ("id\npay\nusd\n", "seeds.csv: the payments are in several currencies"),
        ("claim\npay\n", "seeds.csv, row 1, id: the column is missing"),
        ("", "seeds.csv, row 1, id: the column is missing"),
        ("id,id\npay,pay\n", "seeds.csv, row 1: a column stands twice"),
    ],
)
def test_bad_payments_are_named(files: Files, seeds: str, words: str) -> None:
    rows = ["pay,1,V,A,5,,,,,", "self,2,A,A,5,,,,,", "usd,3,V,A,5,,,,USD,"]
    assert words in files.refusal(movements=movements(*rows), seeds=seeds)


def test_bad_openings_are_named(files: Files) -> None:
    common = {"movements": movements("pay,1,V,A,5,,,,,"), "seeds": "id\npay\n"}
    twice = files.refusal(**common, openings="account,amount_fen\nA,1\nA,2\n")
    assert twice == "openings.csv, row 3, account: 'A' stands twice."
    negative = files.refusal(**common, openings="account,amount_fen\nA,-1\n")
    assert negative == "openings.csv, row 2, amount_fen: -1 is too small."


def test_a_file_that_is_not_there_or_not_text_is_named(files: Files) -> None:
    files.run(seeds="id\npay\n")
    missing = CliRunner().invoke(
        app, ["--movements", "nowhere.csv", "--seeds", str(files.folder / "seeds.csv")]
    )
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert missing.stderr == "nowhere.csv: No such file or directory.\n"
    (files.folder / "raw.csv").write_bytes(b"id\xff\xff\n\x81")
    raw = CliRunner().invoke(
        app, ["--movements", str(files.folder / "raw.csv"), "--seeds", "nowhere.csv"]
    )
    assert "neither UTF-8 nor GB18030" in raw.stderr


def test_a_rule_that_does_not_exist_is_refused_in_one_sentence(files: Files) -> None:
    result = files.run("--rule", "guess", movements=f"{HEADER}\n{ROWS}", seeds="id\npay\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "guess" in result.stderr
    assert result.stderr.count("\n") == 1


def test_every_kind_of_note_has_its_sentence(files: Files) -> None:
    text = movements(
        "pay,1,V,A,50,,70,,,",
        "fx,2,A,B,5,,,,USD,",
        "on,3,A,B,30,,,,,",
        "off,4,B,C,20,,,,,",
        "undo,5,B,A,30,0,,,,on",
        "over,6,C,,30,,,cash,,",
        "same,6,C,D,1,,,,,",
    )
    notes = files.report(movements=text, seeds="id\npay\n")["notes"]
    assert {note["kind"] for note in notes} == {
        "missing",
        "overdraft",
        "reversal_short",
        "balance_disagrees",
        "currency_exchange",
        "same_time",
    }
    assert all(note["id"] in note["text"] for note in notes)
