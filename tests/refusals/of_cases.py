"""Trials of cases and of what is written into them, in every state of a case."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fanzha.cases import actions
from fanzha.cases.models import Bridge, Case, FlowStep, FollowedHub, SavedView
from fanzha.cases.rules import (
    MOVES,
    BridgeNotFound,
    CaseMoveForbidden,
    CaseNotClosed,
    HubNotFollowed,
    Move,
    NothingToRedo,
    NothingToUndo,
    State,
    ViewNameTaken,
    ViewNotFound,
)
from fanzha.desk import erasing
from fanzha.entities import actions as entities
from fanzha.identity.models import Officer, Unit
from fanzha.intake import actions as intake
from fanzha.movements import actions as movements
from fanzha.tracing import actions as tracing
from tests import build
from tests.cast import DUTY, NOON, officer
from tests.movements.build import A, B, line, table
from tests.movements.test_import import reply
from tests.refusals.trial import Done, Refused, Trial, writing
from tests.tracing.networks import row, traced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.acting import System

FILE = table(line(balance_fen="100")).encode()


def way_to(state: State) -> tuple[Move, ...]:
    """The shortest way through the table of moves; empty for where a case begins."""
    ways: dict[State, tuple[Move, ...]] = {State.REPORTED: ()}
    for known in list(State):
        for (before, move), after in MOVES.items():
            if before in ways and after not in ways:
                ways[after] = (*ways[before], move)
        if known in ways and state in ways:
            break
    return ways[state]


def was(move: Move, state: str) -> bool:
    """Whether a case in this state has made the move on its way."""
    return move in way_to(State(state))


def put_case(case: Case, state: str) -> Case:
    """Bring the case there; it was filed if its way led over filing."""
    facts: dict[str, Any] = {"state": state, "filed_at": NOON if was(Move.FILE, state) else None}
    with writing():
        Case.objects.filter(pk=case.pk).update(**facts)
    case.refresh_from_db(fields=list(facts))
    return case


def _put_kept(case: Case, state: str) -> Case:
    """There, and where it is closed the time of keeping is over."""
    put_case(case, state)
    if state == State.CLOSED:
        with writing():
            Case.objects.filter(pk=case.pk).update(keep_until=NOON, keep_rule="keep_filed")
        case.refresh_from_db()
    return case


def state_of(case: Case) -> str:
    """As the table has it now."""
    return Case.objects.values_list("state", flat=True).get(pk=case.pk)


def _opened(_: System) -> Case:
    return build.case(officer("lin"))


_ANY = Trial(
    actions.restrict,
    lambda by, case: actions.restrict(by, case, at=NOON, ground=DUTY),
    _opened, put_case, {state: Done(state) for state in State}, state_of,
)  # fmt: skip
"""What no table of moves forbids in any state of the case."""


def _of_the_file() -> Iterator[Trial]:
    yield _ANY
    yield replace(
        _ANY, action=actions.file_case,
        act=lambda by, case: actions.file_case(by, case, "1", at=NOON, ground=DUTY),
        states={
            state: Done(MOVES[state, Move.FILE])
            if (state, Move.FILE) in MOVES
            else Refused(CaseMoveForbidden)
            for state in State
        },
    )  # fmt: skip
    yield replace(
        _ANY, action=actions.assign,
        act=lambda by, case: actions.assign(
            by, case, Unit.objects.get(path="lj.hd"), at=NOON, ground=DUTY
        ),
    )  # fmt: skip
    yield replace(
        _ANY, action=actions.add_member,
        act=lambda by, case: actions.add_member(by, case, officer("wu"), at=NOON, ground=DUTY),
    )  # fmt: skip
    yield replace(
        _ANY, action=actions.add_search_words,
        act=lambda by, case: actions.add_search_words(by, case, "x", at=NOON, ground=DUTY),
    )  # fmt: skip
    yield Trial(
        actions.open_case,
        lambda by, _: actions.open_case(
            by, fraud_type="AG", victim_name="周敏", search_text="", at=NOON, ground=DUTY
        ),
    )


def _out_of_the_file() -> Iterator[Trial]:
    yield replace(
        _ANY, action=actions.close_case,
        act=lambda by, case: actions.close_case(by, case, at=NOON, ground=DUTY),
        states={
            state: Done(MOVES[state, Move.CLOSE])
            if (state, Move.CLOSE) in MOVES
            else Refused(CaseMoveForbidden)
            for state in State
        },
    )  # fmt: skip
    yield replace(
        _ANY, action=actions.propose_erasure, put=_put_kept,
        act=lambda by, case: actions.propose_erasure(by, case, at=NOON, ground=DUTY),
        states={state: Done(state, writes=state == State.CLOSED) for state in State},
    )  # fmt: skip
    yield replace(
        _ANY, action=erasing.erase_case, put=_put_kept,
        act=lambda by, case: erasing.erase_case(by, case, at=NOON, ground=DUTY),
        states={
            state: Done(state) if state == State.CLOSED else Refused(CaseNotClosed)
            for state in State
        },
    )  # fmt: skip


def _into_the_file() -> Iterator[Trial]:
    told = build.report(build.payment())
    yield replace(
        _ANY, action=intake.file_report,
        act=lambda by, case: intake.file_report(
            by, told, case_id=case.pk, matches={}, at=NOON, ground=DUTY
        ),
    )  # fmt: skip
    yield replace(
        _ANY, action=entities.note_mentions,
        act=lambda by, case: entities.note_mentions(
            by, [("account", A, "payee", "贾某")], case_id=case.pk, source="R", at=NOON, ground=DUTY
        ),
    )  # fmt: skip
    yield replace(
        _ANY, action=entities.reveal,
        act=lambda by, case: entities.reveal(
            by, "account", A, case_id=case.pk, at=NOON, ground=DUTY
        ),
        states={state: Done(state, writes=False) for state in State},
    )  # fmt: skip
    yield replace(
        _ANY, action=movements.import_statement,
        act=lambda by, case: movements.import_statement(
            by, FILE, file_name="a.csv", case_id=case.pk, at=NOON, ground=DUTY
        ),
    )  # fmt: skip
    yield replace(
        _ANY, action=movements.merge_files,
        act=lambda by, case: movements.merge_files(by, case.pk, 0, at=NOON, ground=DUTY),
        states={state: Done(state, writes=False) for state in State},
    )  # fmt: skip
    yield replace(
        _ANY, action=movements.import_reply,
        act=lambda by, case: movements.import_reply(
            by, reply({}), b"<xml/>", message_id=7, account=B, institution_code=build.BANK,
            case_id=case.pk, until=NOON + timedelta(hours=1), at=NOON, ground=DUTY,
        ),
    )  # fmt: skip
    yield replace(
        _ANY, action=tracing.store,
        act=lambda by, case: tracing.store(
            by, case.pk, traced([row("1", 0, "v", "A", 5)], {"1": "v"}), digest="d", figures={},
            until={}, at=NOON, ground=DUTY,
        ),
    )  # fmt: skip


SAVED, UNSAVED = "saved", "unsaved"


def _put_views(case: Case, state: str) -> Case:
    """Every officer has a view of one name, or nobody has."""
    with writing():
        SavedView.objects.bulk_create(
            SavedView(
                public_id=f"V-{each.pk}", case=case, name="mine", officer_id=each.pk, saved_at=NOON,
                unit_path=case.unit_path,
            )
            for each in Officer.objects.all()
            if state == SAVED
        )  # fmt: skip
    return case


STANDS, UNDONE, IDLE = "stands", "undone", "idle"


def _put_bridges(case: Case, state: str) -> Case:
    """One join that every officer made herself and that stands, that she undid, or none."""
    gone = NOON if state == UNDONE else None
    facts = {"case": case, "unit_path": case.unit_path}
    with writing():
        if state != IDLE:
            Bridge.objects.create(
                public_id="J-1", payer=A, payee=B, amount_fen=1, moved_at=NOON, reason="x",
                officer_id=0, written_at=NOON, withdrawn_at=gone, **facts,
            )  # fmt: skip
            FlowStep.objects.bulk_create(
                FlowStep(officer_id=each.pk, target="J-1", done_at=NOON, undone_at=gone, **facts)
                for each in Officer.objects.all()
            )
    return case


def _put_hub(case: Case, state: str) -> Case:
    """One hub that is followed, that is followed no more, or none."""
    with writing():
        if state != IDLE:
            FollowedHub.objects.create(
                public_id="H-1", account=A, reason="x", officer_id=0, written_at=NOON,
                withdrawn_at=NOON if state == UNDONE else None, case=case, unit_path=case.unit_path,
            )  # fmt: skip
    return case


def _beside_the_file() -> Iterator[Trial]:
    yield replace(
        _ANY, action=actions.write_note,
        act=lambda by, case: actions.write_note(by, case, "x", account=A, at=NOON, ground=DUTY),
    )  # fmt: skip
    yield replace(
        _ANY, action=actions.join_by_hand,
        act=lambda by, case: actions.join_by_hand(
            by, case, payer=A, payee=B, amount_fen=1, moved_at=NOON, reason="x", at=NOON,
            ground=DUTY,
        ),
    )  # fmt: skip
    joined = replace(_ANY, put=_put_bridges, state_of=lambda _: "")
    yield replace(
        joined, action=actions.part_again,
        act=lambda by, case: actions.part_again(by, case, "J-1", at=NOON, ground=DUTY),
        states={STANDS: Done(), UNDONE: Refused(BridgeNotFound), IDLE: Refused(BridgeNotFound)},
    )  # fmt: skip
    yield replace(
        joined, action=actions.undo,
        act=lambda by, case: actions.undo(by, case, at=NOON, ground=DUTY),
        states={STANDS: Done(), UNDONE: Refused(NothingToUndo), IDLE: Refused(NothingToUndo)},
    )  # fmt: skip
    yield replace(
        joined, action=actions.redo,
        act=lambda by, case: actions.redo(by, case, at=NOON, ground=DUTY),
        states={STANDS: Refused(NothingToRedo), UNDONE: Done(), IDLE: Refused(NothingToRedo)},
    )  # fmt: skip
    views = replace(_ANY, put=_put_views, state_of=lambda _: "")
    yield replace(
        views, action=actions.save_view,
        act=lambda by, case: actions.save_view(by, case, "mine", "", at=NOON, ground=DUTY),
        states={SAVED: Refused(ViewNameTaken), UNSAVED: Done()},
    )  # fmt: skip
    yield replace(
        views, action=actions.delete_view,
        act=lambda by, case: actions.delete_view(
            by, case, f"V-{getattr(by, 'pk', 0)}", at=NOON, ground=DUTY
        ),
        states={SAVED: Done(), UNSAVED: Refused(ViewNotFound)},
    )  # fmt: skip


def _of_hubs() -> Iterator[Trial]:
    yield replace(
        _ANY, action=actions.follow_hub,
        act=lambda by, case: actions.follow_hub(by, case, A, "x", at=NOON, ground=DUTY),
    )  # fmt: skip
    hubs = replace(_ANY, put=_put_hub, state_of=lambda _: "")
    yield replace(
        hubs, action=actions.leave_hub,
        act=lambda by, case: actions.leave_hub(by, case, "H-1", at=NOON, ground=DUTY),
        states={STANDS: Done(), UNDONE: Refused(HubNotFollowed), IDLE: Refused(HubNotFollowed)},
    )  # fmt: skip


TRIALS = (*_of_the_file(), *_out_of_the_file(), *_into_the_file(), *_beside_the_file(), *_of_hubs())
