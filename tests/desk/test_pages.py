"""The frame and the pages outside it: they hold in every state, and keep the content policy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.urls import include, path, resolve
from django.utils import translation

import fanzha.desk
import fanzha.wiring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

PAGES = Path(fanzha.desk.__file__).parent / "templates"
WORDS = Path(fanzha.wiring.__file__).parent / "locale" / "zh" / "desk_shell.yaml"
PLACES = (
    "duty", "intake", "approvals", "cases", "instructions", "orders", "institutions", "leads",
    "unknown",
)  # fmt: skip


def nowhere(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


desk_urls = [path(f"{name}/", nowhere, name=name) for name in PLACES]
urlpatterns = [
    path("", include((desk_urls, "desk"))),
    path("i18n/", include("django.conf.urls.i18n")),
    path("login/", nowhere, name="login"),
    path("logout/", nowhere, name="logout"),
]


@pytest.fixture(autouse=True)
def own_addresses() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__), translation.override("en"):
        yield


def asked(address: str) -> HttpRequest:
    request = RequestFactory().get(address)
    request.resolver_match = resolve(address)
    request.user = AnonymousUser()
    return request


def page(address: str = "/duty/", section: str = "", around: object = None) -> str:
    context = {"request": asked(address), "csrf_token": "t", "section": section, "shell": around}
    return str(engines["django"].get_template("base.html").render(context))


def test_the_frame_stands_without_anything_from_the_view() -> None:
    html = page()
    assert html.count("<main") == 1
    assert 'lang="en"' in html
    assert 'href="#main"' in html
    assert "fz-watermark" not in html


def test_the_place_is_marked_by_the_address_or_by_the_view() -> None:
    assert re.search(r'href="/duty/"[^>]*aria-current="page"', page())
    marked = page("/unknown/", section="cases")
    assert re.search(r'href="/cases/"[^>]*aria-current="page"', marked)
    assert not re.search(r'href="/unknown/"[^>]*aria-current="page"', marked)


def test_only_the_places_that_the_officer_uses_are_shown() -> None:
    frame = {"sections": {"duty", "cases"}, "approvals": 3}
    html = page(around=frame)
    assert 'href="/intake/"' not in html
    assert 'href="/cases/"' in html


def test_what_is_looked_for_never_stands_in_an_address() -> None:
    form = re.search(r'<form class="fz-search"[^>]*>', page())
    assert form
    assert 'method="post"' in form[0]


def test_the_page_of_a_failure_needs_nothing() -> None:
    html = render_to_string("500.html")
    assert "What was kept" in html
    assert "csrf" not in html


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html"])
def test_an_error_page_says_what_happened_what_was_kept_and_what_to_do(name: str) -> None:
    html = render_to_string(name, request=None)
    for heading in ("What happened", "What was kept", "What to do"):
        assert f"<dt>{heading}</dt><dd>" in html


def test_a_refusal_is_a_page_for_a_page_and_a_sentence_for_a_part() -> None:
    context = {"sentence": "This account was already stopped <2> times."}
    whole = render_to_string("refusal.html", {**context, "request": asked("/duty/")})
    assert "<!doctype html>" in whole
    request = asked("/duty/")
    request.META["HTTP_HX_REQUEST"] = "true"
    part = render_to_string("refusal.html", {**context, "request": request})
    assert "<html" not in part
    assert "data-refusal" in part
    assert "stopped &lt;2&gt; times" in part


def test_no_page_has_inline_styles_scripts_or_handlers() -> None:
    for file in PAGES.rglob("*.html"):
        text = file.read_text()
        assert not re.search(r"\s(style|on[a-z]+)=", text), file.name
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|javascript:", text), file.name


def test_the_chinese_words_keep_the_holes_of_the_english_ones() -> None:
    hole = re.compile(r"%\(\w+\)s|%s|#")
    for english, chinese in yaml.safe_load(WORDS.read_text()).items():
        assert isinstance(chinese, str), english
        assert sorted(hole.findall(english)) == sorted(hole.findall(chinese)), english


def test_every_sentence_of_the_frame_has_its_chinese() -> None:
    known = yaml.safe_load(WORDS.read_text())
    shared = [*PAGES.glob("*.html"), *(PAGES / "registration").glob("*.html")]
    for file in [*shared, *(PAGES / "desk" / "parts").glob("*.html")]:
        for sentence in re.findall(r'{% translate "([^"]+)"', file.read_text()):
            assert sentence in known, (file.name, sentence)
