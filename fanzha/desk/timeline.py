"""The timeline of a case: audit entries as sentences, newest first. Unknown ones stand plainly."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from fanzha.audit.models import Entry
from fanzha.core.masking import mask_name
from fanzha.core.money import format_yuan
from fanzha.desk.words import ground_word, kind_word
from fanzha.identity.models import Officer
from fanzha.identity.queries import unit_name
from fanzha.instructions.rules import FOLLOW_ONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

MOST = 400
ONE_MOMENT = timedelta(minutes=1)
"""Like steps that follow each other within this are one line: a bank answers one by one."""
QUIET = frozenset({
    "channels.bank_gateway.claim", "channels.bank_gateway.note_acks", "entities.note_mentions",
    "cases.add_search_words", "channels.bank_gateway.note_read", "instructions.note_delivery",
})  # fmt: skip
"""Steps of the machinery: kept, shown on demand."""

TRACED = "route"
"""The icon of a trace."""
MOVES = {
    "submit": ("pencil", gettext_noop("drafted")),
    "approve": ("circle-check", gettext_noop("approved")),
    "return": ("arrow-back-up", gettext_noop("returned")),
    "withdraw": ("x", gettext_noop("withdrawn")),
    "expire": ("clock-exclamation", gettext_noop("approval expired unused")),
    "send": ("send", gettext_noop("sent")),
    "acknowledge": ("mail-check", gettext_noop("received by the front-end")),
    "reject": ("alert-circle", gettext_noop("refused by the front-end")),
    "take_effect": ("lock", gettext_noop("in effect")),
    "take_partial_effect": ("lock-exclamation", gettext_noop("partly in effect")),
    "fail": ("alert-circle", gettext_noop("failed")),
    "puzzle": ("help-hexagon", gettext_noop("answered with a code that nobody knows")),
    "extend": ("lock-plus", gettext_noop("extended")),
    "renew": ("lock-plus", gettext_noop("renewed")),
    "reduce": ("lock-minus", gettext_noop("reduced")),
    "release": ("lock-open", gettext_noop("released")),
    "lapse": ("shield-x", gettext_noop("lapsed")),
    "end_by_law": ("lock-open", gettext_noop("ended by law")),
}
CARRIED_OUT = gettext_noop("carried out")
ANSWERED = gettext_noop("answered, the statement arrived")
STATEMENT = gettext_noop("Statement imported: %(kept)s rows kept, %(rejected)s rejected")
PLAIN = {
    "cases.open_case": ("folder-plus", gettext_noop("Case opened and accepted")),
    "cases.file_case": ("folder-check", gettext_noop("Case filed under %(filing_number)s")),
    "cases.close_case": ("folder-x", gettext_noop("Case closed")),
    "cases.propose_erasure": ("hourglass-empty", gettext_noop("Kept long enough: may be erased")),
    "desk.erasing.erase_case": ("trash", gettext_noop("Personal data erased")),
    "cases.assign": ("building", gettext_noop("Case handed from %(before)s to %(after)s")),
    "cases.restrict": ("shield-lock", gettext_noop("Case restricted to its members")),
    "cases.add_member": ("user-plus", gettext_noop("%(member)s became a member")),
    "intake.file_report": (
        "phone-incoming",
        gettext_noop("Report taken by %(door)s: %(payments)s payments, %(paid)s yuan new"),
    ),
    "entities.reveal": ("eye", gettext_noop("Looked at a masked value (%(kind)s)")),
    "tracing.store": (TRACED, gettext_noop("Traced anew: %(held)s held, %(gone)s gone")),
    "movements.import_reply": ("file-import", STATEMENT),
    "movements.import_statement": ("file-import", STATEMENT),
    "channels.bank_gateway.note_failure": (
        "plug-connected-x",
        gettext_noop("Delivery failed, it will be repeated: %(failure)s"),
    ),
    "instructions.draft_release": (
        "alert-triangle",
        gettext_noop("On record as harm: %(what)s, %(because)s; held %(held)s"),
    ),
    "channels.bank_gateway.dismiss": ("check", gettext_noop("Unknown message settled")),
}


@dataclass
class Event:
    """One line of the timeline; like entries of one moment are one line, dated by the last."""

    at: datetime
    icon: str
    what: str
    who: str
    why: str = ""
    objects: list[str] = field(default_factory=list)
    key: tuple[object, ...] = ()


def of_case(case_id: int, *, everything: bool = False) -> list[Event]:
    """The newest lines first; the machinery's own steps only if asked for."""
    entries = list(Entry.objects.filter(case_id=case_id).order_by("-id")[:MOST])
    people = _people(entries)
    shown = [entry for entry in entries if everything or not _quiet(entry)]
    events: list[Event] = []
    alike: dict[tuple[object, ...], Event] = {}
    # A trace is dated by the state of things it was made from, before it was written down.
    for entry in sorted(shown, key=lambda entry: (entry.at, entry.pk), reverse=True):
        event = _event(entry, people)
        last = alike.get(event.key)
        if event.key and last and last.at - event.at <= ONE_MOMENT and not everything:
            last.objects += event.objects
            continue
        alike[event.key] = event
        events.append(event)
    return events if everything else list(_without_repeated_traces(events))


def _without_repeated_traces(events: list[Event]) -> Iterator[Event]:
    """A trace that found what the one before had found is no news; the first of them stays."""
    traces = [event for event in events if event.icon == TRACED]
    repeated = {id(newer) for newer, older in pairwise(traces) if newer.what == older.what}
    return (event for event in events if id(event) not in repeated)


def _quiet(entry: Entry) -> bool:
    facts = entry.facts
    return (entry.action in QUIET and facts.get("move") != "reject") or bool(
        facts.get("unchanged")
        or facts.get("already")
        or facts.get("late_answer")
        or facts.get("waits")
    )


def _people(entries: Iterable[Entry]) -> dict[int, str]:
    ids = {entry.officer_id for entry in entries if entry.officer_id}
    found = Officer.objects.select_related("unit").filter(pk__in=ids)
    return {each.pk: f"{mask_name(each.name)} {each.unit.name}" for each in found}


def _event(entry: Entry, people: dict[int, str]) -> Event:
    who = people.get(entry.officer_id or 0) or (
        _("by itself") if entry.actor.startswith("system:") else entry.actor
    )
    why = entry.ground_reason if entry.officer_id else ""
    facts = entry.facts
    if facts.get("move") in MOVES and "tail" in facts:
        return _move(entry, who, why)
    icon, sentence = PLAIN.get(entry.action, ("dots", ""))
    if not sentence:
        what = f"{entry.action} {entry.object_kind} {entry.object_id}"
        return Event(entry.at, icon, what, who, why)
    try:
        what = _(sentence) % _words(entry)
    except KeyError:
        what = entry.action
    return Event(entry.at, icon, what, who, why)


def _move(entry: Entry, who: str, why: str) -> Event:
    facts = entry.facts
    icon, word = MOVES[facts["move"]]
    if facts["kind"] == "transaction_query" and facts["move"] == "take_effect":
        icon, word = "file-check", ANSWERED
    if facts["kind"] in FOLLOW_ONS and facts["move"] == "take_effect":
        icon, word = "check", CARRIED_OUT
    sums = f" {format_yuan(facts['amount_fen'])}" if facts.get("amount_fen") else ""
    note = facts.get("note") or ""
    code = (
        f" [{note}]" if note and note != why and facts["move"] not in ("return", "withdraw") else ""
    )
    return Event(
        entry.at, icon, f"{kind_word(facts['kind'])} {_(word)}", who, why,
        [f"{facts.get('institution', '')} {facts['tail']}{sums}{code}"],
        key=(entry.action, facts["move"], facts["kind"], entry.actor, why),
    )  # fmt: skip


def _words(entry: Entry) -> dict[str, Any]:
    """Facts of an entry as words for its sentence."""
    facts = dict(entry.facts)
    if entry.action == "cases.assign":
        facts = {key: unit_name(str(value)) for key, value in facts.items()}
    if entry.action == "tracing.store":
        facts["held"] = format_yuan(facts["stopped"] + facts["frozen"])
        facts["gone"] = format_yuan(facts["gone"])
    if entry.object_kind == "harm":
        facts["what"], facts["because"] = kind_word(facts["kind"]), ground_word(facts["found"])
        held = facts["held_fen"]
        facts["held"] = _("unknown") if held is None else format_yuan(held)
    if "paid_fen" in facts:
        facts["paid"] = format_yuan(facts["paid_fen"])
    facts.setdefault("kind", entry.object_kind)
    return facts
