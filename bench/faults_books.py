"""Two ledgers side by side after a campaign of faults, ours and the banks': pure.

What must hold whatever broke in between: no instruction lost, none effective twice, none sent under
a second number, none held past its end, every raw message kept, the chain of the log whole, no job
given up.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.instructions.rules import HOLDING_STATES, ON_ITS_WAY, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LOST, TWICE, SECOND_NUMBER, OVERSTAYED, AT_ODDS, RAW_MISSING, CHAIN, GIVEN_UP = CHECKS = (
    "lost",
    "effective twice",
    "sent under a second number",
    "held past its end",
    "ledgers at odds",
    "raw message missing",
    "audit chain broken",
    "job given up",
)
NEVER_LEFT = frozenset({State.DRAFT, State.AWAITING_APPROVAL, State.APPROVED})


@dataclass(frozen=True)
class Ours:
    """One instruction as our book has it: `serials` are those of its outgoing messages."""

    application_id: str
    state: str
    serials: tuple[str, ...]
    answers: int
    past_end: bool = False


@dataclass(frozen=True)
class Theirs:
    """One message as a bank's ledger has it."""

    application_id: str
    serial: str


@dataclass(frozen=True)
class Books:
    """Both sides; `swallowed` answers the banks were ordered to lose or to garble."""

    ours: Sequence[Ours]
    theirs: Sequence[Theirs]
    effects: Mapping[str, int]
    swallowed: int = 0
    chain_flaws: Sequence[str] = ()
    given_up: Sequence[str] = ()


@dataclass(frozen=True)
class Violation:
    """What may never happen has happened: which check, and to what."""

    check: str
    what: str


def violations(books: Books) -> list[Violation]:
    """Everything that does not hold; empty when the promise was kept."""
    return [
        *_lost(books),
        *(Violation(TWICE, each) for each, times in books.effects.items() if times > 1),
        *_second_numbers(books),
        *(Violation(OVERSTAYED, each.application_id) for each in books.ours if each.past_end),
        *_at_odds(books),
        *_raw_missing(books),
        *(Violation(CHAIN, flaw) for flaw in books.chain_flaws),
        *(Violation(GIVEN_UP, job) for job in books.given_up),
    ]


def _lost(books: Books) -> Iterator[Violation]:
    """What never left, what no bank has although we say so, who waits although none was lost."""
    arrived = {each.application_id for each in books.theirs}
    waiting = []
    for each in books.ours:
        if each.state in NEVER_LEFT or each.application_id not in arrived:
            yield Violation(LOST, f"{each.application_id} is {each.state}, no bank has it")
        elif each.state in ON_ITS_WAY:
            waiting.append(each.application_id)
    for surplus in waiting[books.swallowed :]:
        yield Violation(LOST, f"the answer to {surplus}")


def _second_numbers(books: Books) -> Iterator[Violation]:
    known = {each.application_id for each in books.ours}
    for number in {each.application_id for each in books.theirs} - known:
        yield Violation(SECOND_NUMBER, f"{number} is none of ours")
    serials: dict[str, set[str]] = {each.application_id: set(each.serials) for each in books.ours}
    for each in books.theirs:
        serials.setdefault(each.application_id, set()).add(each.serial)
    for number, found in serials.items():
        if len(found) > 1:
            yield Violation(SECOND_NUMBER, f"{number} went out under {len(found)} serials")


def _at_odds(books: Books) -> Iterator[Violation]:
    for each in books.ours:
        effect = books.effects.get(each.application_id, 0)
        if each.state in HOLDING_STATES and not effect:
            yield Violation(AT_ODDS, f"{each.application_id} is {each.state}, not at the bank")
        if each.state == State.FAILED and effect:
            yield Violation(AT_ODDS, f"{each.application_id} is failed, in effect at the bank")


def _raw_missing(books: Books) -> Iterator[Violation]:
    kept = Counter(serial for each in books.ours for serial in each.serials)
    for each in books.theirs:
        if not kept[each.serial]:
            yield Violation(RAW_MISSING, f"{each.serial}, which a bank has")
    for ours in books.ours:
        if ours.state not in NEVER_LEFT | ON_ITS_WAY and not ours.answers:
            yield Violation(RAW_MISSING, f"the answer to {ours.application_id}")
