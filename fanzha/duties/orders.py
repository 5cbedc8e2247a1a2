"""Orders to units (指令): kinds, states, moves. Pure; what the table does not name is forbidden."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from fanzha.core.refusal import NotAllowed, Refusal, gettext_noop
from fanzha.core.spans import Span
from fanzha.duties.rules import DATA

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

TEXT_MAX = 2000


class State(StrEnum):
    """Where an order stands."""

    ISSUED = "issued"
    SIGNED = "signed"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    """What can happen to an order."""

    SIGN = "sign"
    ANSWER = "answer"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    WITHDRAW = "withdraw"


MOVES: Mapping[tuple[State, Move], State] = {
    (State.ISSUED, Move.SIGN): State.SIGNED,
    (State.ISSUED, Move.WITHDRAW): State.WITHDRAWN,
    (State.SIGNED, Move.ANSWER): State.ANSWERED,
    (State.SIGNED, Move.WITHDRAW): State.WITHDRAWN,
    (State.ANSWERED, Move.ACCEPT): State.ACCEPTED,
    (State.ANSWERED, Move.SEND_BACK): State.SIGNED,
}
OPEN_STATES = frozenset({State.ISSUED, State.SIGNED, State.ANSWERED})


class OrderMoveForbidden(Refusal):
    """The table of moves does not allow this."""

    message = gettext_noop("An order that is %(state)s cannot do this: %(move)s.")


class OrderEmpty(Refusal):
    """An order, its feedback and its sending back say something."""

    message = gettext_noop("Write what is to be done, what was done, or what is missing.")


class UnitNotBelow(NotAllowed):
    """Orders go down the tree of units."""

    message = gettext_noop("An order goes to a unit of yours: %(unit)s is none.")


class DeadlinePast(Refusal):
    """A deadline lies ahead."""

    message = gettext_noop("The deadline of an order lies in the future.")


class NotYourOrder(NotAllowed):
    """Only the unit that an order went to signs for it and reports on it."""

    message = gettext_noop(
        "This order went to %(unit)s; an officer of that unit signs and reports."
    )


class NotIssuedHere(NotAllowed):
    """Who issued an order, or stands above, decides about its feedback."""

    message = gettext_noop("The unit that issued this order decides about it.")


class OwnFeedback(NotAllowed):
    """Nobody accepts what she reported herself."""

    message = gettext_noop("You reported this yourself; another officer decides about it.")


class ResultUnknown(Refusal):
    """The result is one of those of the kind."""

    message = gettext_noop("Choose one of the results of this kind of order.")


@dataclass(frozen=True)
class Word:
    """A word in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Kind:
    """A kind of order: its words, its sign, its results by code."""

    zh: str
    en: str
    icon: str
    results: Mapping[str, Word]


@dataclass(frozen=True)
class Priority:
    """How soon a unit signs for an order and reports on it."""

    zh: str
    en: str
    sign: Span
    feedback: Span


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DATA / "orders.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def kinds() -> dict[str, Kind]:
    """All kinds by code."""
    return {
        code: Kind(
            facts["zh"], facts["en"], facts["icon"],
            {result: Word(**words) for result, words in facts["results"].items()},
        )
        for code, facts in _data()["kinds"].items()
    }  # fmt: skip


@cache
def priorities() -> dict[str, Priority]:
    """All priorities by code, the most urgent first."""
    return {
        code: Priority(
            facts["zh"], facts["en"], Span(**facts["sign"]), Span(**facts["feedback"])
        )
        for code, facts in _data()["priorities"].items()
    }  # fmt: skip


def next_state(state: State, move: Move) -> State:
    """The state after the move; raises OrderMoveForbidden."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise OrderMoveForbidden(state=state, move=move) from None


def ends(priority: str, at: datetime, wanted: datetime | None) -> tuple[datetime, datetime]:
    """By when it is signed for, by when reported on: `wanted`, or what the priority says.

    Nobody has longer to sign than to report. Raises DeadlinePast.
    """
    known = priorities()[priority]
    feedback = wanted or known.feedback.after(at)
    if feedback <= at:
        raise DeadlinePast
    return min(known.sign.after(at), feedback), feedback


def within(path: str, unit: str) -> bool:
    """Whether `path` is `unit` or stands below it."""
    return f"{path}.".startswith(f"{unit}.")


def said(text: str) -> str:
    """What somebody wrote, without blanks around it, cut to TEXT_MAX; raises OrderEmpty."""
    if not text.strip():
        raise OrderEmpty
    return text.strip()[:TEXT_MAX]


def diagram() -> str:
    """The table of moves as a Mermaid state diagram, printed into the docs."""
    lines = [f"    {state} --> {after}: {move}" for (state, move), after in MOVES.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> issued", *lines])
