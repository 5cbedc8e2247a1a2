"""`{% load fanzha_ui %}`: the small parts that every screen is made of.

| Write | Get |
|---|---|
| `{{ fen|money }}`, `{{ fen|money_text }}` | `1,750,000.00` with the 万 hint; as plain text |
| `{{ number|masked_account }}` (`_phone`, `_id`, `_name`) | the masked form |
| `{% mask number "account" reveal_url %}` | the masked form with the eye that asks for a reason |
| `{% money_bar paid=… stopped=… frozen=… transit=… unknown=… gone=… %}` | bar and figures |
| `{% fate_legend %}` | the five swatches with their words, for the head of a list of bars |
| `{% clock until=… warn_minutes=… label=… then=… %}` | a clock that counts |
| `{% state_badge state kind=… since=… %}` | word and icon by meaning |
| `{% when moment %}` | short local time, the full one in its title |
| `{% icon "lock" %}`, `{% icon "lock" "Held" %}` | decoration; with a label, an image read out |
| `{% field form.name %}` | label, control, help and errors |
| `{% pager page_obj %}` | pages of a list |
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_noop

from fanzha.core import clock as core_clock
from fanzha.core import masking
from fanzha.core.money import format_yuan
from fanzha.desk import drawing
from fanzha.desk.kept import same
from fanzha.desk.look import bars, clocks, navigation, states

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from django.forms import BoundField
    from django.template.context import Context

register = template.Library()

MASKS: Mapping[str, Callable[[str], str]] = {
    "account": masking.mask_account,
    "phone": masking.mask_phone,
    "id": masking.mask_id,
    "name": masking.mask_name,
}
REVEAL_LABELS: Mapping[str, str] = {
    "account": gettext_noop("Show the full account number; asks for a reason"),
    "phone": gettext_noop("Show the full phone number; asks for a reason"),
    "id": gettext_noop("Show the full ID number; asks for a reason"),
    "name": gettext_noop("Show the full name; asks for a reason"),
}
NOTES: Mapping[str, tuple[str, str]] = {
    "success": ("ok", "circle-check"),
    "warning": ("warn", "alert-triangle"),
    "error": ("bad", "alert-circle"),
}
"""Django's message level → our tone and its icon; other levels are plain."""

THEMES = ("light", "dark", "auto")
THEME_COOKIE = "fanzha_theme"
_ICON_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@register.filter
def money_text(fen: int | None) -> str:
    """`1,750,000.00`; a sum that nobody knows is a word, never 0."""
    return gettext("unknown") if fen is None else format_yuan(fen)


money = register.filter("money", drawing.money)


@register.filter
def masked_account(number: str) -> str:
    """`6222 **** **** 1234`."""
    return masking.mask_account(number)


@register.filter
def masked_phone(number: str) -> str:
    """`138****1234`."""
    return masking.mask_phone(number)


@register.filter
def masked_id(number: str) -> str:
    """`3210**********1234`."""
    return masking.mask_id(number)


@register.filter
def masked_name(name: str) -> str:
    """Keep the surname only."""
    return masking.mask_name(name)


@register.inclusion_tag("desk/parts/mask.html")
def mask(value: str, kind: str, reveal_url: str = "") -> dict[str, str]:
    """Show a masked value; with `reveal_url`, an eye that asks for a reason and posts it there.

    `kind` is account, phone, id or name; anything else raises KeyError.
    """
    return {
        "masked": MASKS[kind](value),
        "reveal_url": reveal_url,
        "reveal_label": gettext(REVEAL_LABELS[kind]),
    }


@register.simple_tag
def money_bar(
    *,
    paid: int,
    stopped: int = 0,
    frozen: int = 0,
    returned: int = 0,
    transit: int = 0,
    unknown: int = 0,
    gone: int = 0,
    size: str = "row",
) -> SafeString:
    """Draw all that was paid; `size` is row, full (swatches, shares) or thin (bar alone).

    Sums in fen; raises FiguresDoNotAddError unless the parts sum to `paid`.
    """
    fen_by_fate = {
        "stopped": stopped,
        "frozen": frozen,
        "returned": returned,
        "transit": transit,
        "unknown": unknown,
        "gone": gone,
    }
    return drawing.draw_bar(paid, fen_by_fate, size)


@register.inclusion_tag("desk/parts/fate_legend.html")
def fate_legend() -> dict[str, Any]:
    """Show the swatches of the money bar with their words."""
    return {"fates": [fate for fate in bars.FATES if fate not in bars.SELDOM]}


swatch = register.simple_tag(drawing.swatch)
fate_word = register.simple_tag(drawing.fate_word)


@register.simple_tag
def clock(
    *,
    until: datetime | None,
    warn_minutes: float = 0,
    label: str = "",
    then: str = "",
    past: str = "",
) -> SafeString:
    """Count down to `until`: amber `warn_minutes` before, red and "over" from then on.

    `label` stands before it, `past` instead once it is over; `then` says what happens then. None
    as `until` is written as "no time limit".
    """
    warn = timedelta(minutes=float(warn_minutes))
    return drawing.draw_clock(until, warn=warn, label=label, past=past or label, then=then)


@register.inclusion_tag("desk/parts/state_badge.html")
def state_badge(state: object, kind: str = "", since: datetime | None = None) -> dict[str, Any]:
    """Show the state's word, icon and tone; `kind` as in `look.states`; `since` adds the date.

    `state` is a string or an enum whose value is one.
    """
    look = states.look_of(str(getattr(state, "value", state)), kind)
    return {"look": look, "word": gettext(look.word), "since": since}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw a Tabler icon, hidden from screen readers unless labelled; ValueError on odd names."""
    if not _ICON_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no icon name")
    if label:
        return format_html(
            '<i class="ti ti-{}" role="img" aria-label="{}" title="{}"></i>', name, label, label
        )
    return format_html('<i class="ti ti-{}" aria-hidden="true"></i>', name)


@register.simple_tag
def when(moment: datetime | None, *, seconds: bool = False) -> SafeString:
    """Short time in the centre's zone, the full one in the title; None is "unknown"."""
    if moment is None:
        return format_html('<span class="fz-faint">{}</span>', gettext("unknown"))
    here = core_clock.local(moment)
    return format_html(
        '<time class="fz-num" datetime="{}" title="{}">{}</time>',
        here.isoformat(timespec="seconds"),
        here.strftime("%Y-%m-%d %H:%M:%S") + f" {core_clock.ZONE.key}",
        clocks.short_moment(here, core_clock.local(core_clock.now()), seconds=seconds),
    )


@register.simple_tag
def present() -> datetime:
    """Tell the present moment in the centre's zone, to the second."""
    return core_clock.local(core_clock.now()).replace(microsecond=0)


@register.filter
def minutes(span: timedelta) -> int:
    """Round a length of time up to whole minutes."""
    return math.ceil(span.total_seconds() / 60)


@register.filter
def note_tone(level: str) -> str:
    """Give our tone for the level of one of Django's messages."""
    return NOTES.get(level, ("plain", ""))[0]


@register.filter
def note_icon(tone: str) -> str:
    """Give the icon of a note's tone."""
    return dict(NOTES.values()).get(tone, "info-circle")


@register.inclusion_tag("desk/parts/field.html")
def field(bound: BoundField, *, plain: bool = False) -> dict[str, Any]:
    """Label, control, help text and errors of one form field; `plain` hides the label's text."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "")
    is_group = widget.use_fieldset
    css = "form-select" if kind == "select" else "form-control"
    given = f"{css} {'is-invalid' if bound.errors else ''} {widget.attrs.get('class', '')}"
    own_look = is_group or kind == "checkbox"
    return {
        "field": bound,
        "control": bound.as_widget(attrs={} if own_look else {"class": " ".join(given.split())}),
        "is_check": kind == "checkbox" and not is_group,
        "is_group": is_group,
        "plain": plain,
    }


@register.inclusion_tag("desk/parts/pager.html", takes_context=True)
def pager(context: Context, page: Any) -> dict[str, Any]:
    """Where we are in a list, with links to the pages before and after (keeps the filters)."""
    return {"page": page, "request": context.get("request")}


@dataclass(frozen=True)
class Shown:
    """A place of the navigation as one page shows it, with its figure; whether we are there."""

    section: str
    url: str
    label: str
    icon: str
    count: int | None
    is_here: bool


@register.simple_tag(takes_context=True)
def navigation_places(context: Context) -> tuple[Shown, ...]:
    """List the places of the navigation.

    The view may put `section` into the context where its own url name is no section; the shell
    may put `sections` (names) to leave out what this officer never uses.
    """
    request, shell = context.get("request"), context.get("shell")
    match = getattr(request, "resolver_match", None)
    here = context.get("section") or getattr(match, "url_name", "")
    allowed = _of(shell, "sections")
    places = [each for each in navigation.PLACES if allowed is None or each.section in allowed]
    counts = tuple(_of(shell, each.count) if each.count else None for each in places)
    return same(
        "places", get_language(), here, tuple(places), counts,
        make=lambda: tuple(
            Shown(
                each.section, reverse(each.url_name), gettext(each.label), each.icon, count,
                is_here=each.section == here,
            )
            for each, count in zip(places, counts, strict=True)
        ),
    )  # fmt: skip


@register.filter
def on_the_bar(places: Sequence[Shown]) -> Sequence[Shown]:
    """Keep the places that stand in the bar at the foot of a phone."""
    return places[: navigation.ON_THE_PHONE_BAR]


@register.filter
def behind_more(places: Sequence[Shown]) -> Sequence[Shown]:
    """Keep the places behind "More" on a phone."""
    return places[navigation.ON_THE_PHONE_BAR :]


@register.simple_tag(takes_context=True)
def theme_choice(context: Context) -> str:
    """Read the theme this browser asked for: light, dark or auto."""
    request = context.get("request")
    chosen = request.COOKIES.get(THEME_COOKIE, "") if request is not None else ""
    return chosen if chosen in THEMES else "auto"


@register.simple_tag(takes_context=True)
def root_attributes(context: Context) -> SafeString:
    """Attributes of `<html>`: language, theme, and the server's time for the clocks.

    `shell.rate` is how many seconds pass in the centre per real second (a drill may run faster).
    """
    chosen = theme_choice(context)
    return format_html(
        'lang="{}" data-bs-theme="{}" data-theme-choice="{}" data-now="{}" data-rate="{}"',
        "zh-Hans" if (get_language() or "").startswith("zh") else "en",
        "dark" if chosen == "dark" else "light",
        chosen,
        int(core_clock.now().timestamp() * 1000),
        _of(context.get("shell"), "rate") or 1,
    )


@register.simple_tag
def fate_patterns() -> SafeString:
    """Define the hatching and dots that the bars refer to; once per page."""
    return mark_safe(_PATTERNS)  # noqa: S308 - a constant


_PATTERNS = """<svg class="fz-patterns" width="0" height="0" aria-hidden="true" focusable="false">\
<defs><pattern id="fate-stopped" width="6" height="6" patternUnits="userSpaceOnUse" \
patternTransform="rotate(45)"><rect class="fz-hatch-ground" width="6" height="6"/>\
<rect class="fz-hatch-line" width="3" height="6"/></pattern>\
<pattern id="fate-unknown" width="4" height="4" patternUnits="userSpaceOnUse">\
<rect class="fz-dot-ground" width="4" height="4"/><circle class="fz-dot" cx="1" cy="1" r=".8"/>\
<circle class="fz-dot" cx="3" cy="3" r=".8"/></pattern></defs></svg>"""


def _of(holder: object, name: str) -> Any:
    if isinstance(holder, dict):
        return holder.get(name)
    return getattr(holder, name, None)
