"""Notes and saved views beside the fund flow: who writes, who deletes, what is shown and kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from fanzha.audit.models import Entry
from fanzha.cases import actions, queries
from fanzha.cases.models import Case, Note, SavedView
from fanzha.cases.rules import (
    NOTE_SIGNS,
    VIEW_NAME_SIGNS,
    AlreadyErased,
    NoteEmpty,
    NoteTooLong,
    ViewNameMissing,
    ViewNameTaken,
    note_text,
    view_name,
)
from fanzha.desk import erasing
from fanzha.identity.acting import acting_for
from tests.build import MULE
from tests.cast import DUTY, NOON
from tests.desk.browser import HTMX, browser, shown, stored
from tests.desk.test_flow import case, data, noon_in_english, row_of, statement

if TYPE_CHECKING:
    from fanzha.identity.models import Officer

__all__ = ["case", "noon_in_english"]


def panel(case: Case) -> str:
    return reverse("desk:flow_notes", args=[case.number])


def view_of(case: Case, by: Officer, name: str = "mine") -> SavedView:
    with acting_for(by):
        return actions.save_view(by, case, name, "?rule=lifo", at=NOON, ground=DUTY)


@pytest.mark.parametrize("text", ["", "  \n", "x" * (NOTE_SIGNS + 1)])
def test_a_note_says_something_and_is_no_report(text: str) -> None:
    with pytest.raises((NoteEmpty, NoteTooLong)):
        note_text(text)
    assert note_text(f" {'x' * NOTE_SIGNS} ") == "x" * NOTE_SIGNS


@pytest.mark.parametrize("name", ["", " ", "x" * (VIEW_NAME_SIGNS + 1)])
def test_a_view_has_a_name(name: str) -> None:
    with pytest.raises(ViewNameMissing):
        view_name(name)


def test_a_note_on_an_account_stands_in_its_drawer_without_long_numbers(
    lin: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    node = row_of(data(lin, case), MULE[-4:])["node"]
    text = f"rang the bank about {MULE}\n<b>again</b>"
    sent = {"node": node, "text": text}
    answer = browser(lin).post(reverse("desk:flow_note", args=[case.number]), sent, headers=HTMX)
    drawer = browser(chen).get(reverse("desk:flow_drawer", args=[case.number, node]), headers=HTMX)
    for page in (shown(answer), shown(drawer)):
        assert f"rang the bank about ...{MULE[-4:]}" in page
        assert lin.name in page
        assert MULE not in page
        assert "<b>again" not in page
    (note,) = stored(Note)
    assert (note.account, note.text, note.officer_id) == (MULE, text, lin.pk)
    (entry,) = stored(Entry, action="cases.write_note")
    assert MULE not in str(vars(entry))
    assert "bank" not in str(entry.facts)


def test_a_note_on_the_picture_is_in_the_panel_and_in_no_drawer(
    lin: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    node = row_of(data(lin, case), MULE[-4:])["node"]
    write = reverse("desk:flow_note", args=[case.number])
    done = browser(lin).post(write + "?rule=lifo", {"text": "looks like a pool", "node": ""})
    assert done.headers["Location"] == panel(case) + "?rule=lifo"
    assert "looks like a pool" in shown(browser(chen).get(panel(case), headers=HTMX))
    drawer = browser(chen).get(reverse("desk:flow_drawer", args=[case.number, node]), headers=HTMX)
    assert "looks like a pool" not in shown(drawer)
    assert browser(lin).post(write, {"text": "x", "node": "none"}).status_code == 404
    assert browser(lin).post(write, {"text": " "}).status_code == 409
    assert len(stored(Note)) == 1


def test_a_view_keeps_the_address_and_only_its_author_deletes_it(
    lin: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    node = row_of(data(lin, case), MULE[-4:])["node"]
    save = reverse("desk:flow_view_save", args=[case.number])
    asked = f"?rule=lifo&least=500&node={node}&evil=1"
    page = shown(browser(lin).post(save + asked, {"name": " last  in "}, headers=HTMX))
    (view,) = stored(SavedView)
    assert (view.name, view.query) == ("last in", f"?rule=lifo&least=500&node={node}")
    assert "Delete the view last in" in page
    opened = browser(chen).get(reverse("desk:flow", args=[case.number]) + view.query)
    assert opened.status_code == 200
    hers = shown(browser(chen).get(panel(case), headers=HTMX))
    assert "last in" in hers
    assert "Delete the view" not in hers
    delete = reverse("desk:flow_view_delete", args=[case.number, view.public_id])
    assert browser(chen).post(delete).status_code == 404
    assert browser(lin).post(delete, headers=HTMX).status_code == 200
    assert stored(SavedView) == []


def test_a_long_number_in_the_name_of_a_view_is_not_shown(lin: Officer, case: Case) -> None:
    view_of(case, lin, f"around {MULE}")
    page = shown(browser(lin).get(panel(case), headers=HTMX))
    assert f"Delete the view around ...{MULE[-4:]}" in page
    assert MULE not in page


def test_one_name_is_one_view_of_one_officer(lin: Officer, chen: Officer, case: Case) -> None:
    view_of(case, lin)
    view_of(case, chen)
    with pytest.raises(ViewNameTaken):
        view_of(case, lin)


def test_another_district_sees_neither_notes_nor_views(
    lin: Officer, wu: Officer, case: Case
) -> None:
    view_of(case, lin)
    with acting_for(lin):
        actions.write_note(lin, case, "x", at=NOON, ground=DUTY)
        assert queries.notes_of(case.pk).count() == queries.views_of(case.pk).count() == 1
    with acting_for(wu):
        assert queries.notes_of(case.pk).count() == queries.views_of(case.pk).count() == 0
    assert browser(wu).get(panel(case)).status_code == 404


def test_notes_and_views_go_with_their_case_and_none_comes_after(
    lin: Officer, liang: Officer, case: Case
) -> None:
    view_of(case, lin)
    with acting_for(lin):
        actions.write_note(lin, case, "x", account=MULE, at=NOON, ground=DUTY)
    with acting_for(liang):
        actions.file_case(liang, case, "1", at=NOON, ground=DUTY)
        actions.close_case(liang, case, at=NOON, ground=DUTY)
        later = NOON + timedelta(days=365 * 11)
        erased = erasing.erase_case(liang, case, at=later, ground=DUTY)
    assert (erased["cases_note"], erased["cases_savedview"]) == (1, 1)
    with pytest.raises(AlreadyErased), acting_for(lin):
        actions.write_note(lin, case, "x", at=NOON, ground=DUTY)
    with pytest.raises(AlreadyErased):
        view_of(case, lin)


def test_whoever_may_not_write_reads_no_forms(case: Case, admin: Officer) -> None:
    write = reverse("desk:flow_note", args=[case.number])
    assert browser(admin).post(write, {"text": "x"}).status_code == 403


def test_the_panel_is_a_page_in_both_languages(lin: Officer, case: Case) -> None:
    for language, word in (("en", "Views and notes"), ("zh-hans", "视图与笔记")):
        page = shown(browser(lin, language).get(panel(case)))
        assert word in page
        assert "<script>" not in page
