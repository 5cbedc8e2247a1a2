"""States of a case and the moves between them: pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from fanzha.core.refusal import Refusal, gettext_noop

if TYPE_CHECKING:
    from collections.abc import Mapping


class State(StrEnum):
    """Where a case stands (PCR 171, 178)."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    FILED = "filed"
    NOT_FILED = "not_filed"
    CLOSED = "closed"


class Move(StrEnum):
    """What can happen to a case."""

    ACCEPT = "accept"
    FILE = "file"
    REFUSE = "refuse"
    CLOSE = "close"


MOVES: Mapping[tuple[State, Move], State] = {
    (State.REPORTED, Move.ACCEPT): State.ACCEPTED,
    (State.ACCEPTED, Move.FILE): State.FILED,
    (State.ACCEPTED, Move.REFUSE): State.NOT_FILED,
    (State.NOT_FILED, Move.FILE): State.FILED,
    (State.FILED, Move.CLOSE): State.CLOSED,
    (State.NOT_FILED, Move.CLOSE): State.CLOSED,
}


class CaseMoveForbidden(Refusal):
    """The table of moves does not allow this."""

    message = gettext_noop("A case that is %(state)s cannot do this: %(move)s.")


class FilingNumberMissing(Refusal):
    """A filing decision has a number."""

    message = gettext_noop("Write the number of the filing decision.")


def next_state(state: State, move: Move) -> State:
    """The state after the move; raises CaseMoveForbidden."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise CaseMoveForbidden(state=state, move=move) from None


def diagram() -> str:
    """The table of moves as a Mermaid state diagram, printed into the docs."""
    lines = [f"    {state} --> {after}: {move}" for (state, move), after in MOVES.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> reported", *lines])
