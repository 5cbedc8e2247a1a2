"""The form that registers an institution and the front-end that reaches it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class InstitutionForm(forms.Form):
    """Code, names and card prefixes; the address and token of the front-end if it is connected."""

    code = forms.RegexField(
        r"^[0-9A-Za-z]{1,12}$", label=_("BankID"), max_length=12,
        help_text=_("1 to 12 digits or letters."),
        error_messages={"invalid": _("Only digits and letters; up to 12 of them.")},
    )  # fmt: skip
    name = forms.CharField(label=_("Name"), max_length=60)
    kind = forms.ChoiceField(
        label=_("Kind of institution"),
        choices=[("bank", _("Bank")), ("payment_firm", _("Payment firm"))],
    )
    card_prefixes = forms.CharField(
        label=_("Card prefixes"), required=False, max_length=400,
        help_text=_("Digits, separated by spaces; 3 to 12 each."),
    )  # fmt: skip
    url = forms.CharField(label=_("Address of the front-end"), required=False, max_length=200)
    token = forms.CharField(
        label=_("Token"), required=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    poll_seconds = forms.FloatField(
        label=_("Ask for messages every (seconds)"), initial=2, min_value=0.1, max_value=3600
    )

    def clean_card_prefixes(self) -> list[str]:
        """Separate the prefixes."""
        return str(self.cleaned_data["card_prefixes"]).replace(",", " ").replace("，", " ").split()

    def clean(self) -> dict[str, Any]:
        """A front-end has an address and a token."""
        given = super().clean() or self.cleaned_data
        if given.get("url") and not given.get("token"):
            self.add_error("token", _("A front-end needs a token."))
        return given
