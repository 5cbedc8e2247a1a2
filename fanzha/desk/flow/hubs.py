"""Accounts that pay very many others: told on the page, followed only by decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.core.masking import mask_numbers
from fanzha.identity.queries import officer_names

if TYPE_CHECKING:
    from fanzha.cases.models import FollowedHub
    from fanzha.desk.flow.accounts import Account
    from fanzha.desk.flow.sheet import Sheet


@dataclass(frozen=True)
class Hub:
    """A hub that the money reached, its node, how many it pays, and who follows it and why."""

    account: Account
    node: str
    payees: int
    followed: FollowedHub | None
    by: str

    @property
    def reason(self) -> str:
        """Why it is followed, without long numbers."""
        return mask_numbers(self.followed.reason) if self.followed else ""


def hubs_of(sheet: Sheet) -> list[Hub]:
    """The hubs that the money reached and the reader may see, the largest first."""
    given, reached = sheet.flow.given, sheet.flow.tiers
    followed = given.followed
    names = officer_names({each.officer_id for each in followed.values()}) if followed else {}
    return [
        Hub(
            sheet.accounts[name], sheet.node_id(name), payees, followed.get(name),
            names.get(followed[name].officer_id, "") if name in followed else "",
        )
        for name, payees in sorted(given.hubs.items(), key=lambda item: (-item[1], item[0]))
        if name in reached and not sheet.accounts[name].closed
    ]  # fmt: skip


def hub_at(sheet: Sheet, node: str) -> Hub | None:
    """The hub of this node; None where it is none."""
    return next((each for each in hubs_of(sheet) if each.node == node), None)
