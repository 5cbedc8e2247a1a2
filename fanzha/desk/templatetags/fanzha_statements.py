"""`{% load fanzha_statements %}`: words of the screens of statements and accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext, gettext_noop

from fanzha.core import clock

if TYPE_CHECKING:
    from datetime import datetime

register = template.Library()

WAYS = {
    "in": gettext_noop("In"), "out": gettext_noop("Out"), "unknown": gettext_noop("unknown"),
    "failed": gettext_noop("failed"),
}  # fmt: skip
SHAPES = {"date": "%Y-%m-%d", "minute": "%Y-%m-%d %H:%M"}


@register.filter
def way_word(direction: str) -> str:
    """Say in, out, unknown or failed."""
    return gettext(WAYS[direction])


@register.filter
def exact(moment: datetime, precision: str) -> str:
    """A time as exact as its source: a date alone has no midnight."""
    return clock.local(moment).strftime(SHAPES.get(precision, "%Y-%m-%d %H:%M:%S"))


@register.filter
def listed(words: str) -> list[str]:
    """The parts of `a,b,c`."""
    return words.split(",")
