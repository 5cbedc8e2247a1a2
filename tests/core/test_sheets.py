"""A cell of a table that leaves the house never runs as a formula."""

from __future__ import annotations

import pytest

from fanzha.core.sheets import safe


@pytest.mark.parametrize(
    "text",
    ["=1+1", " =1+1", "\u3000=1+1", "\xa0@A1", "+86", "-a", "-1-1", "@SUM(A1)", "\t=1", "\r1",
     "\n1", "-", "-1.0.0"],
)  # fmt: skip
def test_a_text_that_would_run_is_made_plain(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["", "转账", "-5.00", "-26,000.00", "1", 7, -7, None, " a=1"])
def test_figures_and_other_texts_stay_as_they_are(cell: object) -> None:
    assert safe(cell) == cell
