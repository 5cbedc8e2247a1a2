"""What the drawer says of one node: facts, next steps with their exact words, ways, history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from fanzha.cases import queries as cases
from fanzha.core import clock
from fanzha.core.masking import mask_numbers
from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.desk.asking import questions
from fanzha.desk.flow.drafting import draft_about, draft_for
from fanzha.desk.flow.hubs import hub_at
from fanzha.desk.flow.known import known_of
from fanzha.desk.flow.steps import DRAFTS, WORDS, Step
from fanzha.desk.flow.unsure import span_of
from fanzha.desk.flow.ways import chains, path_edges
from fanzha.desk.following import ways_on
from fanzha.desk.words import say
from fanzha.identity.queries import officer_names
from fanzha.instructions import actions as instructions
from fanzha.instructions.guarding import AccountGuarded
from fanzha.instructions.rules import Kind

OTHER_RULE = gettext_noop(
    "Instructions rest on first in, first out with nothing cut or joined by hand."
)

if TYPE_CHECKING:
    from fanzha.desk.asking import Question
    from fanzha.desk.flow.sheet import Entry, Sheet
    from fanzha.desk.flow.ways import Hop
    from fanzha.desk.following import Way
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Instruction


@dataclass(frozen=True)
class Offer:
    """A step as offered: its word, the drafted kind if it is one, and what stands against it.

    An account that is `guarded` is held all the same for a reason in writing.
    """

    step: Step
    word: str
    kind: str
    against: str
    guarded: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a button is shown."""
        return bool(self.kind) and (self.guarded or not self.against)


def context(officer: Officer, sheet: Sheet, entry: Entry) -> dict[str, Any]:
    """Everything the template needs."""
    claims = sheet.chosen.claims if sheet.chosen else None
    mixed = sheet.flow.trace.mixed is not None
    ways, rest = ([], 0) if mixed or entry.closed else chains(sheet.flow.trace, entry.node, claims)
    return {
        "case": sheet.case,
        "sheet": sheet,
        "entry": entry,
        "offers": [_offer(officer, sheet, entry, step) for step in entry.steps],
        "ways": [
            [_named(sheet, hop, first=at == 0) for at, hop in enumerate(chain.hops)]
            for chain in ways
        ],
        "ways_rest": rest,
        "mixed": mixed,
        "span": None if entry.closed else span_of(sheet, entry),
        "hub": hub_at(sheet, entry.node.id),
        "known": known_of(officer, sheet, entry),
        "questions": _questions(officer, sheet, entry),
        "held": _held(officer, entry),
        "notes": _notes(entry, sheet.case.pk),
        "history": tuple(reversed(entry.account.instructions)) if entry.account else (),
        "path": " ".join(path_edges(sheet.flow.trace, sheet.picture, entry.node)),
        "may_note": officer.may("case.note"),
        "may_ask": officer.may("order.ask"),
        "may_reveal": officer.may("person.reveal"),
    }


def _notes(entry: Entry, case_id: int) -> list[dict[str, Any]]:
    """What officers wrote about the account."""
    if entry.account is None or entry.account.is_nameless:
        return []
    found = list(cases.notes_of(case_id).filter(account=entry.account.number))
    names = officer_names(note.officer_id for note in found)
    return [
        {"at": note.written_at, "by": names.get(note.officer_id, ""),
         "text": mask_numbers(note.text)}
        for note in found
    ]  # fmt: skip


def _held(officer: Officer, entry: Entry) -> list[tuple[Instruction, tuple[Way, ...]]]:
    """The case's own holds on the account, each with what may follow on it."""
    if entry.account is None:
        return []
    at = clock.now()
    found = [(each, ways_on(officer, each, at)) for each in entry.account.instructions]
    return [(each, ways) for each, ways in found if ways]


ASKED = (Kind.HOLDER, Kind.ACCOUNTS, Kind.WATCH)
"""What may be asked beside the next steps, which propose the query of an account."""


def _questions(officer: Officer, sheet: Sheet, entry: Entry) -> list[Question]:
    """What else may be asked of the bank about the account."""
    account = entry.account
    if not (account and account.is_complete and account.institution_code and sheet.is_house):
        return []
    return questions(officer, sheet.case, ASKED, lambda kind: draft_about(sheet, entry, kind))


def _offer(officer: Officer, sheet: Sheet, entry: Entry, step: Step) -> Offer:
    kind = str(step.kind) if step.kind in DRAFTS else ""
    against, guarded = "", False
    if kind and not officer.may("instruction.draft"):
        kind = ""
    if kind and not sheet.is_house:
        against = gettext(OTHER_RULE)
    elif kind:
        try:
            wanted = draft_for(sheet, entry, step.kind)
            instructions.check_draft(officer, sheet.case, wanted)
        except Refusal as refusal:
            against, guarded = say(refusal), isinstance(refusal, AccountGuarded)
    return Offer(step, WORDS[step.kind], kind, against, guarded)


def _named(sheet: Sheet, hop: Hop, *, first: bool) -> dict[str, Any]:
    """A hop with what its short name needs."""
    channel = "" if hop.to_account else str(sheet.flow.trace.movements.channel[hop.row])
    return {"hop": hop, "first": first, "sheet": sheet, "channel": channel}
