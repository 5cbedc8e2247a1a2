"""What else may be asked about the account of an instruction: each kind with its sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from fanzha.desk.onward import against
from fanzha.desk.words import kind_word
from fanzha.instructions import actions
from fanzha.instructions.drafts import Draft
from fanzha.instructions.onward import NoSuchStep
from fanzha.instructions.rules import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Instruction

SENTENCES = {
    Kind.QUERY: gettext_noop(
        "Balance and every movement, from 30 days before the transfer until now: where the money"
        " went."
    ),
    Kind.HOLDER: gettext_noop(
        "Who opened the account: identity, phone, address, and the agent if one opened it."
    ),
    Kind.ACCOUNTS: gettext_noop(
        "Everything that its holder has at this bank: balances, and who holds money there."
    ),
    Kind.WATCH: gettext_noop(
        "Every new movement as it happens, for 30 days: the bank tells by itself."
    ),
}


@dataclass(frozen=True)
class Question:
    """One kind on offer; `against` is why it cannot be drafted now."""

    kind: Kind
    word: str
    sentence: str
    against: str


def questions_of(officer: Officer, instruction: Instruction) -> list[Question]:
    """What this officer may ask about the account now; nothing if she may not draft."""
    kinds = [kind for kind in SENTENCES if kind != instruction.kind]
    return questions(
        officer, instruction.case, kinds, lambda kind: Draft.about(instruction, kind, reason="")
    )


def questions(
    officer: Officer, case: Case, kinds: Iterable[Kind], about: Callable[[Kind], Draft]
) -> list[Question]:
    """The kinds that this officer may ask, by the draft that would be made of each."""
    if not officer.may("instruction.draft"):
        return []
    return [
        Question(kind, kind_word(kind), _(SENTENCES[kind]), against(officer, case, about(kind)))
        for kind in kinds
    ]


def draft_question(
    by: Officer, instruction: Instruction, kind: str, *, at: datetime, ground: Ground
) -> Instruction:
    """Draft the query. Raises NoSuchStep for what is no query, and whatever a draft may meet."""
    if kind not in SENTENCES:
        raise NoSuchStep
    wanted = Draft.about(instruction, Kind(kind), reason=ground.reason)
    (package,) = actions.draft(by, instruction.case, [wanted], at=at, ground=ground)
    made: Instruction = package.instructions.get()
    return made
