"""Hands a case to the engine, and says in which figures engine and reference differ."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hypothesis import settings

from fanzha.tracing.engine import (
    EXIT_KINDS,
    EndKind,
    Limits,
    NoteKind,
    account_ends,
    fates,
    tiers,
    trace,
)
from fanzha.tracing.engine.ranges import ranges
from tests.tracing.networks import ends_of, shares_of, traced
from tests.tracing.reference import Case, Replay, Rule, Touch, backward_ends, valued
from tests.tracing.reference import ranges as every_range

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.tracing.engine import Movements, Seeds, Trace

    EndKey = tuple[str, str, str]
    Part = tuple[int, int, str, int]

few: Final = settings(max_examples=40, deadline=None, derandomize=True)
NOTED: Final = {
    NoteKind.MISSING: "missing",
    NoteKind.OVERDRAFT: "overdrawn",
    NoteKind.REVERSAL_SHORT: "reversal_short",
}


class Figures(NamedTuple):
    """All figures of a result, by names alone."""

    ends: dict[EndKey, int]
    rows: dict[str, dict[str, int]]
    values: dict[tuple[str, str], int]


def figures(result: Trace) -> Figures:
    """Read the figures off a result."""
    values = {
        (value.account, claim): fen
        for value in result.valuations
        for claim, fen in value.by_claim.items()
        if fen
    }
    return Figures(ends_of(result), shares_of(result), values)


def engine(case: Case, rule: str, **more: Any) -> Trace:
    """Trace the case with the engine."""
    limits = case.limits
    return traced(
        case.rows,
        case.seeds,
        rule=rule,
        openings=case.openings,
        known=case.known,
        gap_kinds={account: EndKind(kind) for account, kind in case.gaps.items()},
        limits=Limits(
            limits.min_amount_fen, limits.max_hops, limits.hop_window, limits.max_transfers
        ),
        **more,
    )


def parts_of(result: Trace) -> dict[str, list[Part]]:
    """List per row id (lo, hi, claim, hop), touching pieces of one claim and hop joined."""
    found: dict[str, list[Part]] = {}
    for piece in result.pieces:
        name = result.movements.ids[piece.row]
        found.setdefault(name, []).append((piece.lo, piece.hi, piece.claim, piece.hop))
    return {name: joined(parts) for name, parts in found.items()}


def parts_in(replay: Replay) -> dict[str, list[Part]]:
    """List the same from the reference; whole fen only."""
    found = {}
    for name, lots in replay.carried.items():
        at, parts = 0, []
        for lot in lots:
            fen = int(lot.fen)
            if lot.owner is not None:
                parts.append((at, at + fen, lot.owner, lot.hop))
            at += fen
        if parts:
            found[name] = joined(parts)
    return found


def joined(parts: list[Part]) -> list[Part]:
    """Join touching parts of one claim and hop; no two may overlap."""
    whole: list[Part] = []
    for lo, hi, claim, hop in sorted(parts):
        assert not whole or whole[-1][1] <= lo, "two pieces share fen"
        touches = bool(whole) and whole[-1][1:] == (lo, claim, hop)
        whole.append((whole.pop()[0] if touches else lo, hi, claim, hop))
    return whole


def differences(case: Case, rule: Rule) -> list[str]:
    """Trace both ways by a flow rule; name every figure that differs."""
    result, replay = engine(case, rule.value), Replay(case, rule)
    found = _differ("end", ends_of(result), replay.ends)
    if rule is Rule.ROLLING_PRO_RATA:
        wanted = {
            name: {claim: fen for claim, fen in replay.shares(name).items() if claim and fen}
            for name in replay.carried
        }
        found += _differ("row", shares_of(result), {n: w for n, w in wanted.items() if w})
    else:
        found += _differ("row", parts_of(result), parts_in(replay))
        found += _differ("tier", tiers(result), replay.tiers())
    for note in result.notes:
        if note.kind in NOTED:
            wanted_fen = getattr(replay, NOTED[note.kind]).get(result.movements.ids[note.row], 0)
            # Under pro rata a note tells a fraction in whole fen.
            if abs(note.fen - wanted_fen) >= 1:
                key = result.movements.ids[note.row], note.kind.value
                found += _differ("note", {key: note.fen}, {key: wanted_fen})
    return found


def fate_differences(case: Case, rule: Rule) -> list[str]:
    """The same for what became of every row's money, of all claims and of each.

    Under pro rata the fates of a row are rounded among themselves: off by less than a fen. Limits
    of hops and of time, which cut parts of a row, are not asked for then: fates know one mixture.
    """
    if rule is Rule.ROLLING_PRO_RATA:
        case = replace(case, limits=replace(case.limits, max_hops=None, hop_window=None))
    result, replay = engine(case, rule.value), Replay(case, rule)
    ids = result.movements.ids
    found = []
    for claims in [set(case.seeds.values()), *({claim} for claim in case.seeds.values())]:
        wanted: dict[tuple[str, str, str], Any] = {}
        for (row, claim), fate in replay.fates.items():
            for (account, kind), fen in fate.items():
                if claim in claims:
                    wanted[row, account, kind] = wanted.get((row, account, kind), 0) + fen
        told = {
            (ids[row], account, kind.value): fen
            for row, fate in fates(result, claims).items()
            for (account, kind), fen in fate.items()
            if fen
        }
        found += [
            f"fate {key} of {sorted(claims)}: engine {told.get(key, 0)}, reference {fen}"
            for key, fen in (dict.fromkeys(told, 0) | wanted).items()
            if abs(told.get(key, 0) - fen) >= (1 if rule is Rule.ROLLING_PRO_RATA else 0.5)
        ]
    return found


def backward_differences(case: Case, rule: Rule) -> list[str]:
    """The same for backward tracing: the ends."""
    ends = ends_of(engine(case, rule.value, backward=True))
    return _differ("backward end", ends, backward_ends(case, rule))


def value_differences(case: Case, valuation: str, flow_rule: Rule) -> list[str]:
    """The same for a valuation."""
    case = sure_limits(case) if valuation == "timestamp_ladder" else case
    result = engine(case, valuation, flow_rule=flow_rule.value)
    values = {
        value.account: (value.cap_fen, {c: fen for c, fen in value.by_claim.items() if fen})
        for value in result.valuations
    }
    wanted = {
        account: (share.cap_fen, {c: fen for c, fen in share.by_claim.items() if fen})
        for account, share in valued(case, valuation, flow_rule).items()
    }
    return _differ(valuation, values, wanted)


def reach_differences(case: Case) -> list[str]:
    """The same for poison: which claims came to which row by how many hops, and the ends."""
    result, touch = engine(case, "poison"), Touch(case)
    ids = result.movements.ids
    hops: dict[str, dict[str, int]] = {}
    for piece in result.pieces:
        assert (piece.lo, piece.hi) == (0, int(result.movements.amount_fen[piece.row]))
        assert piece.claim not in hops.get(ids[piece.row], {}), "a claim came twice"
        hops.setdefault(ids[piece.row], {})[piece.claim] = piece.hop
    once = {(end.account, end.kind.value): end.fen for end in account_ends(result)}
    return [
        *_differ("reach", hops, touch.rows),
        *_differ("end", ends_of(result), touch.ends),
        *_differ("counted once", once, touch.once),
    ]


def sure_limits(case: Case) -> Case:
    """Ask for no limit that looks beyond one account, or at times that are not sure.

    A hop window has no sure length where times are known to the day only; `max_transfers` counts
    rows of all accounts, in the order in which they stand.
    """
    sure = all(row.width == 1 for row in case.rows)
    window = case.limits.hop_window if sure else None
    return replace(case, limits=replace(case.limits, hop_window=window, max_transfers=None))


def range_differences(case: Case, rule: Rule) -> list[str]:
    """The same for the least and the most of every end over all orders that are possible.

    An outer bound need only hold what lies or left by exits, and the ends of the point figure.
    """
    case = sure_limits(case)
    start = engine(case, rule.value)

    def traced_so(movements: Movements, seeds: Seeds) -> Trace:
        return trace(
            movements,
            seeds,
            rule=rule.value,
            openings=case.openings,
            known=case.known,
            limits=start.limits,
            gap_kinds=start.given.gap_kinds,
        )

    found = ranges(start.movements, start.seeds, traced_so)
    wanted = every_range(case, rule)
    told = {(end.account, end.kind.value, end.claim): both for end, both in found.of.items()}
    if found.outer:
        bounded = {EndKind.HELD, *EXIT_KINDS}
        return [
            f"outer range {key}: engine {told.get(key)}, reference {both}"
            for key, both in wanted.items()
            if (key in told and not told[key][0] <= both[0] <= both[1] <= told[key][1])
            or (key not in told and key[1] in bounded and case.gap(key[0]) is None)
        ]
    point = ends_of(start)
    for (account, kind, _), fen in ends_of(start).items():
        point[account, kind, ""] = point.get((account, kind, ""), 0) + fen
    depends = {}
    for key in {*wanted, *point}:
        at = point.get(key, 0)
        if wanted.get(key, (0, 0)) != (at, at):
            depends[key] = wanted.get(key, (0, 0))
    return _differ("range", told, depends)


def _differ(what: str, engine: Mapping[Any, Any], reference: Mapping[Any, Any]) -> list[str]:
    return [
        f"{what} {key}: engine {engine.get(key)}, reference {reference.get(key)}"
        for key in sorted({*engine, *reference}, key=str)
        if engine.get(key) != reference.get(key)
    ]
