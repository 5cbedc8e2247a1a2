"""The parts that every screen is made of show exactly what they are given."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django import forms
from django.http import HttpRequest
from django.template import engines
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from fanzha.core import clock
from fanzha.desk.look import bars, clocks, states
from fanzha.desk.templatetags import fanzha_ui
from fanzha.wiring.assets import VENDOR

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = datetime(2026, 3, 18, 12, 0, 0, tzinfo=clock.ZONE)
CARD = "6299010045503349"


@pytest.fixture(autouse=True)
def noon_in_english() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


def render(source: str, **context: Any) -> str:
    template = engines["django"].from_string("{% load fanzha_ui %}" + source)
    return str(template.render(context))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# money


def test_money_carries_its_hint_as_the_reader_counts() -> None:
    for language, hint in (("zh-hans", "175 万"), ("en", "1.75M")):
        with translation.override(language):
            html = render("{{ fen|money }}", fen=175_000_000)
        assert "1,750,000.00" in html
        assert f'title="{hint}"' in html


def test_a_sum_that_nobody_knows_is_a_word_and_never_zero() -> None:
    assert words(render("{{ fen|money }}", fen=None)) == "unknown"
    assert words(render("{{ fen|money }}", fen=0)) == "0"


BAR = "{% money_bar paid=paid stopped=stopped gone=gone size=size %}"


def test_a_bar_whose_parts_do_not_add_up_is_never_drawn() -> None:
    with pytest.raises(bars.FiguresDoNotAddError, match="is not 100 fen"):
        render(BAR, paid=100, stopped=60, gone=39, size="row")
    with pytest.raises(bars.FiguresDoNotAddError):
        bars.split(10, {"stopped": 20, "gone": -10})
    with pytest.raises(bars.FiguresDoNotAddError, match="no such fate"):
        bars.split(10, {"stoped": 10})


SIX_SUMS = st.lists(st.integers(0, 10**13), min_size=6, max_size=6)


@given(SIX_SUMS)
def test_the_parts_of_a_bar_touch_and_fill_it(fens: list[int]) -> None:
    parts = bars.split(sum(fens), dict(zip(bars.FATES, fens, strict=True)))
    end = Decimal(0)
    for part in parts:
        assert Decimal(part.start) == end
        end += Decimal(part.width)
    assert end == (100 if sum(fens) else 0)
    assert sum(Decimal(part.share) for part in parts) == (100 if sum(fens) else 0)


def test_a_bar_is_drawn_with_attributes_alone_and_says_what_it_shows() -> None:
    html = render(BAR, paid=400, stopped=300, gone=100, size="full")
    assert 'x="0.000000%" width="75.000000%"' in html
    assert 'x="75.000000%" width="25.000000%"' in html
    assert 'fill="url(#fate-stopped)"' in html
    assert 'aria-label="Of 4.00 paid: Stopped 75.0%, Gone 25.0%"' in html
    assert "style=" not in html
    assert words(html) == (
        "Paid 4.00 Stopped 3.00 75.0% Frozen 0 In transit 0 Unknown 0 Gone 1.00 25.0%"
    )


def test_money_back_with_the_victim_is_named_only_where_there_is_some() -> None:
    bar = "{% money_bar paid=200 returned=back gone=gone %}"
    assert "Returned to the victim 2.00" in words(render(bar, back=200, gone=0))
    assert "Returned" not in render(bar, back=0, gone=200)


def test_a_thin_bar_has_no_figures_but_the_same_words() -> None:
    html = render(BAR, paid=400, stopped=400, gone=0, size="thin")
    assert "Stopped 100.0%" in html
    assert "<dl" not in html


# clocks

CLOCK = (
    '{% clock until=until warn_minutes=10 label="stop ends in" past="stop ended" '
    'then="Money can leave" %}'
)


@pytest.mark.parametrize(
    ("left", "tone", "shown"),
    [
        (timedelta(minutes=37, seconds=12), "calm", "stop ends in 37:12"),
        (timedelta(hours=1, minutes=52, seconds=31), "calm", "stop ends in 1:52:31"),
        (timedelta(minutes=10), "warn", "stop ends in 10:00"),
        (timedelta(seconds=1), "warn", "stop ends in 00:01"),
        (timedelta(0), "over", "stop ended over 00:00"),
        (timedelta(minutes=-6, seconds=-12), "over", "stop ended over 06:12"),
        (timedelta(hours=72), "calm", "stop ends in 3 days"),
        (timedelta(days=-400), "over", "stop ended over 400 days"),
    ],
)
def test_a_clock_says_what_is_left_and_what_happens_then(
    left: timedelta, tone: str, shown: str
) -> None:
    html = render(CLOCK, until=NOON + left)
    seen = re.sub(r"<span[^>]*hidden[^>]*>.*?</span>", "", html)
    assert words(seen) == f"{shown} Money can leave"
    assert f'data-tone="{tone}"' in html
    assert f'data-until="{int((NOON + left).timestamp()) * 1000}"' in html
    assert 'data-warn="600000"' in html
    assert ("ti-alert-circle" in html) == (tone == "over")
    assert ("ti-clock-exclamation" in html) == (tone == "warn")


def test_a_matter_without_a_limit_says_so() -> None:
    assert words(render("{% clock until=None %}")) == "no time limit"


@given(st.integers(0, 72 * 3600 - 1))
def test_the_hands_read_back_as_the_seconds(seconds: int) -> None:
    value = 0
    for part in clocks.hands(seconds).split(":"):
        value = value * 60 + int(part)
    assert value == seconds


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (NOON - timedelta(minutes=13), "11:47"),
        (NOON - timedelta(days=2), "03-16 12:00"),
        (NOON - timedelta(days=400), "2025-02-11 12:00"),
    ],
)
def test_a_moment_is_short_and_its_title_is_full(moment: datetime, shown: str) -> None:
    html = render("{% when moment %}", moment=moment)
    assert words(html) == shown
    assert f'title="{moment:%Y-%m-%d %H:%M:%S} Asia/Shanghai"' in html


def test_a_moment_nobody_knows_is_a_word() -> None:
    assert words(render("{% when None %}")) == "unknown"


# masks


def test_a_masked_value_hides_the_number_and_offers_the_eye_only_with_a_way() -> None:
    shut = render('{% mask number "account" %}', number=CARD)
    with_eye = render('{% mask number "account" "/reveal/A-1" %}', number=CARD)
    assert words(shut) == words(with_eye) == "6299 **** **** 3349"
    assert CARD not in with_eye
    assert "<a" not in shut
    assert 'href="/reveal/A-1" data-reveal' in with_eye
    assert "asks for a reason" in with_eye


def test_the_mask_filters_follow_the_one_masking() -> None:
    assert render("{{ n|masked_account }}", n=CARD) == "6299 **** **** 3349"
    assert render("{{ n|masked_phone }}", n="10512345678") == "105****5678"
    assert render("{{ n|masked_id }}", n="000000199001010000") == "0000**********0000"
    assert render("{{ n|masked_name }}", n="林晓") == "林**"


def test_a_revealed_value_carries_its_mask_for_later() -> None:
    context = {"value": CARD, "kind": "account", "reveal_url": "/r", "seconds": 30}
    html = render('{% include "desk/parts/revealed.html" %}', **context)
    assert 'data-mask-again="30"' in html
    assert "6299 **** **** 3349" in html.split("<template>")[1]


# states and icons


def test_a_state_shows_word_icon_and_date() -> None:
    html = render('{% state_badge "effective" since=since %}', since=NOON)
    assert words(html) == "In effect 12:00"
    assert "fz-badge--ok" in html
    assert "ti-lock" in html


def test_one_word_may_mean_two_things() -> None:
    assert words(render('{% state_badge "accepted" %}')) == "Received by the bank"
    assert words(render('{% state_badge "accepted" kind="case" %}')) == "Case accepted"


def test_a_state_that_is_not_listed_is_shown_word_for_word_and_escaped() -> None:
    assert "&lt;odd&gt;" in render("{% state_badge state %}", state="<odd>")


def test_an_icon_has_a_plain_name_and_is_silent_unless_labelled() -> None:
    assert 'aria-hidden="true"' in str(fanzha_ui.icon("lock"))
    assert 'aria-label="Held &lt;1&gt;"' in str(fanzha_ui.icon("lock", "Held <1>"))
    with pytest.raises(ValueError, match="no icon name"):
        fanzha_ui.icon('lock" onclick="x')


def test_every_icon_of_a_state_is_in_the_icon_font() -> None:
    sheet = VENDOR / "tabler-icons.min.css"
    if not sheet.exists():
        pytest.skip("the browser's libraries are not fetched")
    known = set(re.findall(r"\.ti-([a-z0-9-]+):before", sheet.read_text()))
    assert {look.icon for look in states.LOOKS.values()} <= known


# forms and the frame


class Complaint(forms.Form):
    """A form with one field of each kind."""

    amount = forms.CharField(help_text="In yuan")
    ongoing = forms.BooleanField(required=False)
    door = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)


def test_a_field_ties_its_help_and_errors_to_the_control() -> None:
    html = render("{% field form.amount %}", form=Complaint({"amount": ""}))
    assert 'aria-describedby="id_amount_helptext id_amount_error"' in html
    assert 'id="id_amount_helptext"' in html
    assert 'id="id_amount_error"' in html
    assert "form-control is-invalid" in html


def test_ticks_and_choices_keep_their_own_look() -> None:
    form = Complaint()
    assert "form-control" not in render("{% field form.ongoing %}{% field form.door %}", form=form)
    assert 'aria-labelledby="id_door_name"' in render("{% field form.door %}", form=form)


@pytest.mark.parametrize(
    ("cookie", "choice", "theme"),
    [("dark", "dark", "dark"), ("light", "light", "light"), ('"><x', "auto", "light")],
)
def test_the_theme_comes_with_the_page(cookie: str, choice: str, theme: str) -> None:
    request = HttpRequest()
    request.COOKIES[fanzha_ui.THEME_COOKIE] = cookie
    context = {"request": request, "shell": {"rate": 60}}
    html = render("{% root_attributes %}", **context)
    assert f'data-bs-theme="{theme}" data-theme-choice="{choice}"' in html
    assert f'data-now="{int(NOON.timestamp() * 1000)}" data-rate="60"' in html
    assert 'lang="en"' in html
