"""`fanzha certify`: a simulated bank speaks the profile; a planted fault is found by its rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from fanzha.channels.bank_gateway.certifying.checks import RULES, examine
from fanzha.channels.bank_gateway.certifying.examiner import Examiner, Subject
from fanzha.wiring.cli.certify import certify_command
from tests.simulation.build import HOLDER, MULE, NORTH
from tests.simulation.test_over_http import Line, line

if TYPE_CHECKING:
    from typer.testing import Result

__all__ = ["line"]

ORDER = "10 one acknowledgement per message, in order"
SERIAL = "10 the same TransSerialNumber again is a duplicate"


def flaws(line: Line, *, holds: bool = False, patience: float = 10) -> dict[str, str]:
    """What a certification of the town finds."""
    examiner = Examiner(
        line.front, Subject(NORTH, MULE, HOLDER[MULE]), patience=patience,
        now=lambda: line.town.clock[0],
    )  # fmt: skip
    return {each.rule: each.flaw for each in examine(examiner, holds=holds) if each.flaw}


def certified(line: Line, *words: str) -> Result:
    """Run the command."""
    app = typer.Typer()
    app.command()(certify_command)
    given = ["--token", "front", "--bank", NORTH, "--account", MULE, "--holder", HOLDER[MULE]]
    return CliRunner().invoke(app, [line.front.url, *given, "--seconds", "5", *words])


def test_a_simulated_bank_speaks_the_profile(line: Line) -> None:
    assert flaws(line, holds=True) == {}
    assert line.ledger()["effects"]


def test_without_holds_nothing_is_held(line: Line) -> None:
    assert flaws(line) == {}
    assert {number[:4] for number in line.ledger()["effects"]} == {"0301"}  # queries


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("wrong_serial", "was acknowledged as"),
        ("refuse", "200009"),
        ("garbage_reply", "unreadable"),
        ("drop_reply", "no answer within 1 s"),
        ("unknown_code", "the Result 9876 is none of the profile"),
        ("lost_ack", "cannot be reached"),
        ("truncate", "cannot be reached"),
    ],
)
def test_a_planted_fault_is_named_by_the_rule_that_it_breaks(
    line: Line, kind: str, words: str
) -> None:
    line.fault(kind=kind)

    found = flaws(line, patience=1)

    assert list(found) == [ORDER]
    assert words in found[ORDER]


def test_a_bank_without_a_duplicate_check_fails_those_rules(line: Line) -> None:
    line.town.world.check_duplicates = False

    assert set(flaws(line)) == {SERIAL}


def test_the_command_prints_every_rule_and_a_verdict(line: Line) -> None:
    done = certified(line)

    assert done.exit_code == 0, done.output
    assert len(done.stdout.splitlines()) == len(RULES) + 1
    assert done.stdout.splitlines()[-1] == "The endpoint speaks the profile."


def test_the_command_ends_with_1_when_a_rule_fails(line: Line) -> None:
    line.fault(kind="wrong_serial", bank=NORTH)

    done = certified(line)

    assert done.exit_code == 1
    assert f"FAILS {ORDER}: message " in done.stdout


def test_an_address_where_nobody_listens_is_one_sentence(line: Line) -> None:
    app = typer.Typer()
    app.command()(certify_command)
    given = ["--token", "t", "--bank", NORTH, "--account", MULE, "--holder", "甲某"]

    done = CliRunner().invoke(app, ["http://127.0.0.1:9", *given])

    assert done.exit_code == 2
    assert "cannot be reached" in done.stderr
