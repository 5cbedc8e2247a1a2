from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from fanzha.cases.models import Case
from fanzha.identity.acting import acting_for
from fanzha.wiring.cli.import_ import import_command
from tests import build
from tests.cast import NOON
from tests.movements.build import A, at, line, table
from tests.refusals.trial import writing

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.identity.models import Officer

cli = typer.Typer()
cli.command()(import_command)


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, arguments)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes(
        table(
            line(balance_fen="100"), line(txn_time=at(1), balance_fen="250"),
            line(txn_time=at(2), amount_fen="x"), line(txn_time=at(3), direction="出"),
            line(txn_time=at(4), direction="O"),
        ).encode("gb18030")
    )  # fmt: skip
    return path


def test_a_dry_run_prints_what_the_file_holds(file: Path) -> None:
    code, out, err = run("--dry-run", "--json", str(file))
    (told,) = json.loads(out)
    assert (code, err) == (0, "")
    assert told.pop("sha256")
    assert told == {
        "file": str(file),
        "profile": "bank_34@2",
        "read": 5,
        "kept": 4,
        "duplicate": 0,
        "rejected": 1,
        "skipped": 1,
        "sum_in_fen": {"CNY": 20_000},
        "sum_out_fen": {"CNY": 10_000},
        "sum_unknown_fen": {"CNY": 10_000},
        "first": "2026-03-18T12:00:00+08:00",
        "last": "2026-03-18T12:00:04+08:00",
        "accounts": [A],
        "balance_breaks": [
            {"account": A, "currency": "CNY", "breaks": 1, "row": 3, "missing_fen": 5_000}
        ],
        "balances": [{"account": A, "currency": "CNY", "opening_fen": 0, "closing_fen": None}],
    }


def test_without_json_it_says_so_in_lines(file: Path) -> None:
    code, out, _ = run("--dry-run", str(file))
    assert code == 0
    assert "read 5 = kept 4 + duplicate 0 + rejected 1; skipped 1" in out
    assert A not in out


def test_a_file_that_is_no_statement_is_named_and_the_others_are_read(file: Path) -> None:
    picture = file.with_name("b.csv")
    picture.write_bytes(b"\x89PNG")
    code, out, err = run("--dry-run", "--json", str(picture), str(file.with_name("c")), str(file))
    told = json.loads(out)
    assert code == 2
    assert [each.get("error", {}).get("code") for each in told] == ["NotAText", "Unreadable", None]
    assert "b.csv is png" in err


def test_an_unknown_layout_is_shown_with_a_proposal_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "发生时刻,数额,结余\n2026-03-18 12:00:00,1.00,1.00\n2026-03-18 12:00:01,2.00,3.00\n"
    )
    code, out, _ = run("--dry-run", "--json", str(path))
    (told,) = json.loads(out)
    assert (code, told["error"]["code"]) == (2, "NotAStatement")
    assert "kept" not in told
    assert {each["as"] for each in told["proposal"]["columns"]} >= {"txn_time", "amount_fen"}
    assert "proposed, not read" in run("--dry-run", str(path))[2]


def test_without_a_case_only_a_dry_run_is_possible(file: Path) -> None:
    code, out, err = run(str(file))
    assert (code, out) == (2, "")
    assert "--case" in err


@pytest.mark.slow
def test_a_dry_run_needs_neither_database_nor_django(file: Path) -> None:
    program = (
        "import sys; from fanzha.wiring.cli import main\n"
        "try: main()\n"
        "finally: assert 'django' not in sys.modules and 'duckdb' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "import", "--dry-run", "--json", str(file)],
        capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | {"FANZHA_DATABASE_URL": "postgresql://nowhere.invalid/x"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["read"] == 5


def test_an_import_puts_the_file_into_the_case(
    file: Path, chen: Officer, lin: Officer, own_lake: Path
) -> None:
    number = build.case(lin).number
    arguments = ("--json", "--case", number, "--as", chen.username, str(file))
    code, out, err = run(*arguments)
    (told,) = json.loads(out)
    assert (code, err, told["kept"], told["accounts"]) == (0, "", 4, [A])
    assert told["statement"].startswith("S-")

    code, out, err = run(*arguments)
    assert (code, json.loads(out)[0]["error"]["code"]) == (2, "AlreadyImported")
    assert told["statement"] in err


def test_a_closed_case_takes_no_file(
    file: Path, chen: Officer, lin: Officer, own_lake: Path
) -> None:
    case = build.case(lin)
    with acting_for(lin), writing():
        Case.objects.filter(pk=case.pk).update(closed_at=NOON)
    code, out, err = run("--json", "--case", case.number, "--as", chen.username, str(file))
    assert (code, json.loads(out)[0]["error"]["code"]) == (2, "CaseClosed")
    assert "was closed on 2026-03-18" in err


@pytest.mark.parametrize(
    ("case", "by", "word"), [("nope", "chen", "nope"), ("nope", "nobody", "nobody")]
)
def test_an_unknown_case_or_officer_is_named(
    file: Path, chen: Officer, case: str, by: str, word: str
) -> None:
    code, _, err = run("--case", case, "--as", by, str(file))
    assert code == 2
    assert word in err


def test_a_dry_run_reads_by_a_layout_that_is_given(tmp_path: Path) -> None:
    odd, layout = tmp_path / "odd.csv", tmp_path / "odd.yaml"
    odd.write_text("何时,多少,我,谁\n2026-03-18 12:00:00,-5.00,62990001,62990002\n", "utf-8")
    layout.write_text(
        "name: odd\nversion: 1\nmarks: [何时, 多少]\nneeds: [txn_time, amount_fen]\nsign: in\n"
        "columns: {txn_time: [何时], amount_fen: [多少], card_no: [我], cp_account_no: [谁]}\n",
        "utf-8",
    )
    assert run("--dry-run", "--json", str(odd))[0] == 2
    code, out, _ = run("--dry-run", "--json", "--profile", str(layout), str(odd))
    (told,) = json.loads(out)
    assert (code, told["profile"], told["sum_out_fen"]) == (0, "odd@1", {"CNY": 500})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\nneeds: [a]\n", "the key name is missing"),
        ("a: [", "is no YAML"),
        ("[1, 2]", "is no layout"),
        ("name: x\nversion: 1\nneeds: [a]\nown: '('\n", "is no layout"),
    ],
)
def test_a_bad_layout_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    layout = tmp_path / "bad.yaml"
    layout.write_text(text, "utf-8")
    code, _, err = run("--dry-run", "--profile", str(layout), str(layout))
    assert code == 2
    assert "bad.yaml" in err
    assert said in err
