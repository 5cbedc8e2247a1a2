"""What else `fanzha trace` can be asked: limits, all rules, formats, groups, replays."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from defusedxml.ElementTree import fromstring

from tests.tracing.test_trace_command import HEADER, ROWS, Files

if TYPE_CHECKING:
    from pathlib import Path

MIXED = """\
own,2026-03-18 10:00:00,W,A,100000
pay,2026-03-18 10:58:00,V,A,100000
out,2026-03-18 11:05:00,A,B,100000
"""


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def asked(files: Files, *options: str, rows: str = MIXED, **texts: str) -> dict[str, Any]:
    result = files.run(
        *options, "--json", movements=f"{HEADER}\n{rows}", seeds="id\npay\n", **texts
    )
    assert result.exit_code == 0, result.output
    record: dict[str, Any] = json.loads(result.stdout)
    return record


def ends(record: dict[str, Any]) -> dict[tuple[str, str], int]:
    return {(end["account"], end["kind"]): end["fen"] for end in record["ends"]}


def test_every_rule_stands_side_by_side(files: Files) -> None:
    (row,) = asked(files, "--rule", "all")["table"]
    assert row["held_fen"]["fifo"] == 100_000
    assert row["held_fen"]["libr_cap"] == 100_000
    assert (row["claim"], row["seeded_fen"]) == ("pay", 100_000)


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        ("fifo", {("A", "held"): 100_000}),
        ("lifo", {("B", "held"): 100_000}),
        ("own_first", {("A", "held"): 100_000}),
        ("rolling_pro_rata", {("A", "held"): 50_000, ("B", "held"): 50_000}),
        ("poison", {("A", "held"): 100_000, ("B", "held"): 100_000}),
    ],
)
def test_each_rule_has_its_own_answer(
    files: Files, rule: str, where: dict[tuple[str, str], int]
) -> None:
    assert ends(asked(files, "--rule", rule)) == where


@pytest.mark.parametrize(
    "limits",
    ["min_amount_fen=60001", "max_hops=0", "hop_window=PT6M59S", "max_transfers=0"],
)
def test_what_a_limit_cuts_stays_where_it_would_have_left(files: Files, limits: str) -> None:
    record = asked(files, "--limits", limits, rows=ROWS)
    assert ends(record) == {("A", "held"): 40_000, ("A", "beyond_limits"): 60_000}


@pytest.mark.parametrize(
    "limits",
    ["min_amount_fen=60000", "max_hops=1", "hop_window=PT7M", "max_transfers=1"],
)
def test_a_transfer_just_at_the_limit_is_followed(files: Files, limits: str) -> None:
    record = asked(files, "--limits", limits, rows=ROWS)
    assert ends(record)["A", "held"] == 40_000
    assert ("A", "beyond_limits") not in ends(record)


@pytest.mark.parametrize("limits", ["hops=1", "max_hops", "max_hops=-1", "hop_window=1h"])
def test_a_limit_that_cannot_be_read_is_refused(files: Files, limits: str) -> None:
    given = {"movements": f"{HEADER}\n{ROWS}", "seeds": "id\npay\n"}
    result = files.run("--limits", limits, "--json", **given)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)


def test_rows_of_one_second_give_a_range(files: Files) -> None:
    rows = MIXED.replace("11:05:00,A,B", "10:58:00,A,B")
    record = asked(files, "--rule", "lifo", rows=rows)
    assert ends(record) == {("B", "held"): 100_000}
    spans = {(one["account"], one["low_fen"], one["high_fen"]) for one in record["ranges"]}
    assert spans == {("A", 0, 100_000), ("B", 0, 100_000)}


def test_a_day_without_a_time_may_be_anywhere_in_that_day(files: Files) -> None:
    rows = MIXED.replace("2026-03-18 11:05:00,A,B", "2026-03-18,A,B")
    record = asked(files, "--rule", "lifo", rows=rows)
    assert {(one["low_fen"], one["high_fen"]) for one in record["ranges"]} == {(0, 100_000)}


def test_balances_that_allow_one_order_decide_it(files: Files) -> None:
    head = f"{HEADER},balance_from_fen,balance_to_fen"
    rows = (
        "own,2026-03-18 10:00:00,W,A,50,,50\n"
        "out,2026-03-18 10:58:00,A,B,100,50,100\n"
        "pay,2026-03-18 10:58:00,V,A,100,,150\n"
        "end,2026-03-18 12:00:00,W,A,1,,51\n"
    )
    record = files.report(movements=f"{head}\n{rows}", seeds="id\npay\n")
    assert ends(record) == {("A", "held"): 50, ("B", "held"): 50}
    assert record["ranges"] == []
    assert "order_by_balance" in {note["kind"] for note in record["notes"]}


def test_accounts_of_one_group_are_one(files: Files) -> None:
    rows = "pay,1,V,A,100\nmove,2,A,A2,100\nout,3,A2,,40\n"
    record = asked(files, rows=rows, groups="account,group\nA,G\nA2,G\n")
    assert ends(record) == {("G", "held"): 60, ("G", "unknown"): 40}


def test_the_payees_bank_says_when_money_arrived(files: Files) -> None:
    head = f"{HEADER},time_to"
    rows = "pay,1,V,A,100,9\nother,5,W,A,100,\nout,6,A,B,100,\n"
    record = files.report(movements=f"{head}\n{rows}", seeds="id\npay\n")
    assert ends(record) == {("A", "held"): 100}


def test_an_arrival_before_the_leaving_is_noted(files: Files) -> None:
    head = f"{HEADER},time_to"
    record = files.report(movements=f"{head}\npay,5,V,A,100,1\n", seeds="id\npay\n")
    assert [note["kind"] for note in record["notes"]] == ["arrives_before_leaving"]


def test_a_result_is_replayed_and_explained(files: Files, tmp_path: Path) -> None:
    out = tmp_path / "result.json"
    asked(files, rows=ROWS)
    files.run("--json", "--out", str(out), movements=f"{HEADER}\n{ROWS}", seeds="id\npay\n")
    good = files.run("verify", str(out))
    assert (good.exit_code, "The result holds." in good.stdout) == (0, True)
    told = files.run("explain", str(out), "--end", "2", "--json")
    (way,) = json.loads(told.stdout)["ways"]
    assert [row["id"] for row in way["rows"]] == ["pay", "on", "out"]
    assert way["fen"] == 20_000
    assert files.run("explain", str(out), "--end", "3").exit_code == 2


def test_a_changed_result_or_input_does_not_hold(files: Files, tmp_path: Path) -> None:
    out = tmp_path / "result.json"
    files.run("--json", "--out", str(out), movements=f"{HEADER}\n{ROWS}", seeds="id\npay\n")
    record = json.loads(out.read_text("utf-8"))
    record["ends"][0]["fen"] += 1
    out.write_text(json.dumps(record), "utf-8")
    changed = files.run("verify", str(out))
    assert (changed.exit_code, "ends differ" in changed.stdout) == (1, True)
    movements = tmp_path / "movements.csv"
    movements.write_text(movements.read_text("utf-8").replace("20000", "19999"), "utf-8")
    assert "the input is not the one" in files.run("verify", str(out)).stdout


def test_a_file_that_is_no_result_is_refused(files: Files, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"rule": "fifo"}', "utf-8")
    result = files.run("verify", str(path))
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)


def test_the_table_for_spreadsheets_runs_no_formula(files: Files) -> None:
    result = files.run(
        "--format", "csv", movements=f"{HEADER}\npay,1,V,=1+1,100\n", seeds="id\npay\n"
    )
    assert "'=1+1,held,100" in result.stdout


def test_a_workbook_and_a_graph_carry_the_same_figures(files: Files, tmp_path: Path) -> None:
    given = {"movements": f"{HEADER}\n{ROWS}", "seeds": "id\npay\n"}
    book = tmp_path / "out.xlsx"
    assert files.run("--format", "xlsx", "--out", str(book), **given).exit_code == 0
    names = ZipFile(BytesIO(book.read_bytes())).namelist()
    assert "xl/worksheets/sheet3.xml" in names
    graph = fromstring(files.run("--format", "graphml", **given).stdout)
    traced = [data.text for data in graph.iter() if data.get("key") == "edge_traced_fen"]
    assert traced == ["100000", "60000", "20000"]


def test_backward_needs_a_rule_that_knows_it(files: Files) -> None:
    rows = "short,1,A,B,30\npay,2,V,A,100\n"
    record = asked(files, "--backward", "one scheme, see file 7", rows=rows)
    assert ends(record) == {("A", "held"): 70, ("B", "held"): 30}
    assert record["backward"] == "one scheme, see file 7"
    refused = files.run(
        "--rule", "own_first", "--backward", "one scheme",
        movements=f"{HEADER}\n{rows}", seeds="id\npay\n",
    )  # fmt: skip
    assert refused.exit_code == 2


def test_time_that_is_up_says_what_is_missing(files: Files) -> None:
    record = asked(files, "--budget", "PT0S", rows=ROWS)
    assert record["unfinished_fen"] == 60_000
    assert sum(ends(record).values()) == 100_000
    assert "unfinished" in {note["kind"] for note in record["notes"]}


def test_a_file_larger_than_memory_is_refused_before_it_is_read(
    files: Files, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as hole:
        hole.truncate(2**43)
    result = files.run("--movements", str(huge), "--json", seeds="id\npay\n")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "huge.csv" in result.stderr
    assert "MB" in result.stderr


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("pay,2026-03-18,V,A,-1", "amount_fen"),
        ("pay,99999999999999999999,V,A,1", "time"),
        ("pay,2026-03-18,V,A,1e15", "amount_fen"),
    ],
)
def test_what_cannot_be_a_row_is_named_with_file_row_and_field(
    files: Files, row: str, field: str
) -> None:
    result = files.run("--json", movements=f"{HEADER}\n{row}\n", seeds="id\npay\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"movements.csv, row 2, {field}" in result.stderr


def test_ten_trillion_yuan_are_followed_to_the_fen(files: Files) -> None:
    most = 10**15
    rows = f"pay,1,V,A,{most}\nother,2,V2,A,{most}\nout,3,A,B,{most + 1}\n"
    for rule in ("fifo", "lifo", "own_first", "rolling_pro_rata"):
        record = asked(files, "--rule", rule, rows=rows)
        assert sum(ends(record).values()) == most


def test_a_ring_within_one_second_ends(files: Files) -> None:
    rows = "pay,1,V,A,100\nab,1,A,B,100\nbc,1,B,C,100\nca,1,C,A,100\n"
    for rule in ("fifo", "lifo", "own_first", "rolling_pro_rata", "poison"):
        record = asked(files, "--rule", rule, rows=rows)
        assert ends(record)["A", "held"] == 100


def test_a_row_that_is_certainly_earlier_makes_no_range(files: Files) -> None:
    rows = (
        "day,2026-03-18,C,A,32\nearly,2026-03-18 03:00:00,E,D,9\npay,2026-03-18 07:00:00,A,E,25\n"
    )
    record = asked(files, rows=rows)
    assert record["orders"]["traced"] == 2
    assert record["ranges"] == []
