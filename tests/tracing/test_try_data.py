"""`fanzha try-data` on small files of each AMLworld layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner, Result

from fanzha.tracing.amlworld import is_amlworld, read, score_networks
from fanzha.tracing.files import BadFile
from fanzha.tracing.shapes_measured import confusion, qualities, verdicts
from fanzha.wiring.cli.try_data import try_data_command

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.tracing.amlworld import Score

RAW = (
    "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,"
    "Amount Paid,Payment Currency,Payment Format,Is Laundering"
)
app = typer.Typer()
app.command("try-data")(try_data_command)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def transfer(minute: int, payer: str, payee: str, amount: str, currency: str = "Euro") -> str:
    time = f"2022/09/01 00:{minute:02d}"
    return f"{time},01,{payer},02,{payee},{amount},{currency},{amount},{currency},ACH,1"


def attempts(path: Path, *rows: str, shape: str = "CYCLE:  Max 3 hops") -> Path:
    path.write_text(
        f"BEGIN LAUNDERING ATTEMPT - {shape}\n"
        + "\n".join(rows).replace(",02,", ",01,")
        + "\nEND LAUNDERING ATTEMPT - CYCLE\n\n"
    )
    return path


def scores(path: Path) -> dict[tuple[str, str], Score]:
    return dict(score_networks(read([path])[0]))


def test_the_first_hop_is_seeded_and_the_rest_is_followed(tmp_path: Path) -> None:
    rows = [transfer(1, "A", "B", "10.00"), transfer(2, "B", "C", "8.00")]
    path = attempts(tmp_path / "p.txt", *rows, transfer(3, "C", "A", "12.00"))
    ((key, score),) = scores(path).items()
    assert key == ("CYCLE", "Euro")
    assert (score.rows, score.seeds, score.traced_rows, score.reached_rows) == (3, 1, 3, 3)
    assert (score.money, score.traced_money, score.reached_money) == (3000, 2600, 3000)


def test_a_row_before_its_money_came_is_not_within_reach(tmp_path: Path) -> None:
    rows = [transfer(1, "A", "B", "10.00"), transfer(3, "B", "C", "8.00")]
    path = attempts(tmp_path / "p.txt", *rows, transfer(2, "C", "D", "8.00"))
    (score,) = scores(path).values()
    assert (score.seeds, score.traced_rows) == (2, 3)


def test_currencies_are_kept_apart(tmp_path: Path) -> None:
    rows = [transfer(1, "A", "B", "10.00"), transfer(2, "B", "C", "0.00000001", "Bitcoin")]
    found = scores(attempts(tmp_path / "p.txt", *rows))
    assert found["CYCLE", "Euro"].traced_rows == 1
    assert (found["CYCLE", "Bitcoin"].money, found["CYCLE", "Bitcoin"].reached_rows) == (1, 0)


def test_marked_rows_of_a_transactions_file_are_traced_in_their_surroundings(
    tmp_path: Path,
) -> None:
    rows = [
        transfer(1, "A", "B", "10.00"),
        transfer(2, "W", "B", "5.00")[:-1] + "0",
        transfer(3, "B", "X", "10.00")[:-1] + "0",
        transfer(4, "B", "C", "5.00"),
        transfer(5, "Y", "Z", "5.00")[:-1] + "0",
    ]
    path = tmp_path / "t.csv"
    path.write_text("\n".join([RAW, *rows]).replace(",02,", ",01,"))
    (found,) = read([path])
    assert (found.rows, len(found.background)) == (5, 2)
    (score,) = scores(path).values()
    # Euro 10 of the scheme left to X before C was paid out of W's 5.
    assert (score.rows, score.traced_rows, score.reached_rows) == (2, 1, 2)


def test_patterns_in_columns_are_read(tmp_path: Path) -> None:
    row = transfer(1, "A", "B", "10.00")
    text = f"pattern_id,pattern_family,{RAW}\nP1,fan-out,{row}\n"
    (tmp_path / "p.csv").write_text(text)
    assert list(scores(tmp_path / "p.csv")) == [("FAN-OUT", "Euro")]


def test_the_table_names_every_shape(tmp_path: Path) -> None:
    attempts(tmp_path / "a.txt", transfer(1, "A", "B", "10.00"), shape="FAN-OUT:  Max 1")
    attempts(tmp_path / "b.txt", transfer(1, "A", "B", "10.00"), shape="STACK")
    result = run(str(tmp_path))
    assert result.exit_code == 0
    assert "a.txt: 1 rows, 1 schemes of 1 rows" in result.stdout
    assert [word in result.stdout for word in ("FAN-OUT", "STACK", "100.0%")] == [True] * 3
    assert "Euro" in run(str(tmp_path), "--by-currency").stdout


def test_a_patterns_file_is_traced_among_the_rows_of_its_transactions_file(tmp_path: Path) -> None:
    marked = [transfer(1, "A", "B", "10.00"), transfer(4, "B", "C", "5.00")]
    plain = [transfer(2, "W", "B", "5.00")[:-1] + "0", transfer(3, "B", "X", "10.00")[:-1] + "0"]
    unnamed = transfer(5, "M", "N", "5.00")
    attempts(tmp_path / "p.txt", *marked)
    rows = "\n".join([RAW, *marked, *plain, unnamed]).replace(",02,", ",01,")
    (tmp_path / "t.csv").write_text(rows)
    pattern, other = read([tmp_path / "p.txt", tmp_path / "t.csv"])
    assert [len(pattern.background), len(other.background)] == [0, 2]
    assert [len(scheme) for scheme in other.schemes.values()] == [1]
    ((_, score),) = score_networks(pattern)
    assert (score.rows, score.traced_rows, score.reached_rows) == (2, 1, 2)


def fan(width: int, first: int = 1) -> list[str]:
    return [transfer(first + at, "H", f"Q{at}", "10.00", "Euro") for at in range(width)]


def test_shapes_are_compared_with_their_labels(tmp_path: Path) -> None:
    attempts(tmp_path / "a.txt", *fan(4), shape="FAN-OUT:  Max 4-degree Fan-Out")
    attempts(tmp_path / "b.txt", *fan(1), shape="FAN-OUT:  Max 1-degree Fan-Out")
    attempts(tmp_path / "c.txt", *fan(3), shape="RANDOM")
    found = [verdict for file in read(sorted(tmp_path.glob("*.txt"))) for verdict in verdicts(file)]
    assert [(v.label, v.named, v.small, v.right) for v in found] == [
        ("fan_out", "fan_out", False, True),
        ("fan_out", "none", True, False),
        ("random", "fan_out", False, False),
    ]
    assert confusion(found) == {"fan_out": {"fan_out": 1, "none": 1}, "random": {"fan_out": 1}}
    fan_out, other = qualities(found)
    assert (fan_out.precision, fan_out.recall, fan_out.fair_recall) == (0.5, 0.5, 1.0)
    assert (other.precision, other.recall) == (0.0, 0.0)


def test_amounts_are_compared_across_currencies(tmp_path: Path) -> None:
    rows = [transfer(1, "A", "B", "100.00"), transfer(2, "B", "C", "11000.00", "Yen")]
    back = transfer(3, "C", "A", "700.00", "Yuan")
    (file,) = read([attempts(tmp_path / "a.txt", *rows, back, shape="CYCLE:  Max 3 hops")])
    assert [verdict.named for verdict in verdicts(file)] == ["cycle"]
    unrelated = transfer(3, "C", "A", "7.00", "Yuan")
    (file,) = read([attempts(tmp_path / "b.txt", *rows, unrelated, shape="CYCLE:  Max 3 hops")])
    assert [verdict.named for verdict in verdicts(file)] == ["none"]


def test_a_currency_without_a_rate_has_no_verdict(tmp_path: Path) -> None:
    rows = [transfer(1, "A", "B", "10.00", "Doubloon")]
    (file,) = read([attempts(tmp_path / "a.txt", *rows)])
    assert list(verdicts(file)) == []


def test_parts_share_out_the_schemes(tmp_path: Path) -> None:
    for at in range(12):
        attempts(tmp_path / f"{at}.txt", *["" for _ in range(at)], *fan(3), shape="FAN-OUT")
    for text in ("0/2", "1/2"):
        assert run(str(tmp_path), "--part", text).exit_code == 0
    files = read(sorted(tmp_path.glob("*.txt")))
    halves = [sum(len(list(verdicts(file, (k, 2)))) for file in files) for k in (0, 1)]
    assert sum(halves) == 12
    assert run(str(tmp_path), "--part", "2/2").exit_code == 2


def test_shapes_are_named_under_the_rule_that_is_asked_for(tmp_path: Path) -> None:
    attempts(tmp_path / "a.txt", *fan(3), shape="FAN-OUT")
    assert "shapes under lifo" in run(str(tmp_path), "--rule", "lifo").stdout
    wrong = run(str(tmp_path), "--rule", "guess")
    assert wrong.exit_code == 2
    assert "'guess' is none of fifo, lifo" in wrong.stderr


def test_the_table_of_shapes_is_printed(tmp_path: Path) -> None:
    attempts(tmp_path / "a.txt", *fan(4), shape="FAN-OUT:  Max 4-degree Fan-Out")
    result = run(str(tmp_path))
    assert "1 labelled schemes, 1 named, 1 hits" in result.stdout
    assert "precision and recall" in result.stdout


def test_what_a_folder_lacks_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    nothing = run(str(tmp_path))
    assert (nothing.exit_code, nothing.stdout, nothing.stderr.count("\n")) == (2, "", 1)
    assert "no file in the AMLworld format" in nothing.stderr
    (tmp_path / "t.csv").write_text(f"{RAW}\n{transfer(1, 'A', 'B', '1')[:-1]}0\n")
    unmarked = run(str(tmp_path))
    assert unmarked.exit_code == 2
    assert "no row belongs to a pattern" in unmarked.stderr
    assert "no such folder" in run(str(tmp_path / "nowhere")).stderr


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (transfer(1, "A", "B", "1.005"), "row 2, amount_paid: '1.005' is no amount"),
        (transfer(1, "A", "B", "-1"), "row 2, amount_paid"),
        (transfer(99, "A", "B", "1"), "row 2, timestamp"),
        ("1,2,3", "row 2"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, words: str) -> None:
    path = attempts(tmp_path / "p.txt", row)
    assert is_amlworld(path)
    with pytest.raises(BadFile, match="p.txt, " + words):
        read([path])
    assert run(str(tmp_path)).exit_code == 2
