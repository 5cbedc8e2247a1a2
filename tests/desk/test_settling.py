"""An answer settled by telephone on the page of its instruction: noted by one, decided by two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from fanzha.core import clock
from fanzha.instructions.actions import Answer
from fanzha.instructions.models import Instruction, Settlement
from fanzha.instructions.rules import Kind, Move
from tests.cast import NOON
from tests.desk.browser import browser, shown, stored
from tests.instructions.follow import answered, hold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.models import Officer

TELL = "Note it for a second officer"
SETTLE = "It stands: settle it so"
TOLD = {
    "verdict": "done", "told_by": "值班员", "called": "1060001", "told": "12:00", "since": "12:00",
    "evidence": "录音 7 号",
}  # fmt: skip


@pytest.fixture(autouse=True)
def noon(db: None) -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


def puzzling(kind: Kind = Kind.STOP) -> Instruction:
    return answered(hold(kind, answered_at_all=False), Answer(Move.PUZZLE, "9876", ""))


def page_of(officer: Officer, of: Instruction, language: str = "en") -> str:
    return shown(browser(officer, language).get(f"/instructions/{of.public_id}/"))


def send(officer: Officer, of: Instruction, to: str, **form: str) -> Any:
    return browser(officer).post(f"/instructions/{of.public_id}/{to}/", form)


def test_one_notes_the_call_and_another_settles_it(lin: Officer, liang: Officer) -> None:
    stop = puzzling()
    assert TELL in page_of(lin, stop)
    assert send(lin, stop, "told", **TOLD).status_code == 302
    mine, hers = page_of(lin, stop), page_of(liang, stop)
    assert "值班员" in mine
    assert TELL not in mine
    assert SETTLE not in mine
    assert SETTLE in hers
    assert "认可并核定" in page_of(liang, stop, "zh-hans")
    send(liang, stop, "settle", said="yes")
    (settled,) = stored(Instruction)
    assert settled.state == "effective"
    assert "it stands" in page_of(lin, stop)


def test_what_does_not_stand_can_be_told_anew(lin: Officer, liang: Officer) -> None:
    stop = puzzling()
    send(lin, stop, "told", **TOLD)
    assert "Write the reason." in shown(send(liang, stop, "settle", said="no"))
    send(liang, stop, "settle", said="no", reason="号码不是该行的")
    assert "号码不是该行的" in page_of(lin, stop)
    assert TELL in page_of(lin, stop)


@pytest.mark.parametrize("changes", [{"told": "soon"}, {"verdict": "perhaps"}])
def test_a_form_half_filled_notes_nothing(lin: Officer, changes: dict[str, str]) -> None:
    assert send(lin, puzzling(), "told", **(TOLD | changes)).status_code == 302
    assert stored(Settlement) == []


def test_a_query_cannot_be_told_as_done(lin: Officer) -> None:
    query = puzzling(Kind.QUERY)
    assert 'value="not_done"' in page_of(lin, query)
    assert 'value="done"' not in page_of(lin, query)


def test_a_clear_answer_shows_nothing_of_it(lin: Officer) -> None:
    assert "Settled by telephone" not in page_of(lin, hold())
