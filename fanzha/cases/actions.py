"""Writes of the case file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from fanzha.cases import queries, rules
from fanzha.cases.events import HubDecided
from fanzha.cases.models import Bridge, Case, FlowStep, FollowedHub, Member, Note, SavedView
from fanzha.cases.rules import Move, State
from fanzha.core import clock
from fanzha.core.ids import new_public_id
from fanzha.identity.acting import action, record
from fanzha.outbox.announce import announce

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.identity.acting import System
    from fanzha.identity.models import Officer, Unit


@action("report.file")
def open_case(
    by: Officer,
    *,
    fraud_type: str,
    victim_name: str,
    search_text: str,
    at: datetime,
    ground: Ground,
) -> Case:
    """Open a case from a report; it is accepted at once (受案) and the officer's unit handles it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_case_number')")
        running = cursor.fetchone()[0]
    case = Case.objects.create(
        public_id=new_public_id("C", settings.ORGANISATION),
        number=f"{settings.ORGANISATION}{clock.local(at):%y}-{running:06d}",
        state=rules.next_state(State.REPORTED, Move.ACCEPT),
        fraud_type=fraud_type,
        victim_name=victim_name,
        search_text=search_text,
        opened_at=at,
        unit_path=by.unit.path,
    )
    Member.objects.create(case=case, officer_id=by.pk, since=at, unit_path=by.unit.path)
    record("case", case.number, case_id=case.pk, state=case.state, fraud_type=fraud_type)
    return case


@action("report.file")
def add_search_words(by: Officer, case: Case, words: str, *, at: datetime, ground: Ground) -> None:
    """A second report adds its names and numbers to what the case is found by."""
    case.search_text = f"{case.search_text} {words}"
    case.save(update_fields=["search_text"])
    record("case", case.number, case_id=case.pk, joined=True)


@action("case.file")
def file_case(by: Officer, case: Case, number: str, *, at: datetime, ground: Ground) -> None:
    """Decide to file the case (立案, PCR 178); from now on money may be frozen."""
    if not number.strip():
        raise rules.FilingNumberMissing
    after = rules.next_state(State(case.state), Move.FILE)
    won = Case.objects.filter(pk=case.pk, state=case.state).update(
        state=after, filed_at=at, filed_by_id=by.pk, filing_number=number.strip()
    )
    if not won:
        raise rules.CaseMoveForbidden(state=case.state, move=Move.FILE)
    case.refresh_from_db()
    record("case", case.number, case_id=case.pk, state=after, filing_number=case.filing_number)


@action("case.file")
def close_case(by: Officer, case: Case, *, at: datetime, ground: Ground) -> None:
    """Close the case; from now on runs the time for which it is kept."""
    after = rules.next_state(State(case.state), Move.CLOSE)
    kept = rules.retention(filed=case.filed_at is not None)
    won = Case.objects.filter(pk=case.pk, state=case.state).update(
        state=after, closed_at=at, keep_until=kept.ends(at), keep_rule=kept.name
    )
    if not won:
        raise rules.CaseMoveForbidden(state=case.state, move=Move.CLOSE)
    case.refresh_from_db()
    record("case", case.number, case_id=case.pk, state=after, keep_rule=kept.name)


@action("case.erase", system=True)
def propose_erasure(by: System, case: Case, *, at: datetime, ground: Ground) -> bool:
    """Put a case before a person whose time of keeping is over; only a person erases."""
    won = Case.objects.filter(
        pk=case.pk, keep_until__lte=at, erasure_proposed_at=None, erased_at=None
    ).update(erasure_proposed_at=at)
    record("case", case.number, case_id=case.pk, erasure_proposed=bool(won))
    return bool(won)


@action("case.assign")
def assign(by: Officer, case: Case, unit: Unit, *, at: datetime, ground: Ground) -> None:
    """Hand the case to another unit below; everything that belongs to it follows."""
    before = case.unit_path
    Case.objects.filter(pk=case.pk).update(unit_path=unit.path)
    case.unit_path = unit.path
    record("case", case.number, case_id=case.pk, before=before, after=unit.path)


@action("case.restrict")
def restrict(by: Officer, case: Case, *, at: datetime, ground: Ground) -> None:
    """Only members see the case from now on; whoever restricts it is one."""
    Member.objects.get_or_create(
        case=case, officer_id=by.pk, defaults={"since": at, "unit_path": case.unit_path}
    )
    Case.objects.filter(pk=case.pk).update(restricted=True)
    case.restricted = True
    record("case", case.number, case_id=case.pk, restricted=True)


@action("case.restrict")
def add_member(by: Officer, case: Case, officer: Officer, *, at: datetime, ground: Ground) -> None:
    """Let another officer see a restricted case."""
    Member.objects.get_or_create(
        case=case, officer_id=officer.pk, defaults={"since": at, "unit_path": case.unit_path}
    )
    record("case", case.number, case_id=case.pk, member=officer.username)


@action("case.note")
def write_note(
    by: Officer, case: Case, text: str, *, account: str = "", at: datetime, ground: Ground
) -> Note:
    """Write something down about an account of the case, or about the whole of it.

    Raises NoteEmpty, NoteTooLong and AlreadyErased.
    """
    said = rules.note_text(text)
    _not_erased(case)
    note = Note.objects.create(
        public_id=new_public_id("N", settings.ORGANISATION), case=case, account=account, text=said,
        officer_id=by.pk, written_at=at, unit_path=case.unit_path,
    )  # fmt: skip
    _step(by, case, note.public_id, at=at)
    # The log is kept for longer than the case, so neither the text nor the number goes into it.
    record("note", note.public_id, case_id=case.pk, of_account=bool(account))
    return note


@action("case.note")
def join_by_hand(
    by: Officer,
    case: Case,
    *,
    payer: str,
    payee: str,
    amount_fen: int,
    moved_at: datetime,
    reason: str,
    row_id: str = "",
    at: datetime,
    ground: Ground,
) -> Bridge:
    """Say that money went from `payer` to `payee`, which no statement shows.

    Raises BridgeToItself, BridgeUnclear, BridgeAhead and AlreadyErased.
    """  # fmt: skip
    said = reason.strip()
    rules.check_bridge(payer, payee, amount_fen, moved_at, said, at)
    _not_erased(case)
    bridge = Bridge.objects.create(
        public_id=new_public_id("J", settings.ORGANISATION), case=case, payer=payer, payee=payee,
        row_id=row_id, amount_fen=amount_fen, moved_at=moved_at, reason=said, officer_id=by.pk,
        written_at=at, unit_path=case.unit_path,
    )  # fmt: skip
    _step(by, case, bridge.public_id, at=at)
    record("bridge", bridge.public_id, case_id=case.pk, of_row=bool(row_id), sum_fen=amount_fen)
    return bridge


@action("case.note")
def part_again(by: Officer, case: Case, public_id: str, *, at: datetime, ground: Ground) -> None:
    """Withdraw what was joined by hand; raises BridgeNotFound."""
    if not _withdrawn(by, case, Bridge, public_id, at=at):
        raise rules.BridgeNotFound
    record("bridge", public_id, case_id=case.pk, withdrawn=True)


@action("case.note")
def follow_hub(
    by: Officer, case: Case, account: str, reason: str, *, at: datetime, ground: Ground
) -> FollowedHub:
    """Have the money followed through an account that pays very many; raises HubReasonMissing."""
    said = rules.hub_reason(reason)
    _not_erased(case)
    hub = FollowedHub.objects.create(
        public_id=new_public_id("H", settings.ORGANISATION), case=case, account=account,
        reason=said, officer_id=by.pk, written_at=at, unit_path=case.unit_path,
    )  # fmt: skip
    _step(by, case, hub.public_id, at=at)
    announce(HubDecided(hub.public_id, case.pk))
    record("hub", hub.public_id, case_id=case.pk)
    return hub


@action("case.note")
def leave_hub(by: Officer, case: Case, public_id: str, *, at: datetime, ground: Ground) -> None:
    """Withdraw the decision to follow a hub; raises HubNotFollowed."""
    if not _withdrawn(by, case, FollowedHub, public_id, at=at):
        raise rules.HubNotFollowed
    announce(HubDecided(public_id, case.pk))
    record("hub", public_id, case_id=case.pk, withdrawn=True)


@action("case.note")
def undo(by: Officer, case: Case, *, at: datetime, ground: Ground) -> FlowStep:
    """Take back the officer's own newest step in the fund flow; raises NothingToUndo."""
    _not_erased(case)
    for step in queries.to_undo(case.pk, by.pk):
        if _turn(step, withdrawn=not step.back, at=at):
            FlowStep.objects.filter(pk=step.pk).update(undone_at=at)
            record("flow_step", step.target, case_id=case.pk, undone=True, withdrawn=not step.back)
            return step
    raise rules.NothingToUndo


@action("case.note")
def redo(by: Officer, case: Case, *, at: datetime, ground: Ground) -> FlowStep:
    """Do again what the officer undid last; raises NothingToRedo."""
    _not_erased(case)
    for step in queries.to_redo(case.pk, by.pk):
        if _turn(step, withdrawn=step.back, at=at):
            FlowStep.objects.filter(pk=step.pk).update(undone_at=None)
            record("flow_step", step.target, case_id=case.pk, redone=True, withdrawn=step.back)
            return step
    raise rules.NothingToRedo


def _step(by: Officer, case: Case, target: str, *, at: datetime, back: bool = False) -> None:
    """Put a step behind the officer's others; what she undid before cannot be redone any more."""
    queries.to_redo(case.pk, by.pk).delete()
    FlowStep.objects.create(
        case=case, officer_id=by.pk, target=target, back=back, done_at=at,
        unit_path=case.unit_path,
    )  # fmt: skip


def _withdrawn(
    by: Officer, case: Case, model: type[Bridge | FollowedHub], public_id: str, *, at: datetime
) -> bool:
    """Withdraw what stands; False where nothing does."""
    _not_erased(case)
    found = model.objects.filter(case=case, public_id=public_id, withdrawn_at=None)
    if not found.update(withdrawn_at=at):
        return False
    _step(by, case, public_id, at=at, back=True)
    return True


def _turn(step: FlowStep, *, withdrawn: bool, at: datetime) -> bool:
    """Withdraw the target of a step or bring it back; False if a colleague did so before."""
    facts = {"case_id": step.case_id, "public_id": step.target, "withdrawn_at__isnull": withdrawn}
    after = at if withdrawn else None
    if FollowedHub.objects.filter(**facts).update(withdrawn_at=after):
        announce(HubDecided(step.target, step.case_id))
        return True
    return any(model.objects.filter(**facts).update(withdrawn_at=after) for model in (Bridge, Note))


@action("case.note")
def save_view(
    by: Officer, case: Case, name: str, query: str, *, at: datetime, ground: Ground
) -> SavedView:
    """Keep the end of an address of the fund flow under a name; raises ViewNameTaken."""
    named = rules.view_name(name)
    _not_erased(case)
    view, is_new = SavedView.objects.get_or_create(
        case=case, officer_id=by.pk, name=named, defaults={
            "public_id": new_public_id("V", settings.ORGANISATION), "query": query, "saved_at": at,
            "unit_path": case.unit_path,
        },
    )  # fmt: skip
    if not is_new:
        raise rules.ViewNameTaken(name=named)
    record("view", view.public_id, case_id=case.pk)
    return view


@action("case.note")
def delete_view(by: Officer, case: Case, public_id: str, *, at: datetime, ground: Ground) -> None:
    """Forget a view; only its author does. Raises ViewNotFound."""
    gone, _ = SavedView.objects.filter(case=case, public_id=public_id, officer_id=by.pk).delete()
    if not gone:
        raise rules.ViewNotFound
    record("view", public_id, case_id=case.pk, deleted=True)


def _not_erased(case: Case) -> None:
    now = queries.held(case.pk)
    if now.erased_at is not None:
        raise rules.AlreadyErased(case=now.number, on=now.erased_at.date().isoformat())
