"""The table of moves: what is absent is forbidden; every role and state is tried."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.cases.models import Case
from fanzha.identity.acting import acting_for, system_scope
from fanzha.identity.rules import PermissionMissing, roles
from fanzha.instructions import actions
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import (
    HOLDING_STATES,
    MOVES,
    OPEN_STATES,
    ForbiddenMove,
    Kind,
    Move,
    State,
    next_state,
)
from fanzha.scope.guard import open_action
from tests import build
from tests.cast import DUTY, NOON

if TYPE_CHECKING:
    from fanzha.identity.models import Officer

ENDED = frozenset(State) - OPEN_STATES


@pytest.mark.parametrize(("state", "move"), list(itertools.product(State, Move)))
def test_a_move_is_made_exactly_when_the_table_names_it(state: State, move: Move) -> None:
    if (state, move) in MOVES:
        assert next_state(state, move) == MOVES[state, move]
    else:
        with pytest.raises(ForbiddenMove):
            next_state(state, move)


@given(st.lists(st.sampled_from(list(Move)), max_size=12))
def test_no_story_leaves_an_end_or_holds_without_approval(moves: list[Move]) -> None:
    state, approved = State.DRAFT, False
    for move in moves:
        if (state, move) not in MOVES:
            continue
        # Only the bank's own late word, that it had extended in time, leads back.
        assert state not in ENDED or move in (Move.EXTEND, Move.RENEW), (state, move)
        approved |= move is Move.APPROVE
        state = next_state(state, move)
        if state in HOLDING_STATES:
            assert approved


APPROVES = {
    Kind.QUERY: "instruction.approve_query",
    Kind.STOP: "instruction.approve_stop",
    Kind.FREEZE: "instruction.approve_freeze",
}
CASES = [
    (action, kind, role)
    for action in ("draft", "approve", "send_back", "withdraw")
    for kind in APPROVES
    for role in roles()
]


@pytest.mark.parametrize(("action", "kind", "role"), CASES)
def test_the_matrix_decides_who_may(
    lin: Officer, han: Officer, action: str, kind: Kind, role: str
) -> None:
    """Role by role against the data: allowed when the role carries it, refused otherwise."""
    build.bank()
    case = build.case(lin)
    _file(case)
    needed = {
        "draft": "instruction.draft",
        "withdraw": "instruction.withdraw",
    }.get(action, APPROVES[kind])
    with acting_for(lin):
        (package,) = actions.draft(lin, case, [build.draft(kind)], at=NOON, ground=DUTY)
        instruction = package.instructions.select_related("case").get()
    actor = _only_role(han, role)

    def attempt() -> None:
        if action == "draft":
            other = build.draft(kind, account=build.OTHER_MULE)
            actions.draft(actor, case, [other], at=NOON, ground=DUTY)
        elif action == "approve":
            actions.approve(actor, package, at=NOON, ground=DUTY)
        elif action == "send_back":
            actions.send_back(actor, package, at=NOON, ground=DUTY)
        else:
            actions.withdraw(actor, instruction, at=NOON, ground=DUTY)

    with acting_for(lin):
        if needed in roles()[role].may:
            attempt()
        else:
            with pytest.raises(PermissionMissing):
                attempt()
            assert Instruction.objects.get(pk=instruction.pk).state == State.AWAITING_APPROVAL


@pytest.mark.parametrize("state", list(State))
def test_the_state_decides_what_may_be_done(lin: Officer, zhao: Officer, state: State) -> None:
    build.bank()
    case = build.case(lin)
    with acting_for(lin):
        (package,) = actions.draft(lin, case, [build.draft()], at=NOON, ground=DUTY)
        instruction = package.instructions.select_related("case").get()
        token = open_action.set("test")
        Instruction.objects.filter(pk=instruction.pk).update(state=state)
        open_action.reset(token)
        instruction.refresh_from_db()
        if (state, Move.WITHDRAW) in MOVES:
            actions.withdraw(lin, instruction, at=NOON, ground=DUTY)
        else:
            with pytest.raises(ForbiddenMove):
                actions.withdraw(lin, instruction, at=NOON, ground=DUTY)
    with acting_for(zhao):
        if state == State.AWAITING_APPROVAL:
            return
        with pytest.raises(ForbiddenMove):
            actions.approve(zhao, package, at=NOON, ground=DUTY)


def _only_role(officer: Officer, role: str) -> Officer:
    token = open_action.set("test")
    officer.grants.all().delete()
    officer.grants.create(role=role, since=NOON)
    open_action.reset(token)
    officer.__dict__.pop("role_codes", None)
    return officer


def _file(case: Case) -> None:
    with system_scope("test"):
        token = open_action.set("test")
        Case.objects.filter(pk=case.pk).update(filed_at=NOON, state="filed")
        open_action.reset(token)
        case.refresh_from_db()
