"""Packages that wait for approval, as the approvals screen shows them: clocks, sums, effects."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from fanzha.core.masking import last4, mask_account, mask_name
from fanzha.core.money import format_yuan
from fanzha.desk import following
from fanzha.desk.golden import golden_of
from fanzha.desk.words import kind_word
from fanzha.identity.models import Officer
from fanzha.instructions import guarding, orders, queries
from fanzha.instructions.guards import groups
from fanzha.instructions.rules import (
    HOLDING_STATES,
    RELEASE_OF,
    STOP_WINDOW,
    WATCH_TERM,
    Kind,
    State,
)

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.instructions.models import Guard, Instruction, Package
    from fanzha.instructions.papers import Paper

RELEASES = frozenset(RELEASE_OF.values())
PATIENCE = timedelta(hours=24)
"""A draft that no clock of the law presses should be decided within a day (assumed)."""
WARN_MINUTES = {Kind.STOP: 15}
WARN_MINUTES_ELSE = 120
ICONS = {
    Kind.STOP: "hand-stop",
    Kind.QUERY: "search",
    Kind.HOLDER: "user-search",
    Kind.ACCOUNTS: "credit-card",
    Kind.WATCH: "eye",
    Kind.RELEASE_WATCH: "eye-off",
    Kind.FREEZE: "lock",
    Kind.RELEASE_STOP: "lock-open",
    Kind.EXTEND_STOP: "lock-plus",
    Kind.RELEASE_FREEZE: "lock-open",
    Kind.RENEW_FREEZE: "lock-plus",
}


@dataclass(frozen=True)
class Waiting:
    """One package with its instructions that are still undecided."""

    package: Package
    instructions: tuple[Instruction, ...]

    @classmethod
    def of(cls, package: Package) -> Waiting:
        """Read the undecided instructions of a package; its case is given to each."""
        found = [
            each for each in package.instructions.all() if each.state == State.AWAITING_APPROVAL
        ]
        for each in found:
            each.case = package.case
        return cls(package, tuple(sorted(found, key=lambda each: each.pk)))

    @property
    def kind(self) -> Kind:
        """What is asked; a package is of one approval level and so of one kind."""
        return Kind(self.instructions[0].kind)

    @property
    def icon(self) -> str:
        """The sign of the kind."""
        return ICONS[self.kind]

    @cached_property
    def until(self) -> datetime:
        """The clock that ends first: golden time, the stop that a freeze replaces, the end of a
        hold that is to be extended, the day by which it has to be released; else a day.
        """  # noqa: D205 - one sentence
        hold = self.concerns
        if hold is not None:
            clock = hold.release_due_at if self.kind in RELEASES else hold.ends_at
            return clock or self.package.drafted_at + PATIENCE
        if self.kind == Kind.STOP:
            golden = golden_of([each.transfer_at for each in self.instructions])
            if golden:
                return golden.until
        ends = [each.ends_at for each in stops_on(self.instructions).values() if each.ends_at]
        if self.kind == Kind.FREEZE and ends:
            return min(ends)
        return self.package.drafted_at + PATIENCE

    @property
    def warn_minutes(self) -> int:
        """When the clock turns amber."""
        return WARN_MINUTES.get(self.kind, WARN_MINUTES_ELSE)

    @property
    def concerns(self) -> Instruction | None:
        """The hold that is to be released or extended; such a package has one instruction."""
        return self.instructions[0].concerns

    @property
    def fen(self) -> int | None:
        """What is at stake: paid into the accounts, asked to be frozen, freed or held on; None if
        not known.
        """  # noqa: D205 - one sentence
        if self.concerns is not None:
            freed = self.instructions[0].amount_fen
            return following.at_stake(self.concerns) if freed is None else freed
        name = "amount_fen" if self.kind == Kind.FREEZE else "transfer_fen"
        sums = [getattr(each, name) for each in self.instructions]
        return sum(sums) if all(each is not None for each in sums) else None

    @property
    def title(self) -> str:
        """`Stop 3 accounts`, or the institution and tail of a single one."""
        if len(self.instructions) == 1:
            only = self.instructions[0]
            return f"{kind_word(self.kind)} {only.institution_name} {last4(only.account)}"
        return _("%(kind)s, %(count)d accounts") % {
            "kind": kind_word(self.kind), "count": len(self.instructions),
        }  # fmt: skip

    @property
    def order(self) -> str:
        """First line of the button: verb and object."""
        first = mask_account(self.instructions[0].account)
        if len(self.instructions) == 1:
            return f"{kind_word(self.kind)} {first}"
        return _("%(kind)s %(first)s and others, %(count)d accounts in all") % {
            "kind": kind_word(self.kind), "first": first, "count": len(self.instructions),
        }  # fmt: skip

    @property
    def terms(self) -> str:
        """Second line of the button: amount, term, receiver."""
        names = list(dict.fromkeys(each.institution_name for each in self.instructions))
        to = names[0] if len(names) == 1 else _("%(first)s and others") % {"first": names[0]}
        yuan = format_yuan(self.fen) if self.fen is not None else _("unknown")
        return f"{self._what(yuan)} → {to}"

    def _what(self, yuan: str) -> str:
        """Amount and term."""
        if self.kind == Kind.RELEASE_WATCH:
            return _("the bank tells no more of it")
        if self.concerns is not None:
            if self.kind not in RELEASES:
                end = following.until(self.instructions[0])
                return _("%(yuan)s yuan held until %(end)s") % {"yuan": yuan, "end": end}
            whole = self.instructions[0].amount_fen is None
            words = _("all of %(yuan)s yuan freed") if whole else _("%(yuan)s yuan freed")
            return words % {"yuan": yuan}
        if self.kind == Kind.FREEZE and self.fen is None:
            return _("the whole account, 6 months")
        sums = {
            Kind.STOP: _("%(yuan)s yuan paid in, 48 hours"),
            Kind.FREEZE: _("limit %(yuan)s yuan, 6 months"),
            Kind.QUERY: _("account data and transactions"),
            Kind.HOLDER: _("who holds the account"),
            Kind.ACCOUNTS: _("all accounts of the holder"),
            Kind.WATCH: _("every new movement, %(days)d days") % {"days": WATCH_TERM.span.days},
        }
        return sums[self.kind] % {"yuan": yuan}


@dataclass(frozen=True)
class Sheet:
    """An instruction with its paper as it goes out, and for a freeze the figures behind it."""

    instruction: Instruction
    paper: Paper
    balance_fen: int | None = None
    balance_at: datetime | None = None
    stop: Instruction | None = None
    uses: int = 0
    guard: Guard | None = None

    @property
    def overruled(self) -> bool:
        """Whether the guard list forbids it, so that the approver writes why it is held."""
        it = self.instruction
        if self.guard is None:
            return False
        return groups()[self.guard.group].forbids(Kind(it.kind), it.amount_fen)

    @property
    def left_fen(self) -> int | None:
        """What stays with the holder; None where the balance is not known."""
        if self.balance_fen is None or self.instruction.amount_fen is None:
            return None
        return max(self.balance_fen - self.instruction.amount_fen, 0)


@dataclass(frozen=True)
class Desk:
    """Both lists of the screen."""

    mine: tuple[Waiting, ...]
    others: tuple[Waiting, ...] = field(default=())


def desk_of(officer: Officer) -> Desk:
    """What this officer may approve, by the clock that ends first, and what waits for others."""
    mine = [Waiting.of(each) for each in queries.awaiting(officer)]
    others = [Waiting.of(each) for each in queries.drafted_waiting(officer)[:50]]
    return Desk(
        tuple(sorted((each for each in mine if each.instructions), key=lambda each: each.until)),
        tuple(each for each in others if each.instructions),
    )


def sheets(waiting: Waiting, at: datetime) -> list[Sheet]:
    """The papers of a package, numbers and names masked, with what speaks for the amounts."""
    stops = stops_on(waiting.instructions)
    found = []
    for each in waiting.instructions:
        said = balance_of(each)
        found.append(
            Sheet(
                each, masked_paper(each, at),
                balance_fen=said.balance_fen if said else None,
                balance_at=said.answered_at if said else None,
                stop=stops.get(each.account),
                uses=queries.stops_so_far(each.account) if each.kind == Kind.STOP else 0,
                guard=guarding.guard_of(each.account),
            )
        )  # fmt: skip
    return found


def masked_paper(instruction: Instruction, at: datetime) -> Paper:
    """The paper as it goes out, with number and name masked for the screen."""
    paper = orders.paper(instruction, at=at, full_number=False)
    name = instruction.account_name
    rows = tuple(
        (k, mask_name(value) if name and value == name else value) for k, value in paper.rows
    )
    return replace(paper, rows=rows)


def stops_on(instructions: tuple[Instruction, ...]) -> dict[str, Instruction]:
    """The stop in force on each of the accounts within their case."""
    if not instructions:
        return {}
    found = queries.holds([instructions[0].case_id]).filter(
        kind=Kind.STOP, account__in=[each.account for each in instructions]
    )
    return {each.account: each for each in found}


def balance_of(instruction: Instruction) -> Instruction | None:
    """The latest answer in the case that stated a balance of the account."""
    return (
        queries.of_case(instruction.case_id)
        .filter(account=instruction.account, balance_fen__isnull=False)
        .order_by("-answered_at")
        .first()
    )


def consequences(waiting: Waiting) -> str:
    """What happens if nobody decides."""
    unasked = {
        Kind.QUERY: _("The trace ends here: where the money went stays unknown."),
        Kind.HOLDER: _("Who opened the account stays unknown."),
        Kind.ACCOUNTS: _("What else the holder has at this bank stays unknown."),
        Kind.WATCH: _("What comes and goes from now on stays unknown until somebody asks."),
        Kind.RELEASE_WATCH: _("The bank goes on telling of every movement until the watch ends."),
    }
    if waiting.kind in unasked:
        return unasked[waiting.kind]
    if waiting.kind in RELEASES:
        return _("The money stays held, and the day by which the law wants it free comes nearer.")
    if waiting.concerns is not None:
        return _("The hold ends by itself, and the money can be moved.")
    if waiting.kind == Kind.STOP:
        return _("Nothing holds the money: it can be moved on at any moment.")
    if any(stops_on(waiting.instructions)):
        return _("The stop ends by itself, and the money can be moved.")
    return _("Nothing holds the money: no stop is in force on this account.")


def last_use(uses: int) -> bool:
    """Whether this stop would be the last one allowed for the account."""
    return STOP_WINDOW.uses_max is not None and uses + 1 >= STOP_WINDOW.uses_max


def holding(instruction: Instruction) -> bool:
    """Whether it holds money now."""
    return instruction.state in HOLDING_STATES


def person(officer_id: int | None) -> Officer | None:
    """Who did it; names of officers and posts are open to officers."""
    return (
        Officer.objects.select_related("unit").filter(pk=officer_id).first() if officer_id else None
    )
