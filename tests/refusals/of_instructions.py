"""Trials of instructions: every kind in every state of the table of moves, and of the case."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fanzha.audit.rules import Ground
from fanzha.cases import rules as of_case
from fanzha.cases.rules import Move as CaseMove
from fanzha.identity.acting import acting_for
from fanzha.instructions import actions, levels
from fanzha.instructions.checks import (
    AlreadyUnderWay,
    CaseNotFiled,
    ExplainedBefore,
    FollowOnUnderWay,
    HoldNotInForce,
)
from fanzha.instructions.escapes import Escape, Outflow
from fanzha.instructions.models import Escape as Kept
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import (
    APPROVAL_LIFE,
    EXTENSION_OF,
    FOLLOW_ONS,
    FREEZE_TERM,
    HOLDING_STATES,
    MOVES,
    OPEN_STATES,
    RELEASABLE,
    RELEASE_OF,
    STOP_WINDOW,
    UNDECIDED_STATES,
    ForbiddenMove,
    Kind,
    Move,
    ReleaseGround,
    State,
)
from tests import build
from tests.cast import DUTY, NOON, officer
from tests.refusals.of_cases import put_case, was
from tests.refusals.trial import Done, Refused, Trial, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fanzha.cases.models import Case
    from fanzha.identity.acting import System
    from fanzha.identity.models import Officer

    Verdicts = Mapping[str, Refused | Done]

KINDS = (Kind.QUERY, Kind.STOP, Kind.FREEZE)
HOLDS = (Kind.STOP, Kind.FREEZE)
FOLLOWING = (Kind.RELEASE_STOP, Kind.RENEW_FREEZE)
NEEDS = {kind: levels.in_force(kind, NOON).permission for kind in KINDS}
NEEDS |= {kind: NEEDS[FOLLOW_ONS[kind].of] for kind in FOLLOWING}
"""One of either sort and of either level; what differs further is data."""
EVENTUAL_END = NOON + timedelta(hours=48)
WHY = Ground("case", "", "test")
ANSWERS = (Move.TAKE_EFFECT, Move.TAKE_PARTIAL_EFFECT, Move.FAIL, Move.PUZZLE)
ENDS = (
    (Kind.STOP, STOP_WINDOW, Move.LAPSE),
    (Kind.FREEZE, FREEZE_TERM, Move.END_BY_LAW),
    (Kind.QUERY, APPROVAL_LIFE, Move.EXPIRE),
)


def only(move: Move) -> Verdicts:
    """The move where the table has it, its refusal everywhere else."""
    return {
        state: Done(MOVES[state, move]) if (state, move) in MOVES else Refused(ForbiddenMove)
        for state in State
    }


def if_possible(move: Move) -> Verdicts:
    """The move where the table has it; elsewhere the news comes too late and is only logged."""
    return {
        state: Done(MOVES[state, move]) if (state, move) in MOVES else Done(state, writes=False)
        for state in State
    }


def drafted(kind: Kind) -> Callable[[System], Instruction]:
    """An instruction that Lin drafted, in a case that may be frozen in."""

    def make(_: System) -> Instruction:
        build.bank()
        lin = officer("lin")
        case = put_case(build.case(lin), of_case.State.FILED)
        with acting_for(lin):
            (package,) = actions.draft(lin, case, [build.draft(kind)], at=NOON, ground=DUTY)
            return package.instructions.select_related("case", "package").get()

    return make


def following(kind: Kind) -> Callable[[System], Instruction]:
    """A release or extension that Lin drafted of a hold in force."""
    rule = FOLLOW_ONS[kind]

    def make(system: System) -> Instruction:
        hold = in_force(rule.of)(system)
        lin = officer("lin")
        with acting_for(lin):
            if rule.limit is None:
                package = actions.draft_release(
                    lin, hold, ReleaseGround.UNRELATED, at=NOON, ground=WHY
                )
            else:
                package = actions.draft_extension(lin, hold, at=NOON, ground=WHY)
            return package.instructions.select_related("case", "package").get()

    return make


def in_force(kind: Kind) -> Callable[[System], Instruction]:
    """A stop or freeze in effect."""

    def make(system: System) -> Instruction:
        return hold_in(drafted(kind)(system), State.EFFECTIVE)

    return make


def hold_in(instruction: Instruction, state: str) -> Instruction:
    """Bring a hold there; its end, if it still has one, lies ahead."""
    put(instruction, state)
    with writing():
        Instruction.objects.filter(pk=instruction.pk).update(ends_at=EVENTUAL_END)
    instruction.refresh_from_db(fields=["ends_at"])
    return instruction


def put(instruction: Instruction, state: str, *, ends_rule: str = "") -> Instruction:
    """Bring it there, approved by Liang; its clock, if it has one, has just run out."""
    facts: dict[str, Any] = {
        "state": state, "approved_by_id": officer("liang").pk, "approved_at": NOON,
        "ends_rule": ends_rule, "ends_at": NOON - timedelta(minutes=1) if ends_rule else None,
    }  # fmt: skip
    with writing():
        Instruction.objects.filter(pk=instruction.pk).update(**facts)
    instruction.refresh_from_db(fields=list(facts))
    return instruction


def state_of(instruction: Instruction) -> str:
    """As the table has it now."""
    return Instruction.objects.values_list("state", flat=True).get(pk=instruction.pk)


def _moves() -> Iterator[Trial]:
    for kind, build_it in (
        *((kind, drafted(kind)) for kind in KINDS), *((kind, following(kind)) for kind in FOLLOWING)
    ):  # fmt: skip
        base = Trial(
            actions.withdraw,
            lambda by, it: actions.withdraw(by, it, at=NOON, ground=DUTY),
            build_it, put, only(Move.WITHDRAW), state_of, kind, NEEDS[kind],
        )  # fmt: skip
        yield base
        yield replace(
            base, action=actions.approve, states=only(Move.APPROVE),
            act=lambda by, it: actions.approve(by, it.package, at=NOON, ground=DUTY),
        )  # fmt: skip
        yield replace(
            base, action=actions.send_back, states=only(Move.RETURN),
            act=lambda by, it: actions.send_back(by, it.package, at=NOON, ground=DUTY),
        )  # fmt: skip
        yield replace(
            base, action=actions.send, states=if_possible(Move.SEND),
            act=lambda by, it: actions.send(by, it, at=NOON, ground=DUTY),
        )  # fmt: skip
        yield from _answers(base)


def _answers(base: Trial) -> Iterator[Trial]:
    """What the gateway and the bank say; it may come late."""
    for accepted, move in ((True, Move.ACKNOWLEDGE), (False, Move.REJECT)):

        def deliver(
            by: Any,
            it: Instruction,
            accepted: bool = accepted,  # noqa: FBT001 - bound per turn
        ) -> object:
            return actions.note_delivery(
                by, it, accepted=accepted, code="1", at=NOON, ground=DUTY
            )  # fmt: skip

        yield replace(
            base, action=actions.note_delivery, act=deliver, states=if_possible(move),
            variant=f"{base.variant} {move}",
        )  # fmt: skip
    for move in ANSWERS:

        def answer(by: Any, it: Instruction, move: Move = move) -> object:
            said = actions.Answer(move, "0000", "test", effective_at=NOON)
            return actions.record_reply(by, it, said, message_id=1, at=NOON, ground=DUTY)

        yield replace(
            base, action=actions.record_reply, act=answer, states=if_possible(move),
            variant=f"{base.variant} {move}",
        )  # fmt: skip


def _ends() -> Iterator[Trial]:
    for kind, limit, move in ENDS:

        def run_out(it: Instruction, state: str, name: str = limit.name) -> Instruction:
            return put(it, state, ends_rule=name)

        yield Trial(
            actions.lapse, lambda by, it: actions.lapse(by, it, at=NOON, ground=DUTY),
            drafted(kind), run_out, only(move), state_of, move,
        )  # fmt: skip


def _follow_ons() -> Iterator[Trial]:
    """A release and an extension in every state of the hold, and beside every state of another."""
    for kind in HOLDS:

        def let_go(by: Officer, hold: Instruction) -> object:
            return actions.draft_release(by, hold, ReleaseGround.UNRELATED, at=NOON, ground=WHY)

        def prolong(by: Officer, hold: Instruction) -> object:
            return actions.draft_extension(by, hold, at=NOON, ground=WHY)

        release = Trial(
            actions.draft_release, let_go, drafted(kind), hold_in,
            {
                state: Done(state) if state in RELEASABLE else Refused(HoldNotInForce)
                for state in State
            },
            state_of, f"of {kind}",
        )  # fmt: skip
        yield release
        yield replace(
            release, action=actions.draft_extension, act=prolong,
            states={
                state: Done(state) if state in HOLDING_STATES else Refused(HoldNotInForce)
                for state in State
            },
        )  # fmt: skip
        yield from _again(kind)


def _again(kind: Kind) -> Iterator[Trial]:
    def again(by: Officer, first: Instruction) -> object:
        hold = first.concerns
        assert hold
        if FOLLOW_ONS[Kind(first.kind)].limit is None:
            return actions.draft_release(by, hold, ReleaseGround.UNRELATED, at=NOON, ground=WHY)
        return actions.draft_extension(by, hold, at=NOON, ground=WHY)

    for follow, action in (
        (RELEASE_OF[kind], actions.draft_release), (EXTENSION_OF[kind], actions.draft_extension),
    ):  # fmt: skip
        yield Trial(
            action, again, following(follow), put,
            {
                state: Refused(FollowOnUnderWay) if state in UNDECIDED_STATES else Done(state)
                for state in State
            },
            state_of, f"{follow} again",
        )  # fmt: skip


def _escapes() -> Iterator[Trial]:
    """What left in spite of a hold is kept by the platform and explained once by an officer."""
    found = Escape(Outflow("S-1", 2, NOON, "second", 100, None), certain=True)

    def held(system: System) -> Instruction:
        return put(drafted(Kind.STOP)(system), State.EFFECTIVE)

    def escaped(system: System) -> Kept:
        hold = held(system)
        with writing():
            return Kept.objects.create(
                hold=hold, case=hold.case, certain=True, found_at=NOON, **found.outflow._asdict()
            )

    def told(escape: Kept, state: str) -> Kept:
        with writing():
            Kept.objects.filter(pk=escape.pk).update(explained_at=NOON if state else None)
        return escape

    yield Trial(
        actions.note_escapes,
        lambda by, hold: actions.note_escapes(by, hold, [found], at=NOON, ground=DUTY), held,
    )  # fmt: skip
    yield Trial(
        actions.explain_escape,
        lambda by, escape: actions.explain_escape(by, escape, at=NOON, ground=WHY), escaped, told,
        {"": Done(), "explained": Refused(ExplainedBefore)},
    )  # fmt: skip


def _new_drafts() -> Iterator[Trial]:
    """A draft in every state of its case, and beside every state of the same for the account."""
    for kind in KINDS:

        def ask(by: Officer, case: Case, kind: Kind = kind) -> object:
            return actions.draft(by, case, [build.draft(kind)], at=NOON, ground=DUTY)

        def ask_again(by: Officer, standing: Instruction, kind: Kind = kind) -> object:
            return actions.draft(by, standing.case, [build.draft(kind)], at=NOON, ground=DUTY)

        yield Trial(
            actions.draft, ask, _case_at_a_bank, put_case,
            {
                state: Refused(CaseNotFiled)
                if kind is Kind.FREEZE and not was(CaseMove.FILE, state)
                else Done()
                for state in of_case.State
            },
            variant=f"{kind} by case",
        )  # fmt: skip
        blocking = OPEN_STATES - HOLDING_STATES if kind is Kind.QUERY else OPEN_STATES
        yield Trial(
            actions.draft, ask_again, drafted(kind), put,
            {state: Refused(AlreadyUnderWay) if state in blocking else Done() for state in State},
            variant=f"{kind} again",
        )  # fmt: skip


def _case_at_a_bank(_: System) -> Case:
    build.bank()
    return build.case(officer("lin"))


TRIALS = tuple(itertools.chain(_moves(), _ends(), _follow_ons(), _escapes(), _new_drafts()))
