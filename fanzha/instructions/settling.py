"""Settling by telephone (电话核实) an answer that nobody understood: who said what, and who agrees.

Money may be held although no table knows the answer, so nothing is assumed: an officer calls the
bank and keeps what it says with the evidence; a second officer, who may approve such an
instruction, decides whether it stands. Only then the instruction moves.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from fanzha.core.refusal import NotFound, Refusal, gettext_noop
from fanzha.identity.acting import action, record
from fanzha.instructions import checks, follow_ons
from fanzha.instructions.actions import Answer, take_answer
from fanzha.instructions.models import Settlement
from fanzha.instructions.rules import QUERIES, Move, State

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Instruction

Verdict = Settlement.Verdict
MOVE_OF = {Verdict.DONE: Move.TAKE_EFFECT, Verdict.NOT_DONE: Move.FAIL}


class NotUnknown(Refusal):
    """What the bank said is clear, or it has not answered yet."""

    message = gettext_noop(
        "Only an answer that nobody understands is settled by telephone; this is %(state)s."
    )


class EvidenceMissing(Refusal):
    """Nobody could check it later."""

    message = gettext_noop(
        "Write who at the bank said it, which number you called, and what shows it."
    )


class ToldWhen(Refusal):
    """First the answer, then the call; and the effect lies between sending and the call."""

    message = gettext_noop(
        "The call was after the bank's answer and before now, the effect before the call and after"
        " the sending; look at the times."
    )


class NotByTelephone(Refusal):
    """A statement is rows, not a word."""

    message = gettext_noop("No statement comes by telephone; say that it was not done, ask again.")


class BeyondTheLaw(Refusal):
    """The books keep no third stop, whatever a bank did (L02)."""

    message = gettext_noop(
        "The account was stopped again since, or as often as the law allows: have the bank end this"
        " extension, then note that it is not done."
    )


class SettlementWaits(Refusal):
    """One at a time."""

    message = gettext_noop("What the bank said was noted before and waits for a second officer.")


class SettledBefore(Refusal):
    """Another officer was faster."""

    message = gettext_noop("Another officer has decided on this already.")


class NothingToldYet(NotFound):
    """Nothing waits for a decision."""

    message = gettext_noop("Nothing that the bank said waits for a decision here.")


@dataclass(frozen=True)
class Told:
    """What the bank said: by whom, called where, when; since when it is in effect if it is done."""

    verdict: Verdict
    told_by: str
    called: str
    told_at: datetime
    evidence: str
    effective_at: datetime | None = None


@action("instruction.draft")
def note_told(
    by: Officer, instruction: Instruction, told: Told, *, at: datetime, ground: Ground
) -> Settlement:
    """Keep what the bank said on the telephone; it waits for a second officer."""
    instruction = follow_ons.locked(instruction)
    if instruction.state != State.UNKNOWN_RESULT:
        raise NotUnknown(state=instruction.state)
    _check(instruction, told, at)
    try:
        with transaction.atomic():
            kept: Settlement = Settlement.objects.create(
                instruction=instruction, case=instruction.case, unit_path=instruction.unit_path,
                restricted=instruction.restricted, recorded_by_id=by.pk, recorded_at=at,
                **asdict(told),
            )  # fmt: skip
    except IntegrityError:
        raise SettlementWaits from None
    record(
        "instruction", instruction.public_id, case_id=instruction.case_id, told=told.verdict,
        told_at=told.told_at.isoformat(),
    )  # fmt: skip
    return kept


def _check(instruction: Instruction, told: Told, at: datetime) -> None:
    if not (told.told_by.strip() and told.called.strip() and told.evidence.strip()):
        raise EvidenceMissing
    if instruction.kind in QUERIES and told.verdict == Verdict.DONE:
        raise NotByTelephone
    if told.verdict == Verdict.DONE and follow_ons.is_one_too_many(instruction):
        raise BeyondTheLaw
    # Times are told to the minute.
    answered, sent = (
        (moment or instruction.drafted_at).replace(second=0, microsecond=0)
        for moment in (instruction.answered_at, instruction.sent_at)
    )
    effective = told.effective_at or told.told_at
    if not (answered <= told.told_at <= at and sent <= effective <= told.told_at):
        raise ToldWhen


def _permission_of(kept: Settlement) -> str:
    return kept.instruction.package.permission


@action(_permission_of)
def agree(by: Officer, kept: Settlement, *, at: datetime, ground: Ground) -> None:
    """Let it stand: the instruction is in effect since then, or failed and can be drafted anew."""
    instruction = follow_ons.locked(kept.instruction)
    if instruction.state != State.UNKNOWN_RESULT:
        # The bank has answered after all; its own word goes before the telephone's.
        raise NotUnknown(state=instruction.state)
    _decide(by, kept, at, agreed=True, reason=ground.reason.strip())
    said = Answer(
        MOVE_OF[Verdict(kept.verdict)], instruction.result_code, instruction.result_text,
        effective_at=kept.effective_at or kept.told_at, balance_fen=instruction.balance_fen,
        held_fen=instruction.held_fen, freed_fen=instruction.freed_fen,
    )  # fmt: skip
    take_answer(by, instruction, said, message_id=None, at=at)


@action(_permission_of)
def disagree(by: Officer, kept: Settlement, *, at: datetime, ground: Ground) -> None:
    """Let it not stand, for the ground's reason: the answer stays unknown, the bank is asked again.

    Raises ReasonMissing.
    """
    if not ground.reason.strip():
        raise checks.ReasonMissing
    _decide(by, kept, at, agreed=False, reason=ground.reason.strip())


def waiting_of(instruction: Instruction) -> Settlement:
    """What was told and waits for a decision; raises NothingToldYet."""
    found = (
        Settlement.objects.select_related("instruction__package", "case")
        .filter(instruction=instruction, decided_at=None)
        .first()
    )
    if found is None:
        raise NothingToldYet
    return found


def can_be_done(instruction: Instruction) -> bool:
    """Whether the bank may say on the telephone that it was done."""
    return instruction.kind not in QUERIES and not follow_ons.is_one_too_many(instruction)


def settlements_of(instruction: Instruction) -> list[Settlement]:
    """Everything that was told about it, oldest first."""
    return list(Settlement.objects.filter(instruction=instruction).order_by("id"))


def _decide(by: Officer, kept: Settlement, at: datetime, *, agreed: bool, reason: str) -> None:
    checks.check_approver(kept.recorded_by_id, by.pk)
    checks.check_approver(kept.instruction.drafted_by_id, by.pk)
    facts = {"agreed": agreed, "decided_by_id": by.pk, "decided_at": at, "reason": reason}
    if not Settlement.objects.filter(pk=kept.pk, decided_at=None).update(**facts):
        raise SettledBefore
    record(
        "instruction", kept.instruction.public_id, case_id=kept.case_id, settled=kept.verdict,
        agreed=agreed,
    )  # fmt: skip
