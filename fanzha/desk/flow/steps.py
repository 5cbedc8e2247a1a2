"""In which state an account of the picture is, and what can be done about it next: pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fanzha.core.refusal import gettext_noop as _
from fanzha.desk.flow.fates import IN_THE_ACCOUNT, Hold
from fanzha.instructions.rules import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class AccountState(StrEnum):
    """What a reader must know of an account first."""

    CLOSED = "closed"
    FROZEN = "frozen"
    STOPPED = "stopped"
    HUB = "hub"
    LIVE = "live"
    UNPROTECTED = "unprotected"
    RELEASED = "released"
    INCOMPLETE = "incomplete"
    NOT_QUERIED = "not_queried"
    ASKED = "asked"
    NO_REPLY = "no_reply"
    REFUSED = "refused"
    TRUNCATED = "truncated"
    LOST = "lost"
    EMPTIED = "emptied"


@dataclass(frozen=True)
class Look:
    """Word (msgid), icon and tone of a state."""

    word: str
    icon: str
    tone: str


LOOKS: Mapping[AccountState, Look] = {
    AccountState.CLOSED: Look(_("Restricted"), "eye-off", "plain"),
    AccountState.FROZEN: Look(_("Frozen"), "lock", "ok"),
    AccountState.STOPPED: Look(_("Stopped"), "lock", "ok"),
    AccountState.HUB: Look(_("Hub, not followed"), "topology-star", "warn"),
    AccountState.LIVE: Look(_("In the account, not stopped"), "alert-triangle", "warn"),
    AccountState.UNPROTECTED: Look(_("Stop has lapsed"), "shield-x", "bad"),
    AccountState.RELEASED: Look(_("Released"), "lock-open", "plain"),
    AccountState.INCOMPLETE: Look(_("Number incomplete"), "question-mark", "plain"),
    AccountState.NOT_QUERIED: Look(_("Not queried"), "question-mark", "plain"),
    AccountState.ASKED: Look(_("No answer yet"), "hourglass", "accent"),
    AccountState.NO_REPLY: Look(_("No reply"), "clock-exclamation", "bad"),
    AccountState.REFUSED: Look(_("Query refused"), "ban", "bad"),
    AccountState.TRUNCATED: Look(_("Statement cut off"), "scissors", "warn"),
    AccountState.LOST: Look(_("Whereabouts unknown"), "question-mark", "plain"),
    AccountState.EMPTIED: Look(_("Emptied"), "arrow-right", "plain"),
}
GAPS = frozenset(
    {
        AccountState.HUB,
        AccountState.INCOMPLETE,
        AccountState.NOT_QUERIED,
        AccountState.ASKED,
        AccountState.NO_REPLY,
        AccountState.REFUSED,
        AccountState.TRUNCATED,
    }
)
"""Nobody can look, or looks, into the account: it is drawn dashed."""
_GAP_KINDS = ("no_reply", "refused", "truncated")
_LOST_KINDS = frozenset({"missing", "overdraft", "beyond_limits", "unknown"})


@dataclass(frozen=True)
class Seen:
    """The facts that decide: sums by kind of end, hold, instructions.

    `lost_fen` left by a way nobody knows. States of the newest query and stop, "" for none.
    `released`: the newest hold was released by our own decision, so none is proposed again.
    `payer_query`: state of the newest query of the account that paid; None: nobody knows that one.
    `hub`: it pays very many others and is not followed. `closed`: the reader may not see it;
    `asked`: its owner was asked and has not agreed.
    """

    ends: Mapping[str, int]
    hold: Hold
    complete: bool
    lost_fen: int = 0
    query_state: str = ""
    stop_state: str = ""
    reached: bool = True
    released: bool = False
    payer_query: str | None = None
    hub: bool = False
    closed: bool = False
    asked: bool = False

    @property
    def in_account_fen(self) -> int:
        """What lies, or may lie, in the account."""
        return sum(fen for kind, fen in self.ends.items() if kind in IN_THE_ACCOUNT)

    @property
    def is_unseen(self) -> bool:
        """Whether nobody has looked into the account yet."""
        return bool(self.ends.get("not_queried"))


_ON_ITS_WAY = frozenset({"approved", "sent", "accepted", "unknown_result"})
_WAITING = frozenset({"draft", "awaiting_approval"})
_ANSWERED = frozenset({"effective", "partially_effective"})


def state_of(seen: Seen) -> AccountState:
    """The state, the strongest fact first."""
    found = [
        (seen.closed, AccountState.CLOSED),
        (seen.hold.frozen_until is not None, AccountState.FROZEN),
        (seen.hold.stopped_until is not None, AccountState.STOPPED),
        (seen.hub, AccountState.HUB),
        (not seen.complete, AccountState.INCOMPLETE),
        *((seen.ends.get(kind, 0) > 0, AccountState(kind)) for kind in _GAP_KINDS),
        (seen.is_unseen and seen.query_state in _ON_ITS_WAY, AccountState.ASKED),
        (seen.is_unseen, AccountState.NOT_QUERIED),
        (seen.ends.get("held", 0) > 0 and seen.released, AccountState.RELEASED),
        (seen.ends.get("held", 0) > 0 and seen.stop_state == "lapsed", AccountState.UNPROTECTED),
        (seen.ends.get("held", 0) > 0, AccountState.LIVE),
        (seen.lost_fen > 0, AccountState.LOST),
        (any(seen.ends.get(kind) for kind in _LOST_KINDS), AccountState.LOST),
    ]
    return next((state for holds, state in found if holds), AccountState.EMPTIED)


class StepKind(StrEnum):
    """What somebody does next; those in DRAFTS are drafts of instructions."""

    STOP = "stop_payment"
    QUERY = "transaction_query"
    FREEZE = "freeze"
    APPROVE = "approve"
    WAIT = "wait"
    CHASE = "chase"
    FILE = "file"
    COMPLETE = "complete"
    FIND_PAYEE = "find_payee"
    LOCATE = "locate"
    FOLLOW = "follow"
    ASK_OWNER = "ask_owner"
    AWAIT_OWNER = "await_owner"


WORDS: Mapping[StepKind, str] = {
    StepKind.STOP: _("Stop it"),
    StepKind.QUERY: _("Query it"),
    StepKind.FREEZE: _("Freeze it"),
    StepKind.APPROVE: _("Waits for approval"),
    StepKind.WAIT: _("Wait for the bank"),
    StepKind.CHASE: _("Press the bank for its answer"),
    StepKind.FILE: _("Freeze once the case is filed"),
    StepKind.COMPLETE: _("Find the full number"),
    StepKind.FIND_PAYEE: _("Find the payee"),
    StepKind.LOCATE: _("Find whose account it is"),
    StepKind.FOLLOW: _("Decide whether to follow it"),
    StepKind.ASK_OWNER: _("Ask its owner"),
    StepKind.AWAIT_OWNER: _("Its owner was asked"),
}
DRAFTS: Mapping[StepKind, Kind] = {
    StepKind.FREEZE: Kind.FREEZE,
    StepKind.STOP: Kind.STOP,
    StepKind.QUERY: Kind.QUERY,
    StepKind.FIND_PAYEE: Kind.QUERY,
}
"""The steps that draft an instruction, and its kind."""

Reason = tuple[str, "Mapping[str, object]"]
"""A sentence (msgid) and its facts."""


@dataclass(frozen=True)
class Step:
    """One step: its kind, the sum it concerns, and why."""

    kind: StepKind
    fen: int
    reasons: tuple[Reason, ...] = ()
    until: datetime | None = None


def next_steps(seen: Seen, *, filed: bool, freeze_state: str = "") -> list[Step]:
    """What to do about the account, the most urgent first; empty when nothing is left to do."""
    state, fen = state_of(seen), seen.in_account_fen
    if state is AccountState.CLOSED:
        return [_closed(seen)]
    if seen.hub:
        return [_follow()]
    if state is AccountState.INCOMPLETE:
        return [_complete(seen, fen)]
    if not seen.reached:
        return [Step(StepKind.LOCATE, fen, ((_("No institution that we reach holds it."), {}),))]
    steps: list[Step] = []
    if fen and not _held(seen) and not seen.released:
        steps.append(_stop(seen, fen))
    if state is AccountState.STOPPED and fen:
        steps.append(_freeze(seen, fen, filed=filed, freeze_state=freeze_state))
    steps += _look(seen, state, fen)
    return steps


def _closed(seen: Seen) -> Step:
    kept = _("Another case keeps this account to its members; the totals count its money.")
    if seen.asked:
        waits = _("What the owner answers stands here; until it agrees the account stays closed.")
        return Step(StepKind.AWAIT_OWNER, 0, ((kept, {}), (waits, {})))
    signs = _("The owner's unit signs for the request and answers it.")
    return Step(StepKind.ASK_OWNER, 0, ((kept, {}), (signs, {})))


def _follow() -> Step:
    many = _("It pays very many others, most of whom have nothing to do with the case.")
    counts = _("What came here counts as unknown until somebody decides to follow it.")
    return Step(StepKind.FOLLOW, 0, ((many, {}), (counts, {})))


def _complete(seen: Seen, fen: int) -> Step:
    """Whose number is not known whole is asked of the bank that sent the money there."""
    if seen.payer_query in _WAITING:
        return Step(
            StepKind.APPROVE, fen, ((_("The query of the payer's account is drafted."), {}),)
        )
    if seen.payer_query in _ON_ITS_WAY:
        return Step(StepKind.WAIT, fen, ((_("The payer's bank was asked whom it paid."), {}),))
    reason = _("A bank acts only on a full number.")
    if seen.payer_query is None:
        return Step(StepKind.COMPLETE, fen, ((reason, {}),))
    if seen.payer_query in _ANSWERED:
        told = _("The payer's bank has answered, and no row of its statement shows this payment.")
        return Step(StepKind.COMPLETE, fen, ((told, {}), (reason, {})))
    asked = _("The payer's own bank sees to which number the money went.")
    return Step(StepKind.FIND_PAYEE, fen, ((reason, {}), (asked, {})))


def _held(seen: Seen) -> bool:
    return seen.hold.stopped_until is not None or seen.hold.frozen_until is not None


def _stop(seen: Seen, fen: int) -> Step:
    if seen.stop_state in _WAITING:
        return Step(StepKind.APPROVE, fen, ((_("The stop is drafted."), {}),))
    if seen.stop_state in _ON_ITS_WAY:
        return Step(StepKind.WAIT, fen, ((_("The stop was sent."), {}),))
    if seen.stop_state == "lapsed":
        reason = _("The last stop has lapsed: the holder can move the money.")
    elif seen.ends.get("held"):
        reason = _("By the bank's statement the money is still there, and nothing holds it.")
    else:
        reason = _("It may still be there; whoever waits for the statement may come too late.")
    return Step(StepKind.STOP, fen, ((reason, {}),))


def _freeze(seen: Seen, fen: int, *, filed: bool, freeze_state: str) -> Step:
    until = seen.hold.stopped_until
    ends: Reason = (_("The stop ends by itself; only a freeze holds the money longer."), {})
    if freeze_state in _WAITING:
        return Step(StepKind.APPROVE, fen, ((_("The freeze is drafted."), {}), ends), until)
    if freeze_state in _ON_ITS_WAY:
        return Step(StepKind.WAIT, fen, ((_("The freeze was sent."), {}),), until)
    if not filed:
        law: Reason = (_("Before the case is filed nothing may be frozen."), {})
        return Step(StepKind.FILE, fen, (law, ends), until)
    return Step(StepKind.FREEZE, fen, (ends,), until)


def _look(seen: Seen, state: AccountState, fen: int) -> list[Step]:
    """A query where nobody has looked yet; pressure where the bank is late."""
    if seen.ends.get("no_reply"):
        return [Step(StepKind.CHASE, fen, ((_("The bank's answer is overdue."), {}),))]
    if not (seen.ends.get("not_queried") or seen.ends.get("refused")):
        return []
    if seen.query_state in _WAITING:
        return [Step(StepKind.APPROVE, fen, ((_("The query is drafted."), {}),))]
    if seen.query_state in _ON_ITS_WAY:
        return [Step(StepKind.WAIT, fen, ((_("The query was sent."), {}),))]
    reason = _("Without its statement nobody sees whether the money is still there.")
    if state is AccountState.REFUSED:
        reason = _("The bank refused the last query; correct what it named and ask again.")
    return [Step(StepKind.QUERY, fen, ((reason, {}),))]
