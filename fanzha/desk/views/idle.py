"""Requests that a page makes by itself: they must not keep an abandoned session alive."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

P = ParamSpec("P")


def unattended(
    view: Callable[Concatenate[Any, P], HttpResponse],
) -> Callable[Concatenate[Any, P], HttpResponse]:
    """Answer without renewing the session, so that the idle time-out still counts from a person."""

    @functools.wraps(view)
    def answered(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        # The session would be saved after every request; this one leaves no mark.
        request.session.save = _not_saved
        return view(request, *args, **kwargs)

    return answered


def _not_saved(must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
    """Keep the session as it was."""
