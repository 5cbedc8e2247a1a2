"""States of a case and the moves between them: pure."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from fanzha.core.refusal import NotFound, Refusal, gettext_noop
from fanzha.core.spans import Limit, Span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

DATA = Path(__file__).parent / "data"


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


class CaseNotClosed(Refusal):
    """What is still worked on is not erased."""

    message = gettext_noop("Case %(case)s is not closed; close it before erasing it.")


class KeptByLaw(Refusal):
    """A rule wants the data kept for longer (PIPL 47)."""

    message = gettext_noop("Case %(case)s must be kept until %(until)s (%(source)s).")


class CaseClosed(Refusal):
    """What is closed is not added to; what comes late belongs into a case that is open."""

    message = gettext_noop("Case %(case)s was closed on %(on)s and takes no more statements.")


class AlreadyErased(Refusal):
    """Nothing is left of the case but its number."""

    message = gettext_noop("Case %(case)s was erased on %(on)s.")


def _kept(which: str) -> Limit:
    told = yaml.safe_load((DATA / "retention.yaml").read_text(encoding="utf-8"))[which]
    return Limit(f"keep_{which}", Span(months=told["months"]), told["source"], told["mark"])


KEEP_FILED = _kept("filed")
KEEP_NOT_FILED = _kept("not_filed")
KEPT = {limit.name: limit for limit in (KEEP_FILED, KEEP_NOT_FILED)}


def retention(*, filed: bool) -> Limit:
    """How long a case is kept from the day it is closed."""
    return KEEP_FILED if filed else KEEP_NOT_FILED


def check_erasure(
    case: str,
    *,
    closed: bool,
    keep_until: datetime | None,
    keep_rule: str,
    erased_at: datetime | None,
    at: datetime,
) -> None:
    """Raise AlreadyErased, CaseNotClosed or KeptByLaw where a case may not be erased at `at`."""
    if erased_at is not None:
        raise AlreadyErased(case=case, on=erased_at.date().isoformat())
    if not closed or keep_until is None:
        raise CaseNotClosed(case=case)
    if at < keep_until:
        source = KEPT[keep_rule].source
        raise KeptByLaw(case=case, until=keep_until.date().isoformat(), source=source)


def check_takes_statements(
    case: str, *, closed_at: datetime | None, erased_at: datetime | None
) -> None:
    """Raise AlreadyErased or CaseClosed where an officer may not import into the case."""
    if erased_at is not None:
        raise AlreadyErased(case=case, on=erased_at.date().isoformat())
    if closed_at is not None:
        raise CaseClosed(case=case, on=closed_at.date().isoformat())


class NoteEmpty(Refusal):
    """A note says something."""

    message = gettext_noop("Write what the note shall say.")


class NoteTooLong(Refusal):
    """A note is no report."""

    message = gettext_noop("The note has %(length)s signs; %(most)s are the most.")


class BridgeToItself(Refusal):
    """Money does not go from an account to the same account."""

    message = gettext_noop("Join two different accounts.")


class BridgeUnclear(Refusal):
    """Whoever reads the picture must know what was joined and why."""

    message = gettext_noop(
        "Say how much went over and why you join them, in at most %(most)s signs."
    )


class BridgeAhead(Refusal):
    """Nobody knows what will be paid."""

    message = gettext_noop("The time lies ahead; write when the money came.")


class BridgeNotFound(NotFound):
    """No such join, or it was withdrawn."""

    message = gettext_noop("This is not joined by hand any more.")


class HubReasonMissing(Refusal):
    """Behind a hub lies the money of very many who have nothing to do with the case."""

    message = gettext_noop("Say why the money must be followed, in at most %(most)s signs.")


class HubNotFollowed(NotFound):
    """Nobody decided to follow it, or the decision was withdrawn."""

    message = gettext_noop("This hub is not followed any more.")


class NothingToUndo(Refusal):
    """The officer has done nothing here that stands."""

    message = gettext_noop("You have nothing to undo in this fund flow.")


class NothingToRedo(Refusal):
    """The officer has undone nothing, or did something else since."""

    message = gettext_noop("You have nothing to redo in this fund flow.")


class ViewNameMissing(Refusal):
    """A view is found again by its name."""

    message = gettext_noop("Give the view a name of at most %(most)s signs.")


class ViewNameTaken(Refusal):
    """One name, one view of one officer."""

    message = gettext_noop("You have a view named %(name)s in this case already.")


class ViewNotFound(NotFound):
    """No such view, or one of a colleague."""

    message = gettext_noop("There is no such view of yours in this case.")


NOTE_SIGNS = 2000
VIEW_NAME_SIGNS = 60
REASON_SIGNS = 300


def check_bridge(
    payer: str, payee: str, amount_fen: int, moved_at: datetime, reason: str, at: datetime
) -> None:
    """Raise BridgeToItself, BridgeUnclear or BridgeAhead for what cannot be joined at `at`."""
    if payer == payee:
        raise BridgeToItself
    if amount_fen <= 0 or not 0 < len(reason) <= REASON_SIGNS:
        raise BridgeUnclear(most=REASON_SIGNS)
    if moved_at > at:
        raise BridgeAhead


def hub_reason(text: str) -> str:
    """The reason as it is kept; raises HubReasonMissing."""
    said = text.strip()
    if not 0 < len(said) <= REASON_SIGNS:
        raise HubReasonMissing(most=REASON_SIGNS)
    return said


def note_text(text: str) -> str:
    """The text as it is kept; raises NoteEmpty and NoteTooLong."""
    said = text.strip()
    if not said:
        raise NoteEmpty
    if len(said) > NOTE_SIGNS:
        raise NoteTooLong(length=len(said), most=NOTE_SIGNS)
    return said


def view_name(name: str) -> str:
    """The name as it is kept; raises ViewNameMissing."""
    named = " ".join(name.split())
    if not 0 < len(named) <= VIEW_NAME_SIGNS:
        raise ViewNameMissing(most=VIEW_NAME_SIGNS)
    return named
