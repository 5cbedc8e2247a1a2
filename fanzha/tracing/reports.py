"""What `fanzha trace` answers: a result as JSON, its keys a public contract; all rules together."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from fanzha.core.refusal import gettext_noop
from fanzha.tracing.asking import limits_record
from fanzha.tracing.engine import (
    ENGINE,
    RULE_VERSIONS,
    VALUATIONS,
    NoteKind,
    account_ends,
    row_shares,
)
from fanzha.tracing.engine.ranges import ALL, CERTAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fanzha.tracing.engine import Note, Trace
    from fanzha.tracing.engine.ranges import Ranges

OUTPUT: Final = ("ends", "pieces", "valuations", "ranges", "notes")
"""What the output hash is made of."""

NOTE_TEXTS: Final = {
    NoteKind.MISSING: gettext_noop(
        "The balance stated after row %(id)s proves %(fen)d fen that no row brought into"
        " %(account)s: rows are missing."
    ),
    NoteKind.OVERDRAFT: gettext_noop(
        "Row %(id)s takes %(fen)d fen more out of %(account)s than lay there:"
        " an overdraft, or rows are missing."
    ),
    NoteKind.REVERSAL_SHORT: gettext_noop(
        "Row %(id)s takes back from %(account)s what had already been passed on in part:"
        " %(fen)d fen came from other money."
    ),
    NoteKind.BALANCE_DISAGREES: gettext_noop(
        "From row %(id)s on, the stated balance of %(account)s departs from its rows"
        " by another %(fen)d fen."
    ),
    NoteKind.CURRENCY_EXCHANGE: gettext_noop(
        "Row %(id)s leaves %(account)s as %(amount)d %(currency)s (minor units);"
        " %(fen)d were taken at face value, since the rate is not known."
    ),
    NoteKind.SAME_TIME: gettext_noop(
        "Rows of %(account)s share a time, first at row %(id)s: the order in the file decided."
    ),
    NoteKind.ORDER_BY_BALANCE: gettext_noop(
        "Rows of one time around row %(id)s stand in the only order that their balances allow."
    ),
    NoteKind.ARRIVES_BEFORE_LEAVING: gettext_noop(
        "Row %(id)s arrives in %(account)s before it leaves, by the banks' times:"
        " it counts when it leaves."
    ),
    NoteKind.UNFINISHED: gettext_noop(
        "The time was up at row %(id)s: %(fen)d fen were not followed to their end."
    ),
}


@dataclass(frozen=True)
class Asked:
    """What stands beside a trace in its report: hash and names of the input, reason, ranges."""

    input_sha256: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    backward_reason: str = ""
    ranges: Ranges = CERTAIN


def report(trace: Trace, asked: Asked) -> dict[str, Any]:
    """Make the JSON report of a trace."""
    ids = trace.movements.ids
    given = trace.given
    record = {
        "rule": trace.rule,
        "version": RULE_VERSIONS[trace.rule],
        "seeded_fen": trace.seeded_fen,
        "currency": trace.currency,
        "ends": [
            {"account": end.account, "kind": end.kind.value, "fen": end.fen}
            | {"by_claim": end.by_claim}
            for end in account_ends(trace)
        ],
        "pieces": [
            {"id": ids[share.row], "fen": share.fen, "by_claim": share.by_claim}
            for share in row_shares(trace)
        ],
        "valuations": [each._asdict() for each in trace.valuations],
        "ranges": _range_records(asked.ranges),
        "notes": [note_record(trace, note) for note in trace.notes],
        "exactness": trace.exactness._asdict(),
        "orders": {"traced": asked.ranges.orders, "outer_bound": asked.ranges.outer},
        "unfinished_fen": sum(end.fen for end in trace.unfinished),
        "limits": limits_record(given.limits),
        "backward": asked.backward_reason or None,
        "input_sha256": asked.input_sha256,
        "inputs": dict(asked.inputs),
        "engine": ENGINE,
    }
    if trace.rule in VALUATIONS:
        record["flow_rule"] = given.flow_rule
    return record | {"output_sha256": output_sha256(record)}


def output_sha256(record: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over what a trace found, whoever asked and whatever the files are called."""
    found = [record[name] for name in OUTPUT]
    return hashlib.sha256(json.dumps(found, separators=(",", ":")).encode()).hexdigest()


def side_by_side(reports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Set every rule beside the others: what is held for each claim, and how much it matters.

    `poison` is no amount and stands among the rules, but not in the table.
    """
    claims: dict[str, dict[str, int]] = {}
    amounts = [each for each in reports if each["version"] != RULE_VERSIONS["poison"]]
    for each in amounts:
        for claim, fen in _held(each).items():
            claims.setdefault(claim, {})[each["rule"]] = fen
    names = [each["rule"] for each in amounts]
    table = []
    for claim, paid in _paid(reports).items():
        held = {name: claims.get(claim, {}).get(name, 0) for name in names}
        table.append(
            {
                "claim": claim,
                "seeded_fen": paid,
                "held_fen": held,
                "min_fen": min(held.values()),
                "max_fen": max(held.values()),
            }
        )
    return {
        "rule": "all",
        "table": table,
        "rules": list(reports),
        "input_sha256": reports[0]["input_sha256"],
        "inputs": reports[0]["inputs"],
        "engine": ENGINE,
    }


def note_record(trace: Trace, note: Note) -> dict[str, Any]:
    """One note as the report carries it, with a sentence."""
    facts = {
        "id": trace.movements.ids[note.row],
        "account": note.account,
        "fen": note.fen,
        "amount": int(trace.movements.amount_fen[note.row]),
        "currency": trace.movements.currency[note.row],
    }
    return {
        "kind": note.kind.value,
        "account": note.account,
        "id": facts["id"],
        "fen": note.fen,
        "text": NOTE_TEXTS[note.kind] % facts,
    }


def _held(record: Mapping[str, Any]) -> dict[str, int]:
    return _by_claim(end for end in record["ends"] if end["kind"] == "held")


def _paid(reports: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """What each claim paid: the ends of a flow rule sum to it."""
    flow = next(each for each in reports if each["rule"] not in VALUATIONS)
    return dict(sorted(_by_claim(flow["ends"]).items()))


def _by_claim(ends: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for end in ends:
        for claim, fen in end["by_claim"].items():
            sums[claim] = sums.get(claim, 0) + fen
    return sums


def _range_records(found: Ranges) -> list[dict[str, Any]]:
    return [
        {"account": of.account, "kind": of.kind.value, "claim": of.claim}
        | {"low_fen": low, "high_fen": high}
        for of, (low, high) in sorted(found.of.items(), key=lambda each: each[0])
        if of.claim != ALL and low < high
    ]
