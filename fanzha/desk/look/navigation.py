"""The places a person can be. Only what is built stands here."""

from __future__ import annotations

from dataclasses import dataclass

from fanzha.core.refusal import gettext_noop as _


@dataclass(frozen=True)
class Place:
    """One entry of the navigation; `count` names the figure of the shell shown beside it."""

    section: str
    label: str
    icon: str
    count: str = ""

    @property
    def url_name(self) -> str:
        """The name that `reverse` takes."""
        return f"desk:{self.section}"


PLACES = (
    Place("duty", _("Duty desk"), "layout-dashboard"),
    Place("intake", _("Intake"), "phone-incoming"),
    Place("approvals", _("Approvals"), "writing-sign", count="approvals"),
    Place("cases", _("Cases"), "folder"),
    Place("instructions", _("Instructions"), "send"),
    Place("orders", _("Orders"), "checklist"),
    Place("institutions", _("Institutions"), "building-bank"),
    Place("leads", _("Reports by banks"), "message-report", count="leads"),
    Place("unknown", _("Unknown messages"), "message-question", count="unknown"),
)
ON_THE_PHONE_BAR = 4
"""How many stand in the bar at the foot of a phone; the rest are behind "More"."""
