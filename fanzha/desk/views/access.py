"""Logging in and out, and setting one's own password; each log-in is an audited action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm, UsernameField
from django.contrib.auth.views import LoginView, LogoutView
from django.forms import TextInput
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from fanzha.audit.rules import Ground
from fanzha.core import clock
from fanzha.identity import actions as identity
from fanzha.identity.acting import acting_for

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from fanzha.desk.views.door import OfficerRequest
    from fanzha.identity.models import Officer


class LogInForm(AuthenticationForm):
    """Django's form in the words of the house."""

    username = UsernameField(label=_("Log-in name"), widget=TextInput(attrs={"autofocus": True}))
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("Log-in name or password is wrong. Capital and small letters differ."),
    }


login = LoginView.as_view(redirect_authenticated_user=True, authentication_form=LogInForm)
logout = LogoutView.as_view()


@login_required
def set_password(request: OfficerRequest) -> HttpResponse:
    """Take the officer's own password; forced on whoever still has a one-time one."""
    form = SetPasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        identity.set_password(
            request.user, form.cleaned_data["new_password1"],
            at=clock.now(), ground=Ground("self", "", "own password"),
        )  # fmt: skip
        update_session_auth_hash(request, request.user)
        return redirect("desk:duty")
    status = 422 if form.errors else 200
    return render(request, "registration/set_password.html", {"form": form}, status=status)


def keep_log_in(sender: Any, request: HttpRequest, user: Officer, **_: Any) -> None:
    """Note a log-in; connected to Django's signal, which comes before any scope is open."""
    with acting_for(user, origin=request.META.get("REMOTE_ADDR", "") if request else ""):
        identity.note_log_in(user, at=clock.now(), ground=Ground("self", "", "log-in"))
