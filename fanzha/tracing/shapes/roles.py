"""Roles of the accounts that traced money reached: pass-through 过账户, holding 沉淀账户."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.core.refusal import gettext_noop
from fanzha.tracing.engine import EndKind
from fanzha.tracing.shapes.model import network_of, tables, total, usual_bounds
from fanzha.tracing.shapes.words import money_text, span_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fanzha.tracing.engine import Movements, Trace
    from fanzha.tracing.shapes.model import Arc


class Role(StrEnum):
    """What an account did with the traced money."""

    PASS_THROUGH = "pass_through"  # noqa: S105 - a role of an account, no secret
    HOLDING = "holding"


ROLE_NAMES: Final[Mapping[Role, str]] = {
    Role.PASS_THROUGH: gettext_noop("pass-through account"),
    Role.HOLDING: gettext_noop("holding account"),
}
ROLE_REASONS: Final[Mapping[Role, str]] = {
    Role.PASS_THROUGH: gettext_noop(
        "%(gone)s of %(came)s went on, half of it within %(dwell)s: the account hands money on."
    ),
    Role.HOLDING: gettext_noop(
        "%(left)s of %(came)s still lie there: the account is a place to hold money."
    ),
}


class AccountRole(NamedTuple):
    """An account with a role, in traced fen; `dwell` is the time by which half had gone on."""

    account: str
    role: Role
    came_fen: int
    gone_fen: int
    held_fen: int
    dwell: int | None
    facts: dict[str, object]

    @property
    def reason(self) -> str:
        """Why the account has this role, in one sentence."""
        return ROLE_REASONS[self.role] % self.facts


def roles_of(trace: Trace) -> list[AccountRole]:
    """Name the accounts that handed on, or hold, most of the traced money that reached them.

    Pass-through: nearly all went on (exits count), half of it within minutes, in first-in
    first-out order of the account's traced rows; and where the bank states a balance after the
    last traced row out, that is near zero. Holding: at least half is held at the end. Numbers:
    `data/shapes.yaml`. Accounts whose rows are not known have no role. Largest first.
    """
    network = network_of(trace, usual_bounds()._replace(carried_permille=0, most_rows=2**62))
    rows = sorted([*network.arcs, *network.exits])
    ins, outs = _by_end(rows, payee=True), _by_end(rows, payee=False)
    held = {end.account: 0 for end in trace.ends}
    for end in trace.ends:
        held[end.account] += end.fen * (end.kind is EndKind.HELD)
    table = tables()["roles"]
    least = trace.seeded_fen * table["least_share"]
    found = []
    for code, came in ins.items():
        if code < 0 or total(came) < least:
            continue
        name = trace.movements.name(code)
        gone = outs.get(code, [])
        role = _role(trace.movements, table, came, gone, held.get(name, 0))
        if role:
            found.append(_account_role(trace, name, role, came, gone, held.get(name, 0)))
    return sorted(found, key=lambda one: -one.came_fen)


def _by_end(rows: Sequence[Arc], *, payee: bool) -> dict[int, list[Arc]]:
    found: dict[int, list[Arc]] = {}
    for arc in rows:
        found.setdefault(arc.payee if payee else arc.payer, []).append(arc)
    return found


def _role(
    movements: Movements,
    table: Mapping[str, float],
    came: Sequence[Arc],
    gone: Sequence[Arc],
    held: int,
) -> Role | None:
    arrived = total(came)
    if held >= arrived * table["left_share"]:
        return Role.HOLDING
    if total(gone) < arrived * table["passed_share"] or not gone:
        return None
    dwell = dwell_of(came, gone)
    if dwell is None or dwell > table["dwell_seconds"]:
        return None
    # A balance that is not stated stands as the lowest number: it forbids nothing.
    balance = int(movements.balance_from_fen[gone[-1].row])
    near_zero = arrived * (1 - table["passed_share"])
    return Role.PASS_THROUGH if balance <= near_zero else None


def dwell_of(came: Sequence[Arc], gone: Sequence[Arc]) -> int | None:
    """The time by which half of the onward money had left, each fen from its own arrival.

    Rows in `seq` order; the fen that came first leave first. None if nothing went on.
    """
    waiting = [[arc.arrives, arc.fen] for arc in came]
    stays: list[tuple[int, int]] = []
    at = 0
    for arc in gone:
        left = arc.fen
        while left and at < len(waiting):
            part = min(left, waiting[at][1])
            if part:
                stays.append((max(arc.time - waiting[at][0], 0), part))
            left -= part
            waiting[at][1] -= part
            at += not waiting[at][1]
    half, passed = sum(fen for _, fen in stays), 0
    for stay, fen in sorted(stays):
        passed += fen
        if 2 * passed >= half:
            return stay
    return None


def _account_role(
    trace: Trace, name: str, role: Role, came: Sequence[Arc], gone: Sequence[Arc], held: int
) -> AccountRole:
    dwell = dwell_of(came, gone)
    facts: dict[str, object] = {
        "came": money_text(total(came), trace.currency),
        "gone": money_text(total(gone), trace.currency),
        "left": money_text(held, trace.currency),
        "dwell": span_text(dwell or 0),
    }
    return AccountRole(name, role, total(came), total(gone), held, dwell, facts)
