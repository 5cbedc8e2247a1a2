"""The end of a case on screen: closed, kept, erased, and the proof of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from fanzha.cases import actions as cases
from fanzha.cases.models import Case
from fanzha.cases.rules import AlreadyErased, CaseClosed
from fanzha.core import clock
from fanzha.desk import importing
from fanzha.desk.erasing import WHAT, erase_case, tables_of_a_case
from fanzha.identity.acting import acting_for
from fanzha.movements import actions as movements
from fanzha.movements.models import Statement
from tests import build
from tests.cast import DUTY, NOON
from tests.desk.browser import HTMX, browser, shown, stored
from tests.movements.build import line, table
from tests.refusals.trial import writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fanzha.identity.models import Officer

FILE = table(line()).encode()
LATER = NOON + timedelta(days=365 * 11)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def case(lin: Officer, liang: Officer, own_lake: Path) -> Case:
    """A filed case with one statement of one row."""
    case = build.case(lin)
    with acting_for(liang):
        cases.file_case(liang, case, "1", at=NOON, ground=DUTY)
    return case


def closed(case: Case, liang: Officer) -> Case:
    with acting_for(liang):
        cases.close_case(liang, case, at=NOON, ground=DUTY)
    return case


def send(by: Officer, case: Case) -> str:
    given = {"files": SimpleUploadedFile("a.csv", FILE)}
    return shown(browser(by).post(f"/cases/{case.number}/statements/import/", given, headers=HTMX))


def test_a_head_closes_a_case_and_it_takes_no_more_statements(
    chen: Officer, liang: Officer, case: Case
) -> None:
    assert "1 kept" in send(chen, case)
    head = browser(liang)
    page = f"/cases/{case.number}/"
    assert "Close the case" in shown(head.get(page))
    head.post(f"{page}close/", {"reason": "handed to the court"})
    assert stored(Case, pk=case.pk)[0].state == "closed"
    after = shown(head.get(page))
    assert "Close the case" not in after
    assert "Kept until" in after
    assert "2036-03-18" in after
    assert "was closed on 2026-03-18 and takes no more statements" in send(chen, case)
    assert "takes no more statements" in shown(browser(chen).get(f"{page}statements/"))
    assert len(stored(Statement)) == 1


def test_who_may_not_file_does_not_close(chen: Officer, case: Case) -> None:
    seen = browser(chen)
    assert "Close the case" not in shown(seen.get(f"/cases/{case.number}/"))
    answer = seen.post(f"/cases/{case.number}/close/", {"reason": "x"})
    assert answer.status_code == 403
    assert stored(Case, pk=case.pk)[0].closed_at is None


@pytest.mark.parametrize(
    ("happens", "refused"),
    [({"closed_at": NOON}, CaseClosed), ({"erased_at": NOON}, AlreadyErased)],
)
def test_an_import_during_which_the_case_ends_leaves_nothing(
    chen: Officer, case: Case, monkeypatch: pytest.MonkeyPatch, happens: Any, refused: Any
) -> None:
    imported = movements.import_statement

    def slow(*args: Any, **kwargs: Any) -> Statement:
        statement: Statement = imported(*args, **kwargs)
        with writing():
            Case.objects.filter(pk=case.pk).update(**happens)
        return statement

    monkeypatch.setattr(movements, "import_statement", slow)
    with acting_for(chen), pytest.raises(refused):
        importing.import_into(chen, case, FILE, name="a.csv", at=NOON, why="test")
    assert stored(Statement) == []


def test_before_its_time_the_page_says_until_when_the_law_wants_it_kept(
    chen: Officer, liang: Officer, case: Case
) -> None:
    send(chen, case)
    closed(case, liang)
    page = shown(browser(liang).get(f"/cases/{case.number}/erase/"))
    assert "must be kept until 2036-03-18" in page
    assert "Erase for ever" not in page
    assert "Rows of statements" in page


def test_a_case_kept_long_enough_is_erased_on_its_number_and_a_reason(
    chen: Officer, liang: Officer, case: Case
) -> None:
    send(chen, case)
    closed(case, liang)
    with clock.held_at(LATER):
        head = browser(liang)
        assert case.number in shown(head.get("/cases/erasures/"))
        page = f"/cases/{case.number}/erase/"
        assert "Erase for ever" in shown(head.get(page))
        wrong = shown(head.post(page, {"number": "another", "reason": "asked for"}))
        assert "Nothing was erased" in wrong
        assert stored(Case, pk=case.pk)[0].erased_at is None
        head.post(page, {"number": case.number, "reason": "asked for by the family"})
        proof = shown(head.get(page))
        assert "asked for by the family" in proof
        assert "梁*" in proof
        assert "Rows of statements" in proof
        assert "Erase for ever" not in proof
        assert "Erased" in shown(head.get("/cases/erasures/"))
        assert "was erased on 2037-03-15" in send(chen, case)
    assert stored(Statement) == []


def test_an_analyst_sees_no_erasures(chen: Officer, case: Case) -> None:
    seen = browser(chen)
    assert seen.get("/cases/erasures/").status_code == 403
    assert seen.get(f"/cases/{case.number}/erase/").status_code == 403


def test_every_table_that_goes_has_a_word(db: None) -> None:
    assert set(tables_of_a_case()) <= set(WHAT)


def test_an_auditor_reads_the_proof_and_erases_nothing(
    liang: Officer, sun: Officer, case: Case
) -> None:
    closed(case, liang)
    page = f"/cases/{case.number}/erase/"
    with clock.held_at(LATER):
        answer = browser(sun).post(page, {"number": case.number, "reason": "curious"})
        assert answer.status_code == 403
        with acting_for(liang):
            erase_case(liang, Case.objects.get(pk=case.pk), at=LATER, ground=DUTY)
        assert "What was erased" in shown(browser(sun).get(page))
