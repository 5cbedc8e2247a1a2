"""`{% load desk_reveal %}`: a masked value with its eye, for officers who may reveal; words.

`{% eye value "account" "payment" public_id "to_account" %}`: value, how it is masked, thing, whose
public id (of a case: its number), field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.urls import reverse
from django.utils.translation import gettext

from fanzha.desk import words
from fanzha.desk.look.states import look_of
from fanzha.desk.templatetags.fanzha_ui import mask

if TYPE_CHECKING:
    from django.template.context import Context

register = template.Library()


@register.inclusion_tag("desk/parts/mask.html", takes_context=True)
def eye(
    context: Context, value: str, kind: str, thing: str, public_id: str, field: str
) -> dict[str, str]:
    """Show `field` of a `thing` (case, report, payment, instruction) masked, with its eye."""
    user = context.get("user")
    may = bool(value) and user is not None and user.may("person.reveal")
    url = reverse("desk:reveal", args=[thing, public_id, field]) if may else ""
    return mask(value, kind, url)


@register.simple_tag
def kind_word(kind: str) -> str:
    """Name a kind of instruction."""
    return words.kind_word(kind)


@register.simple_tag
def ground_word(ground: str) -> str:
    """Say why a hold is released."""
    return words.ground_word(ground)


@register.simple_tag
def permission_word(name: str) -> str:
    """Say what a permission allows."""
    return words.permission_word(name)


@register.simple_tag
def guard_word(group: str) -> str:
    """Say why an account is guarded."""
    return words.guard_word(group)


@register.simple_tag
def state_word(state: str, kind: str = "") -> str:
    """Name a state, without its badge."""
    return gettext(look_of(str(state), kind).word)
