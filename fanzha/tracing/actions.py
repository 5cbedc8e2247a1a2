"""Writes of tracing: keeping a result with all that is needed to replay it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fanzha.identity.acting import Actor, action, record, root_path
from fanzha.tracing.engine import ENGINE, RULE_VERSIONS, account_ends, row_shares
from fanzha.tracing.models import StoredTrace

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.tracing.engine import Trace


@action("trace.run", system=True)
def store(
    by: Actor,
    case_id: int,
    trace: Trace,
    *,
    digest: str,
    figures: dict[str, int],
    until: dict[str, str],
    at: datetime,
    ground: Ground,
) -> StoredTrace:
    """Keep the result; the same input (`digest`) with the same figures is kept once."""
    last = StoredTrace.objects.filter(case_id=case_id).order_by("-id").first()
    if last and last.input_sha256 == digest and last.result["figures"] == figures:
        record("trace", str(last.pk), case_id=case_id, unchanged=True)
        return last
    stored = StoredTrace.objects.create(
        case_id=case_id, rule=trace.rule, input_sha256=digest, engine=ENGINE,
        seeded_fen=trace.seeded_fen, computed_at=at, unit_path=root_path(),
        result=_result(trace) | {"figures": figures, "until": until},
    )  # fmt: skip
    facts: dict[str, Any] = {"rule": trace.rule, "input_sha256": digest, **figures}
    record("trace", str(stored.pk), case_id=case_id, **facts)
    return stored


def _result(trace: Trace) -> dict[str, Any]:
    ids = trace.movements.ids
    return {
        "rule_version": RULE_VERSIONS[trace.rule],
        "ends": [
            {"account": e.account, "kind": e.kind, "fen": e.fen, "by_claim": e.by_claim}
            for e in account_ends(trace)
        ],
        "pieces": [
            {"id": ids[s.row], "fen": s.fen, "by_claim": s.by_claim} for s in row_shares(trace)
        ],
        "notes": [[ids[n.row], n.kind, n.account, n.fen] for n in trace.notes],
    }
