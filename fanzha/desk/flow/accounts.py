"""What is known of each account beside the trace: whose it is, what holds it, what lies there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from fanzha.core.masking import last4
from fanzha.desk.flow.closed import Closed, closed_to
from fanzha.desk.flow.fates import NO_HOLD, Hold
from fanzha.entities.rules import bank_of
from fanzha.institutions import queries as institutions
from fanzha.instructions import queries as instructions
from fanzha.instructions.rules import HOLDS, State

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from fanzha.desk.flow.inputs import FlowInput
    from fanzha.institutions.models import Institution
    from fanzha.instructions.models import Instruction

PSEUDO = ("told:", "victim:")
"""Accounts that stand for a payment whose number nobody told; never sent anywhere."""


@dataclass(frozen=True)
class Account:
    """One account: full number, holder, institution, the bank's last balance, what was asked.

    `until` is the moment up to which a statement was received; None: there is none. `closed`: the
    reader may not see it, and nothing else of it is told. `omitted`: it is a hub that is
    not followed, and pays so many others.
    """

    number: str
    holder: str
    institution_code: str
    institution_name: str
    until: datetime | None
    balance_fen: int | None
    balance_at: datetime | None
    hold: Hold
    instructions: tuple[Instruction, ...]
    closed: Closed | None = None
    omitted: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether an institution can act on the number."""
        return bool(self.number) and "*" not in self.number and not self.is_nameless

    @property
    def is_nameless(self) -> bool:
        """Whether there is no number to show: nobody told one, or the reader may not see it."""
        return self.closed is not None or self.number.startswith(PSEUDO)

    @property
    def tail(self) -> str:
        """The last four signs; empty when no number was told."""
        return "" if self.is_nameless else last4(self.number)

    @property
    def mark(self) -> str:
        """One sign for the institution."""
        return self.institution_name[:1] or "?"

    def latest(self, kind: str) -> Instruction | None:
        """The newest instruction of the kind on this account in this case."""
        return next((each for each in reversed(self.instructions) if each.kind == kind), None)

    @property
    def released(self) -> bool:
        """Whether the newest stop or freeze of this case was released by our own decision."""
        holds = [each for each in self.instructions if each.kind in HOLDS]
        return bool(holds) and holds[-1].state == State.RELEASED


class Accounts:
    """The accounts of one case, read with few queries however many there are.

    `reached` are all that a trace came to, `ref` names one without its number.
    """

    def __init__(
        self, case_id: int, given: FlowInput, reached: Collection[str], ref: Callable[[str], str]
    ) -> None:
        self._given = given
        self._case_id, self._reached, self._ref = case_id, reached, ref
        self._of: dict[str, list[Instruction]] = defaultdict(list)
        for each in instructions.of_case(case_id):
            self._of[self._key(each.account)].append(each)
        self._institutions = list(institutions.all_institutions())
        self._known: dict[str, Account] = {}

    def __getitem__(self, number: str) -> Account:
        if number not in self._known:
            self._known[number] = self._make(number)
        return self._known[number]

    @cached_property
    def _closed(self) -> Mapping[str, Closed]:
        told = {self._key(each.to_account) for each in self._given.payments}
        unknown = {each for each in self._reached if ":" not in each} - told - set(self._of)
        return closed_to(self._case_id, unknown - self._given.victims - {""}, self._ref)

    @cached_property
    def _names(self) -> dict[str, str]:
        """Holder by account: the bank's own statement first, then what others wrote."""
        payments, known = self._given.payments, self._given.transfers.known
        told = {self._key(each.to_account): each.to_name for each in payments if each.to_name}
        own = {number: each.holder for number, each in known.items() if each.holder}
        return {**told, **self._given.transfers.names, **own}

    @cached_property
    def _told_codes(self) -> dict[str, str]:
        payments = self._given.payments
        paid = {self._key(each.from_account): each.from_institution for each in payments}
        told = paid | {self._key(each.to_account): each.to_institution for each in payments}
        drafted = {n: made[-1].institution_code for n, made in self._of.items() if made}
        return told | {number: code for number, code in drafted.items() if code}

    def _key(self, number: str) -> str:
        """The account that statements name by this number."""
        return self._given.transfers.key_of.get(number, number)

    def _make(self, number: str) -> Account:
        if number in self._closed:
            return Account(number, "", "", "", None, None, None, NO_HOLD, (), self._closed[number])
        known = self._given.transfers.known.get(number)
        made = tuple(self._of.get(number, ()))
        code = (known.institution_code if known else "") or self._told_codes.get(number, "")
        institution = self._institution(number, code)
        balance = (known.balance_fen, known.until) if known else (None, None)
        for each in made:
            at = each.effective_at or each.answered_at
            later = at and (balance[1] is None or at > balance[1])
            if each.balance_fen is not None and later:
                balance = (each.balance_fen, at)
        return Account(
            number=number,
            holder=self._names.get(number, ""),
            institution_code=institution.code if institution else code,
            institution_name=institution.name if institution else bank_of(number) or "",
            until=known.until if known else None,
            balance_fen=balance[0],
            balance_at=balance[1] if balance[0] is not None else None,
            hold=self._given.holds.get(number, NO_HOLD),
            instructions=made,
            omitted=self._given.left_out.get(number, 0),
        )

    def _institution(self, number: str, code: str) -> Institution | None:
        by_code = next((each for each in self._institutions if each.code == code), None)
        if code and by_code:
            return by_code
        prefixed = [
            (len(prefix), each)
            for each in self._institutions
            for prefix in each.card_prefixes
            if number.startswith(prefix)
        ]
        return max(prefixed, key=lambda found: found[0])[1] if prefixed else None
