"""Reads of instructions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from fanzha.channels.bank_gateway.codec import decode, text_of
from fanzha.channels.bank_gateway.models import Message as RawMessage
from fanzha.channels.bank_gateway.profile import load
from fanzha.core.refusal import NotFound, gettext_noop
from fanzha.identity.acting import system_scope
from fanzha.instructions import levels
from fanzha.instructions.checks import LeadDecided, Underway
from fanzha.instructions.models import Batch, Change, Escape, Instruction, Lead, Package
from fanzha.instructions.rules import (
    FEEDBACK_OF,
    FOLLOW_ONS,
    HARM,
    HOLDING_STATES,
    OPEN_STATES,
    QUERIES,
    WAITING_STATES,
    Kind,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from fanzha.channels.bank_gateway.codec import Message
    from fanzha.identity.models import Officer


class InstructionNotFound(NotFound):
    """No such instruction, or none that the officer may see."""

    message = gettext_noop("There is no instruction %(number)s that you may see.")


def visible() -> QuerySet[Instruction]:
    """All instructions in scope, newest first."""
    return Instruction.objects.select_related("case", "package").order_by("-id")


@dataclass(frozen=True)
class Part:
    """A part of the list, newest first, and whether there is more on either side of it."""

    rows: list[Instruction]
    newer: bool
    older: bool


def part(
    states: Iterable[State] = (),
    *,
    before: int | None = None,
    after: int | None = None,
    size: int,
) -> Part:
    """The instructions older than number `before`, or newer than `after`, else the newest.

    Read by key: a far part costs what the first one costs, and nothing is counted.
    """
    found = Instruction.objects.all()
    if states:
        found = found.filter(state__in=sorted(states))
    if after is not None:
        found = found.filter(pk__gt=after).order_by("id")
    elif before is not None:
        found = found.filter(pk__lt=before).order_by("-id")
    else:
        found = found.order_by("-id")
    # The keys alone first: beside two joins the planner reads and sorts the whole table.
    keys = list(found.values_list("pk", flat=True)[: size + 1])
    more, rows = len(keys) > size, list(visible().filter(pk__in=keys[:size]))
    if after is not None:
        return Part(rows, newer=more, older=True)
    return Part(rows, newer=before is not None, older=more)


def of_case(case_id: int) -> QuerySet[Instruction]:
    """The instructions of a case in the order of drafting."""
    return Instruction.objects.filter(case_id=case_id).order_by("id")


def by_public_id(public_id: str) -> Instruction:
    """The instruction; raises InstructionNotFound."""
    found = visible().filter(public_id=public_id).first()
    if found is None:
        raise InstructionNotFound(number=public_id)
    return found


def package(public_id: str) -> Package:
    """The package; raises InstructionNotFound."""
    found = Package.objects.select_related("case").filter(public_id=public_id).first()
    if found is None:
        raise InstructionNotFound(number=public_id)
    return found


def awaiting(officer: Officer) -> list[Package]:
    """Packages that this officer may approve: hers by permission, never her own drafts."""
    mine = [name for name in levels.permissions() if officer.may(name)]
    return list(
        Package.objects.select_related("case")
        .filter(permission__in=mine, instructions__state=State.AWAITING_APPROVAL)
        .exclude(drafted_by_id=officer.pk)
        .distinct()
        .order_by("drafted_at", "id")
        .prefetch_related("instructions")
    )


def drafted_waiting(officer: Officer) -> QuerySet[Package]:
    """Packages in scope that wait for somebody else: drafted by her or beyond her powers."""
    mine = [name for name in levels.permissions() if officer.may(name)]
    return (
        Package.objects.select_related("case")
        .filter(instructions__state=State.AWAITING_APPROVAL)
        .filter(~Q(permission__in=mine) | Q(drafted_by_id=officer.pk))
        .distinct()
        .order_by("drafted_at", "id")
        .prefetch_related("instructions")
    )


def answer_to(instruction: Instruction) -> Message | None:
    """The last answer that was taken for one, read; a forged one stays unknown."""
    told = RawMessage.objects.filter(
        application_id=instruction.application_id, outgoing=False, state=RawMessage.State.HANDLED,
        tx_code__endswith=FEEDBACK_OF[Kind(instruction.kind)][-4:],
    ).order_by("-id").first()  # fmt: skip
    return decode(bytes(told.content)) if told else None


def identity_told(instruction: Instruction) -> tuple[str, str]:
    """Type and number of the holder's paper, if a bank told them of this account in this case."""
    asked = Instruction.objects.filter(
        case_id=instruction.case_id, account=instruction.account, kind=Kind.HOLDER
    ).order_by("-id").first()  # fmt: skip
    answer = asked and answer_to(asked)
    if not answer:
        return "", ""
    id_type = text_of(answer.body, "AccountCredentialType")
    number = text_of(answer.body, "AccountCredentialNumber")
    return (
        (id_type, number)
        if id_type in load().allowed("100309", "AccountCredentialType")
        else ("", "")
    )


def batches_of(watch: Instruction) -> QuerySet[Batch]:
    """What a bank told of a watched account, the newest first."""
    return Batch.objects.filter(watch=watch).order_by("-id")


def leads() -> QuerySet[Lead]:
    """Reports by banks that nobody has decided about, the oldest first."""
    return Lead.objects.filter(decided_at=None).order_by("received_at", "id")


def lead(public_id: str) -> Lead:
    """The report, until the end of the transaction only ours to decide.

    Raises InstructionNotFound and LeadDecided.
    """
    found = Lead.objects.select_for_update().filter(public_id=public_id).first()
    if found is None:
        raise InstructionNotFound(number=public_id)
    if found.decided_at:
        raise LeadDecided
    return found


def underway(
    kind: Kind,
    account: str,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Underway | None:
    """What the whole city has under way for the account: kind, state, since, case number only.

    A query that was answered is over: the account may be asked again, by any case.
    A query for a period of its own meets only the same period.
    """
    states = OPEN_STATES - HOLDING_STATES if kind in QUERIES else OPEN_STATES
    same = {"period_since": since, "period_until": until} if since else {}
    with system_scope("instructions.underway"):
        found = (
            Instruction.objects.select_related("case")
            .filter(account=account, kind=kind, state__in=sorted(states), **same)
            .order_by("-id")
            .first()
        )
        if found is None:
            return None
        began = found.effective_at or found.sent_at or found.approved_at or found.drafted_at
        return Underway(kind, State(found.state), began, found.case.number)


def stops_so_far(account: str) -> int:
    """Successful stops of the account over all cases that we know; an extension is one (L05)."""
    with system_scope("instructions.stop_count"):
        return Instruction.objects.filter(
            account=account, kind__in=[Kind.STOP, Kind.EXTEND_STOP], effective_at__isnull=False
        ).count()


def history(instruction: Instruction) -> QuerySet[Change]:
    """Every move of the instruction."""
    return Change.objects.filter(instruction=instruction).order_by("id")


def overdue(at: datetime) -> QuerySet[Instruction]:
    """Instructions whose answer is late."""
    return visible().filter(state__in=sorted(WAITING_STATES), due_at__lte=at)


def ending(before: datetime) -> QuerySet[Instruction]:
    """Holds that end by themselves before the moment."""
    return visible().filter(state__in=sorted(HOLDING_STATES), ends_at__lte=before)


def stops_in_force(accounts: Iterable[str]) -> dict[str, tuple[datetime | None, int | None]]:
    """Account -> end of its stop and the balance the bank stated, whichever case asked for it.

    A stop makes the whole account receive-only, so it protects every case's money in it.
    """
    with system_scope("instructions.stops"):
        rows = Instruction.objects.filter(
            account__any_of=accounts, kind=Kind.STOP, state__in=sorted(HOLDING_STATES)
        ).values_list("account", "ends_at", "balance_fen")
        return {account: (ends_at, balance) for account, ends_at, balance in rows}


def restricting(accounts: Iterable[str]) -> list[tuple[str, int]]:
    """(account, case) wherever a restricted case has an instruction on one of the accounts."""
    with system_scope("instructions.restricting"):
        found = Instruction.objects.filter(account__any_of=accounts, restricted=True)
        return list(found.values_list("account", "case_id").distinct())


def holds(case_ids: Iterable[int]) -> QuerySet[Instruction]:
    """Stops and freezes in force that these cases asked for."""
    return Instruction.objects.filter(
        case_id__in=list(case_ids),
        kind__in=[Kind.STOP, Kind.FREEZE],
        state__in=sorted(HOLDING_STATES),
    )


def held_accounts(accounts: Iterable[str], since: datetime) -> list[Instruction]:
    """Stops and freezes, of any case, that held one of the accounts at some moment from `since`."""
    return list(
        Instruction.objects.filter(
            Q(ends_at=None) | Q(ends_at__gt=since),
            account__in=list(accounts),
            kind__in=[Kind.STOP, Kind.FREEZE],
            effective_at__isnull=False,
        ).order_by("id")
    )


def escapes_of(hold: Instruction) -> QuerySet[Escape]:
    """Money that left the account while the hold was in force, by the time it left."""
    return Escape.objects.filter(hold=hold).order_by("left_at", "row_no")


def escape(hold: Instruction, number: int) -> Escape:
    """One escape under this hold; raises InstructionNotFound."""
    found = escapes_of(hold).select_related("hold").filter(pk=number).first()
    if found is None:
        raise InstructionNotFound(number=number)
    return found


def follow_ons(instruction: Instruction) -> QuerySet[Instruction]:
    """Releases and extensions of this hold, in the order of drafting."""
    return Instruction.objects.filter(concerns=instruction).order_by("id")


@dataclass(frozen=True)
class Harm:
    """Holds of a case that should never have been: how many, how much and how long they held.

    `late` of them were released after the day by which the law wants it, or are overdue.
    """

    holds: int = 0
    held_fen: int = 0
    held_for: timedelta = timedelta()
    late: int = 0

    @property
    def hours(self) -> int:
        """Whole hours, rounded up."""
        return -(-self.held_for // timedelta(hours=1))


def harm_of(case_id: int, at: datetime) -> Harm:
    """The harm on record in a case; a finding that was returned or withdrawn is none."""
    found = (
        Instruction.objects.filter(
            case_id=case_id, kind__in=sorted(FOLLOW_ONS), release_ground__in=sorted(HARM)
        )
        .exclude(state__in=[State.RETURNED, State.WITHDRAWN])
        .select_related("concerns")
    )
    harm = Harm()
    for hold in {each.concerns for each in found if each.concerns}:
        over = at if hold.state in HOLDING_STATES else min(hold.ends_at or at, at)
        late = hold.release_due_at is not None and over > hold.release_due_at
        harm = Harm(
            harm.holds + 1,
            harm.held_fen + (hold.held_fen or 0),
            harm.held_for + (over - (hold.effective_at or over)),
            harm.late + late,
        )
    return harm


def account_of(instruction_id: int) -> str:
    """The account that an instruction is about."""
    found: str = Instruction.objects.values_list("account", flat=True).get(pk=instruction_id)
    return found


def cases_of_account(account: str) -> set[int]:
    """Cases with an instruction about the account, in scope."""
    return set(Instruction.objects.filter(account=account).values_list("case_id", flat=True))


def freezes_in_force(case_id: int) -> QuerySet[Instruction]:
    """The case's own freezes in force."""
    return of_case(case_id).filter(kind=Kind.FREEZE, state__in=sorted(HOLDING_STATES))


def gap_kinds(case_id: int, at: datetime) -> dict[str, str]:
    """Per account without a statement: why the engine cannot look into it."""
    kinds: dict[str, str] = {}
    for query in of_case(case_id).filter(kind=Kind.QUERY):
        if query.state == State.FAILED:
            kinds[query.account] = "refused"
        elif query.state in WAITING_STATES and query.due_at and query.due_at <= at:
            kinds[query.account] = "no_reply"
    return kinds
