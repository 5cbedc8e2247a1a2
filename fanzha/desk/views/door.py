"""The door of a page: log-in and one permission, so that a role without work here sees nothing."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest

from fanzha.audit.rules import Ground
from fanzha.identity.rules import PermissionMissing

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

P = ParamSpec("P")


class OfficerRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: Officer


def needs(
    *permissions: str,
) -> Callable[[Callable[Concatenate[Any, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Open the page to officers who hold one of the permissions; the scope narrows the rest."""

    def decorate(
        view: Callable[Concatenate[Any, P], HttpResponse],
    ) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def opened(request: OfficerRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not any(request.user.may(each) for each in permissions):
                raise PermissionMissing(permission=permissions[0])
            return view(request, *args, **kwargs)

        return login_required(opened)

    return decorate


def ground_of(request: OfficerRequest, case: Case) -> Ground:
    """The case, for the `reason` that the officer wrote into the form."""
    return Ground("case", case.number, request.POST.get("reason", "").strip())
