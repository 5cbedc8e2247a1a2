"""The messages of an instruction as they went over the wire, and what the bank's code means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from fanzha.channels.bank_gateway.codec import decode
from fanzha.channels.bank_gateway.failures import MalformedMessage
from fanzha.channels.bank_gateway.models import Message
from fanzha.channels.bank_gateway.profile import load
from fanzha.channels.bank_gateway.rules import Outcome, classify, read_gateway_code
from fanzha.channels.bank_gateway.strange import strange
from fanzha.desk import masks
from fanzha.desk.forms.choices import chinese
from fanzha.instructions.answers import AFTER_A_NO, ONE_TOO_MANY, OTHER_ACCOUNT, OTHER_LINE
from fanzha.instructions.rules import FEEDBACK_OF, HOLDS, RELEASE_OF, Kind, State

if TYPE_CHECKING:
    from fanzha.instructions.models import Instruction

SHOWN = 60_000
"""Longer messages are cut on the screen; the original is kept whole."""
NOTES = (
    (r"unknown result (?P<code>.+)", gettext_noop("No table knows the result code %(code)s.")),
    (
        r"(?P<code>\d+) does not answer \w+",
        gettext_noop("A message %(code)s is no answer to this instruction."),
    ),
    (
        r"no instruction of ours .+",
        gettext_noop("No instruction of ours carries the number that it answers."),
    ),
    (
        OTHER_LINE,
        gettext_noop(
            "It came over another institution's line than the request went: ask the bank."
        ),
    ),
    (
        OTHER_ACCOUNT,
        gettext_noop("It names another account than the request: ask the bank."),
    ),
    (
        AFTER_A_NO,
        gettext_noop("The bank holds money that it had refused to hold: ask it, then release."),
    ),
    (
        ONE_TOO_MANY,
        gettext_noop(
            "The bank extended a stop although the account was stopped again since, or as often as"
            " the law allows: have it end the extension."
        ),
    ),
)
"""What the reading noted -> the sentence for whoever looks at it."""


@dataclass(frozen=True)
class Letter:
    """One raw message, masked for the screen."""

    message: Message
    word: str
    raw: str
    size: int
    cut: bool

    @classmethod
    def of(cls, message: Message) -> Letter:
        """Mask a message and name its code."""
        content = bytes(message.content)
        raw = masks.message(content)
        word = masks.tx_word(message.tx_code, chinese=chinese()) if message.tx_code else ""
        return cls(message, word, raw[:SHOWN], len(content), len(raw) > SHOWN)

    @property
    def why(self) -> str:
        """Why nobody could tell, in the reader's language; unreadable bytes are read once more."""
        try:
            decode(bytes(self.message.content))
        except MalformedMessage as flaw:
            return _(flaw.message) % flaw.facts
        for pattern, sentence in NOTES:
            noted = re.fullmatch(pattern, self.message.note)
            if noted:
                return _(sentence) % noted.groupdict()
        return self.message.note

    @property
    def strange(self) -> str:
        """What in it no table knows: elements and coded values, long numbers masked."""
        try:
            found = strange(decode(bytes(self.message.content)))
        except MalformedMessage:
            return ""
        return masks.numbers(", ".join(found))

    @property
    def gateway(self) -> str:
        """What the front-end said on taking it."""
        if not self.message.gateway_code:
            return ""
        answer = read_gateway_code(self.message.gateway_code)
        label = answer.label if chinese() else answer.label_en
        return f"{self.message.gateway_code} {label}"


@dataclass(frozen=True)
class Meaning:
    """A result code with its label, and what to do about it."""

    code: str
    label: str
    known: bool
    advice: str


def letters_of(instruction: Instruction) -> list[Letter]:
    """Everything sent and received under the instruction's number, in order."""
    found = Message.objects.filter(application_id=instruction.application_id).order_by("at", "id")
    return [Letter.of(message) for message in found]


def meaning_of(instruction: Instruction) -> Meaning | None:
    """What the answer means; None while there is none."""
    code = instruction.result_code
    if not code:
        return None
    kind = Kind(instruction.kind)
    feedback = FEEDBACK_OF[kind]
    found = load().result(feedback, code)
    if found is None and instruction.state == State.FAILED:
        gateway = read_gateway_code(code)
        label = gateway.label if chinese() else gateway.label_en
        return Meaning(
            code, label, known=True, advice=_("The front-end refused it; the bank never saw it.")
        )
    outcome = classify(feedback, code)
    label = (found.zh if chinese() else found.en) if found else _("A code that no table knows")
    freeing = {RELEASE_OF[each] for each in HOLDS}
    advice = _advice_on_release(outcome) if kind in freeing else ""
    return Meaning(code, label, known=found is not None, advice=advice or _advice(outcome))


def _advice_on_release(outcome: Outcome) -> str:
    if outcome is Outcome.UNKNOWN:
        return _("Treat the account as still held. Phone the bank, and draft the release again.")
    if outcome is Outcome.FREEZE_OR_LOSE:
        return _("By the bank's word the hold had ended: ask it whether anything is held still.")
    if outcome is Outcome.FAILED:
        return _("The account stays held: phone the bank at once, and draft the release again.")
    return ""


def _advice(outcome: Outcome) -> str:
    advice = {
        Outcome.UNKNOWN: _(
            "Treat the account as not held. Phone the bank, ask what the code means, and note the"
            " answer; draft again if nothing holds the money."
        ),
        Outcome.QUEUED: _(
            "An earlier freeze stands before ours; ours holds nothing yet. Watch it."
        ),
        Outcome.PARTIAL: _("Less is there than came in: query the account and stop the next tier."),
        Outcome.ALREADY_STOPPED: _("Somebody stopped it before us: ask who, and freeze in time."),
        Outcome.ALREADY_FROZEN: _("A freeze runs already: send ours, it will be queued."),
        Outcome.FREEZE_OR_LOSE: _("No stop is left for this account: freeze it now."),
        Outcome.NAME_MISMATCH: _("Ask the caller for the name again; it is never sent unchanged."),
        Outcome.GUARDED: _("The account is on the bank's white list: the approver decides."),
        Outcome.PAPER_MISSING: _("Attach the paper and draft again."),
        Outcome.TRUNCATED: _("More rows exist than were sent: query again for half the period."),
        Outcome.RETRY: _("The bank's own network failed: draft again."),
    }
    if outcome in advice:
        return advice[outcome]
    return (
        _("Look at the code, then draft again or phone the bank.")
        if outcome is Outcome.FAILED
        else ""
    )
