"""What else may be asked about the account of an instruction: each kind with its sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from fanzha.core.refusal import Refusal
from fanzha.desk.words import kind_word, say
from fanzha.instructions import actions
from fanzha.instructions.actions import Draft
from fanzha.instructions.onward import NoSuchStep
from fanzha.instructions.rules import QUERIES, Kind

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground
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
    if not officer.may("instruction.draft"):
        return []
    return [
        Question(kind, kind_word(kind), _(sentence), _against(officer, instruction, kind))
        for kind, sentence in SENTENCES.items()
        if kind != instruction.kind
    ]


def draft_question(
    by: Officer, instruction: Instruction, kind: str, *, at: datetime, ground: Ground
) -> Instruction:
    """Draft the query. Raises NoSuchStep for what is no query, and whatever a draft may meet."""
    if kind not in QUERIES:
        raise NoSuchStep
    wanted = _draft(instruction, Kind(kind), ground.reason)
    (package,) = actions.draft(by, instruction.case, [wanted], at=at, ground=ground)
    made: Instruction = package.instructions.get()
    return made


def _draft(of: Instruction, kind: Kind, reason: str) -> Draft:
    return Draft(
        kind=kind, account=of.account, account_name=of.account_name,
        institution_code=of.institution_code, institution_name=of.institution_name,
        reason=reason or of.reason, traced_fen=of.traced_fen, trace_id=of.trace_id,
        payment_id=of.payment_id, out_account=of.out_account, transfer_fen=of.transfer_fen,
        transfer_at=of.transfer_at,
    )  # fmt: skip


def _against(officer: Officer, instruction: Instruction, kind: Kind) -> str:
    try:
        actions.check_draft(officer, instruction.case, _draft(instruction, kind, ""))
    except Refusal as refusal:
        return say(refusal)
    return ""
