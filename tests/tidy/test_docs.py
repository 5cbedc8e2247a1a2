"""What is in the code is in the docs: settings, limits, refusals, permissions, moves, words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from fanzha.identity.rules import permissions
from fanzha.wiring import catalogs, docs
from tests.tidy.house import ROOT, below, name, sources, text

if TYPE_CHECKING:
    from fanzha.core.refusal import Refusal
    from fanzha.core.spans import Limit

SETTING = re.compile(r"\bFANZHA_[A-Z_]*[A-Z]\b")


def test_every_setting_is_in_the_manual() -> None:
    read = {found for path in sources("fanzha") for found in SETTING.findall(text(path))}
    manual = set(
        re.findall(r"^\| `(FANZHA_\w+)` \|", text(ROOT / "docs/operate/README.md"), re.MULTILINE)
    )
    assert read == manual


def _row_of(limit: Limit) -> str:
    rows = text(ROOT / "docs/law.md").splitlines()
    return next((row for row in rows if row.startswith(f"| `{limit.name}` |")), "")


def test_every_limit_is_in_the_law_page_with_its_span_and_mark() -> None:
    found = docs.limits()
    assert found
    for limit in found:
        row = _row_of(limit)
        span = limit.span
        count = span.hours or span.days or span.months
        unit = "hour" if span.hours else "day" if span.days else "month"
        assert re.search(rf"\b{count} {unit}s?\b", row), (limit.name, row)
        assert f"| {limit.mark}" in row, (limit.name, row)


def test_every_limit_is_named_once() -> None:
    names = [limit.name for limit in docs.limits()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("page", docs.PAGES)
def test_a_printed_page_says_what_the_code_says(page: str) -> None:
    """If this fails, run `python -m fanzha.wiring.docs`."""
    assert docs.printed(page) == (ROOT / page).read_text(encoding="utf-8")


def test_every_permission_and_every_refusal_is_printed() -> None:
    for permission in permissions():
        assert f"| `{permission}` |" in text(ROOT / "docs/permissions.md")
    for refusal in docs.refusals():
        assert f"| `{refusal.__name__}` |" in text(ROOT / "docs/refusals.md")


@pytest.mark.parametrize("refusal", docs.refusals(), ids=lambda kind: kind.__name__)
def test_a_refusal_has_a_sentence_and_a_class_of_answer(refusal: type[Refusal]) -> None:
    assert refusal.message.endswith((".", ". %(reason)s", ": %(reason)s")), refusal.message
    assert refusal.http_status in {403, 404, 409}
    assert refusal.__doc__


def test_refusals_have_different_names() -> None:
    names = [refusal.__name__ for refusal in docs.refusals()]
    assert sorted(set(names)) == sorted(names)


def test_the_catalogs_are_complete() -> None:
    assert catalogs.flaws() == []


def test_links_between_the_pages_lead_somewhere() -> None:
    pages = [path for path in below("docs") if path.suffix == ".md"]
    pages += list(ROOT.glob("*.md"))
    dead = [
        f"{name(page)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text(page))
        if not (page.parent / target).exists()
    ]
    assert dead == []
