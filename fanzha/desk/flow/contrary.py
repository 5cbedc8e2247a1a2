"""Statements that contradict each other about accounts of the fund flow, for the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.core.masking import mask_numbers
from fanzha.movements import queries as movements

if TYPE_CHECKING:
    from fanzha.desk.flow.accounts import Account
    from fanzha.desk.flow.sheet import Sheet
    from fanzha.movements.models import Statement
    from fanzha.movements.queries import Disagreement

MOST = 5
"""So many are told on the page, the earliest first; the rest are counted."""


@dataclass(frozen=True)
class Contrary:
    """Two statements of an account that do not tell the same."""

    account: Account
    node: str
    one: Statement
    other: Statement
    about: Disagreement

    @property
    def names(self) -> tuple[str, str]:
        """The names of both files, masked."""
        return mask_numbers(self.one.file_name), mask_numbers(self.other.file_name)


def contraries(sheet: Sheet) -> tuple[list[Contrary], int]:
    """Those about accounts that the money reached and the reader may see; and how many more."""
    transfers = sheet.flow.given.transfers
    found = [
        (key, each)
        for each in movements.disagreements_of(transfers.version)
        if (key := transfers.key_of.get(each.account, each.account)) in sheet.flow.tiers
        and not sheet.accounts[key].closed
    ]
    if not found:
        return [], 0
    known = {each.public_id: each for each in movements.statements_of_case(sheet.case.pk)}
    told = [
        Contrary(sheet.accounts[key], sheet.node_id(key), known[each.one], known[each.other], each)
        for key, each in found[:MOST]
    ]
    return told, len(found) - len(told)
