"""A fund flow of many accounts: short words that fit, and no work done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from fanzha.desk.flow import picture as pictures
from fanzha.desk.templatetags.fanzha_flow import beside_tail
from fanzha.identity.acting import acting_for
from fanzha.instructions.models import Instruction
from tests.build import MULE
from tests.desk.browser import HTMX, browser
from tests.desk.test_flow import case, data, noon_in_english, row_of, statement, stopped

if TYPE_CHECKING:
    from fanzha.cases.models import Case
    from fanzha.desk.flow.picture import Picture
    from fanzha.identity.models import Officer

__all__ = ["case", "noon_in_english"]


@pytest.mark.parametrize(
    ("fen", "short"),
    [
        (1_50, "1.50"),
        (15_585_322, "155,853.22"),
        (880_000_000, "8,800,000"),
        (398_530_787, "3.99M"),
    ],
)
def test_a_sum_beside_an_account_is_exact_where_it_fits(fen: int, short: str) -> None:
    assert beside_tail(fen) == short


def test_page_drawer_and_rows_draw_one_picture(
    lin: Officer, chen: Officer, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement(case, chen)
    drawn: list[int] = []
    build = pictures.build

    def counted(*what: Any, **how: Any) -> Picture:
        drawn.append(how["most"])
        return build(*what, **how)

    monkeypatch.setattr(pictures, "build", counted)
    node = row_of(data(lin, case), MULE[-4:])["node"]
    client = browser(lin)
    client.get(reverse("desk:flow_rows", args=[case.number, f"{node}.in"]), headers=HTMX)
    client.get(reverse("desk:flow_rows", args=[case.number, f"{node}.out"]), headers=HTMX)
    assert drawn == [pictures.MOST_NODES]


def test_a_picture_that_was_kept_is_drawn_anew_when_a_stop_takes_effect(
    lin: Officer, chen: Officer, liang: Officer, case: Case
) -> None:
    statement(case, chen)
    assert data(lin, case)["figures"]["stopped"] == 0
    stopped(case, liang)
    with acting_for(lin):
        assert Instruction.objects.filter(account=MULE).count() == 1
    assert data(lin, case)["figures"]["stopped"] == 10_030_000
