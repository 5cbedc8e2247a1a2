"""The fund flow as plain data: JSON for a screen, a demo and a test. No full number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fanzha.core.masking import mask_account
from fanzha.desk.flow.steps import DRAFTS
from fanzha.desk.flow.ways import moment
from fanzha.tracing.engine.model import ENGINE

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.desk.flow.placing import Line
    from fanzha.desk.flow.sheet import Entry, Sheet


def as_data(sheet: Sheet) -> dict[str, Any]:
    """Everything that the page shows: sums in fen, times in ISO 8601, nodes by opaque id."""
    placed = sheet.placed
    return {
        "case": sheet.case.number,
        "filed": sheet.case.filed_at is not None,
        "rule": sheet.flow.trace.rule,
        "engine": ENGINE,
        "input_sha256": sheet.flow.digest,
        "at": _iso(sheet.flow.given.at),
        "figures": sheet.picture.figures,
        "victims": [
            {"id": each.id, "paid_fen": each.paid_fen, "payments": len(each.claims)}
            for each in sheet.victims
        ],
        "picture": {
            "width": placed.width,
            "height": placed.height,
            "nodes": [_node(entry) for entry in sheet.entries],
            "edges": [_edge(sheet, line) for line in placed.lines],
        },
        "table": [_row(entry) for entry in sheet.entries],
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _node(entry: Entry) -> dict[str, Any]:
    box, node = entry.box, entry.node
    return {
        "id": node.id,
        "kind": node.kind,
        "exit": node.exit,
        "column": node.column,
        "x": box.x,
        "y": box.y,
        "width": box.width,
        "height": box.height,
        "accounts": node.accounts,
    }


def _edge(sheet: Sheet, line: Line) -> dict[str, Any]:
    edge = line.edge
    times = sorted(edge.rows)
    return {
        "id": edge.id,
        "source": edge.source,
        "target": edge.target,
        "fen": edge.fen,
        "count": len(edge.rows),
        "by_hand": len(sheet.flow.by_hand(edge.rows)),
        "first": _iso(moment(sheet.flow.trace, times[0])),
        "last": _iso(moment(sheet.flow.trace, times[-1])),
        "strips": [{"band": s.band, "fen": s.fen, "width": s.width} for s in line.strips],
    }


def _row(entry: Entry) -> dict[str, Any]:
    node, account = entry.node, entry.account
    return {
        "node": node.id,
        "kind": node.kind,
        "exit": node.exit,
        "tier": node.column,
        "account": "" if account is None or account.is_nameless else mask_account(account.number),
        "institution": account.institution_name if account else "",
        "institution_code": account.institution_code if account else "",
        **({} if entry.closed else _sums(entry)),
        "state": entry.state or "",
        "until": _iso(entry.until),
        "statement_until": _iso(account.until) if account else None,
        "next": [
            {"kind": step.kind, "fen": step.fen, "draft": step.kind in DRAFTS}
            for step in entry.steps
        ],
    }


def _sums(entry: Entry) -> dict[str, Any]:
    node = entry.node
    return {
        "received_fen": node.received_fen,
        "passed_fen": node.passed_fen,
        "here_fen": {str(fate): fen for fate, fen in node.here.items() if fen},
        "in_account_fen": entry.in_account_fen,
        "other_fen": entry.other_fen,
        "dwell_seconds": entry.dwell_seconds,
    }
