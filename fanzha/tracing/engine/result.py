"""The result of a trace, and the ways to read it: by account, by row, by fate, by tier."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from fanzha.tracing.engine.model import EndKind, Movements, Note, Seeds

NO_PIECE: Final = -1


class Piece(NamedTuple):
    """Fen `lo..hi` of transfer `row`, followed for `claim`; `hop` 0 is the victim's payment.

    `parent` is the index of the piece that it is a part of one transfer earlier, or NO_PIECE.
    """

    row: int
    lo: int
    hi: int
    claim: str
    parent: int
    hop: int


class End(NamedTuple):
    """The last known place of some fen of `piece`: `account` is where they lie or last lay."""

    account: str
    kind: EndKind
    fen: int
    claim: str
    piece: int


class AccountEnd(NamedTuple):
    """All ends of one kind at one account."""

    account: str
    kind: EndKind
    fen: int
    by_claim: dict[str, int]


class RowShare(NamedTuple):
    """The traced part of one row."""

    row: int
    fen: int
    by_claim: dict[str, int]


@dataclass(frozen=True, eq=False)
class Trace:
    """Pieces come after their parents; ends sum to the seeds, per claim."""

    movements: Movements
    seeds: Seeds
    rule: str
    currency: str
    pieces: tuple[Piece, ...]
    ends: tuple[End, ...]
    notes: tuple[Note, ...]

    @property
    def seeded_fen(self) -> int:
        """What the victims paid, in fen."""
        return sum(seeded_by_claim(self.movements, self.seeds).values())


def seeded_by_claim(movements: Movements, seeds: Seeds) -> Counter[str]:
    """Sum what the victims paid, in fen per claim."""
    paid: Counter[str] = Counter()
    for row, claim in zip(seeds.rows, seeds.claims, strict=True):
        paid[claim] += int(movements.amount_fen[row])
    return paid


def account_ends(trace: Trace) -> list[AccountEnd]:
    """Sum the ends by account and kind, in that order."""
    sums: dict[tuple[str, EndKind], Counter[str]] = {}
    for end in trace.ends:
        sums.setdefault((end.account, end.kind), Counter())[end.claim] += end.fen
    return [
        AccountEnd(account, kind, claims.total(), dict(sorted(claims.items())))
        for (account, kind), claims in sorted(sums.items())
    ]


def row_shares(trace: Trace) -> list[RowShare]:
    """Sum the traced part of every row that carries any, in `seq` order; payments included."""
    sums: dict[int, Counter[str]] = {}
    for piece in trace.pieces:
        sums.setdefault(piece.row, Counter())[piece.claim] += piece.hi - piece.lo
    return [
        RowShare(row, claims.total(), dict(sorted(claims.items())))
        for row, claims in sorted(sums.items())
    ]


def fates(
    trace: Trace, claims: Collection[str] | None = None
) -> Mapping[int, Mapping[tuple[str, EndKind], int]]:
    """Find, per row, its traced fen by (account, kind) of the end that those very fen came to.

    Each row's fates sum to its traced fen. `claims` narrows to some victims' payments.
    """
    found: dict[int, Counter[tuple[str, EndKind]]] = {}
    for end in trace.ends:
        if claims is not None and end.claim not in claims:
            continue
        at = end.piece
        while at != NO_PIECE:
            piece = trace.pieces[at]
            found.setdefault(piece.row, Counter())[end.account, end.kind] += end.fen
            at = piece.parent
    return found


def tiers(trace: Trace) -> Mapping[str, int]:
    """Find the tier (级) of every account reached: 1 where a victim paid in, 2 one hop on."""
    found: dict[str, int] = {}
    for piece in trace.pieces:
        account = trace.movements.name(int(trace.movements.to_account[piece.row]))
        if account:
            found[account] = min(found.get(account, piece.hop + 1), piece.hop + 1)
    return found
