"""Every request runs in one transaction in the officer's scope; refusals become pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from fanzha.core.refusal import Refusal
from fanzha.desk.words import say
from fanzha.identity.acting import acting_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

OPEN_NAMES = frozenset({"logout", "set_password", "set_language"})


class OfficerScope:
    """Opens the officer's scope; responses are rendered inside it, since templates read too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request inside one transaction."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        with acting_for(request.user, origin=request.META.get("REMOTE_ADDR", "")):
            response = self.get_response(request)
            if response.status_code >= 500:  # noqa: PLR2004 - server errors
                transaction.set_rollback(True)
            return response

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Whoever still has a one-time password sets her own first."""
        name = request.resolver_match.url_name if request.resolver_match else ""
        if (
            request.user.is_authenticated
            and request.user.must_set_password
            and name not in OPEN_NAMES
        ):
            return HttpResponseRedirect(reverse("set_password"))
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal undoes the request and says why; anything else is a bug and stays one."""
        if transaction.get_connection().in_atomic_block:
            transaction.set_rollback(True)
        if isinstance(exception, Refusal):
            context = {"refusal": exception, "sentence": say(exception)}
            return render(request, "refusal.html", context, status=exception.http_status)
        return None
