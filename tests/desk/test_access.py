from __future__ import annotations

import pytest

from fanzha.audit.models import Entry
from fanzha.core import clock
from fanzha.desk.context import Shell
from fanzha.identity import actions as identity
from fanzha.identity.acting import acting_for, system_scope
from fanzha.identity.models import Officer
from tests.cast import DUTY, NOON
from tests.desk.browser import browser, shown, stored


@pytest.fixture
def new_officer(lin: Officer) -> tuple[str, str]:
    with system_scope("test") as system:
        made, password = identity.add_officer(
            system, username="tan", name="谭静", unit=lin.unit, roles=["duty_officer"],
            at=NOON, ground=DUTY,
        )  # fmt: skip
    return made.username, password


def test_nobody_sees_a_page_without_logging_in(db: None) -> None:
    answer = browser().get("/intake/")
    assert answer.status_code == 302
    assert answer["location"] == "/login/?next=/intake/"


def test_a_log_in_is_kept_in_the_audit_log(new_officer: tuple[str, str]) -> None:
    username, password = new_officer
    page = browser()
    answer = page.post("/login/", {"username": username, "password": password})
    assert answer.status_code == 302
    entries = stored(Entry, action="identity.note_log_in")
    assert [entry.object_id for entry in entries] == [username]
    assert entries[0].origin == "127.0.0.1"


def test_a_wrong_password_is_told_and_leaves_nobody_logged_in(new_officer: tuple[str, str]) -> None:
    page = browser()
    answer = page.post("/login/", {"username": new_officer[0], "password": "wrong"})
    assert "After several wrong attempts this log-in is locked" in shown(answer)
    assert page.get("/cases/").status_code == 302


def test_a_one_time_password_opens_nothing_but_the_choice_of_ones_own(
    new_officer: tuple[str, str],
) -> None:
    page = browser()
    page.post("/login/", {"username": new_officer[0], "password": new_officer[1]})
    assert page.get("/cases/")["location"] == "/password/"
    weak = page.post("/password/", {"new_password1": "12345678", "new_password2": "12345678"})
    assert weak.status_code == 422
    own = "stone-bridge-lantern"
    done = page.post("/password/", {"new_password1": own, "new_password2": own})
    assert done["location"] == "/"
    assert page.get("/cases/").status_code == 200
    assert not Officer.objects.get(username=new_officer[0]).must_set_password


def test_logging_out_ends_it(lin: Officer) -> None:
    page = browser(lin)
    assert page.post("/logout/").status_code == 302
    assert page.get("/cases/").status_code == 302


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("sun", "/cases/"),
        ("sun", "/instructions/"),
        ("admin", "/cases/"),
        ("admin", "/approvals/"),
        ("lin", "/unknown/"),
        ("chen", "/intake/"),
    ],
)
def test_a_role_without_work_on_a_page_is_refused(db: None, who: str, address: str) -> None:
    officer = Officer.objects.select_related("unit").get(username=who)
    answer = browser(officer).get(address)
    assert answer.status_code == 403
    assert "Your roles do not allow this" in shown(answer)


def test_the_navigation_shows_only_where_an_officer_has_work(
    lin: Officer, sun: Officer, admin: Officer
) -> None:
    with clock.held_at(NOON), acting_for(lin):
        assert {"intake", "cases", "instructions"} <= Shell(lin).sections
        assert "unknown" not in Shell(lin).sections
        assert not Shell(sun).sections & {"intake", "cases", "approvals"}
        assert "institutions" in Shell(admin).sections


def test_the_log_in_speaks_the_readers_language(db: None) -> None:
    wrong = {"username": "nobody", "password": "no"}
    assert "用户名或密码有误" in shown(browser(language="zh-hans").post("/login/", wrong))
    assert "Log-in name or password is wrong" in shown(browser().post("/login/", wrong))


def test_a_refused_page_names_the_permission_in_words(lin: Officer) -> None:
    seen = shown(browser(lin, "zh-hans").get("/unknown/"))
    assert "您的角色没有此项权限：处理未识别报文。" in seen
    assert "unknown.resolve" not in seen


def test_a_case_that_is_not_there_sends_to_the_search(lin: Officer) -> None:
    seen = shown(browser(lin).get("/cases/LJ26-999999/"))
    assert "Not found" in seen
    assert "What you typed is still on the page before" not in seen
