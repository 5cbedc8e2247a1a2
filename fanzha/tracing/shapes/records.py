"""Everything that is seen on a traced network, as a record that becomes JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fanzha.core.refusal import gettext_noop
from fanzha.tracing.shapes.find import find_shapes
from fanzha.tracing.shapes.model import network_of, tables, usual_bounds
from fanzha.tracing.shapes.roles import roles_of
from fanzha.tracing.shapes.signs import find_bursts, find_test_transfers, shared_groups

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.tracing.engine import Trace
    from fanzha.tracing.shapes.model import Bounds, Shape
    from fanzha.tracing.shapes.roles import AccountRole

MEANING = gettext_noop("For screening only: a name is a hint to look, not a proof.")


def shape_records(
    trace: Trace,
    *,
    attributes: Mapping[str, Mapping[str, str]] | None = None,
    bounds: Bounds | None = None,
) -> dict[str, Any]:
    """Make the record of a trace's shapes, roles and signs; rows by their ids.

    Keys: `version`, `meaning`, `shapes`, `roles`, `test_transfers`, `bursts`, `groups`, `notes`
    (what the search left out), `steps`. `attributes` as in `shared_groups`.
    """
    ids = trace.movements.ids
    found = find_shapes(trace, bounds)
    network = network_of(trace, bounds or usual_bounds())
    return {
        "version": tables()["version"],
        "meaning": MEANING,
        "shapes": [shape_record(trace, shape) for shape in found.shapes],
        "roles": [role_record(role) for role in roles_of(trace)],
        "test_transfers": [
            {"from_account": one.payer, "to_account": one.payee, "reason": one.reason}
            | {"small": ids[one.small], "large": ids[one.large]}
            for one in find_test_transfers(trace, network)
        ],
        "bursts": [
            {"account": one.account, "time": one.time, "fen": one.fen, "reason": one.reason}
            | {"rows": [ids[row] for row in one.rows]}
            for one in find_bursts(trace, network)
        ],
        "groups": [
            {"accounts": list(one.accounts), "joined": one.joined, "reason": one.reason}
            | {"shared": [{"kind": kind, "value": value} for kind, value in one.shared]}
            for one in shared_groups(trace.movements, attributes or {})
        ],
        "notes": [note.text for note in found.notes],
        "steps": found.steps,
    }


def shape_record(trace: Trace, shape: Shape) -> dict[str, Any]:
    """One shape; `fen` is what it moved, counted once."""
    return {
        "kind": shape.kind.value,
        "accounts": list(shape.accounts),
        "layers": [list(layer) for layer in shape.layers],
        "rows": [trace.movements.ids[row] for row in shape.rows],
        "fen": shape.fen,
        "window": list(shape.window),
        "payments": shape.payments,
        "connected": shape.connected,
        "reason": shape.reason,
    }


def role_record(role: AccountRole) -> dict[str, Any]:
    """One account's role."""
    return {
        "account": role.account,
        "role": role.role.value,
        "came_fen": role.came_fen,
        "gone_fen": role.gone_fen,
        "held_fen": role.held_fen,
        "dwell_seconds": role.dwell,
        "reason": role.reason,
    }
