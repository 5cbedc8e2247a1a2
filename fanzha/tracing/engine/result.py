"""The result of a trace, and the ways to read it: by account, by row, by fate, by tier."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeVar

from fanzha.tracing.engine.model import REACH, EndKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from fanzha.tracing.engine.given import Given
    from fanzha.tracing.engine.limits import Limits
    from fanzha.tracing.engine.model import Movements, Note, Seeds

NO_PIECE: Final = -1
Key = TypeVar("Key", int, tuple[str, EndKind])


class Piece(NamedTuple):
    """Fen `lo..hi` of transfer `row`, followed for `claim`; `hop` 0 is the victim's payment.

    `parent` is the index of the piece that it is a part of one transfer earlier, or NO_PIECE: so
    for payments of victims, and where money is mixed (`rolling_pro_rata`, `poison`).
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


class Valuation(NamedTuple):
    """What can be claimed of what lies in one account, under a rule that is not a flow.

    `cap_fen` is the sum of the ceilings under the LIBR rules, else the balance at the end;
    `share_fen` the sum of `by_claim`.
    """

    account: str
    rule: str
    cap_fen: int
    share_fen: int
    by_claim: dict[str, int]


class Exactness(NamedTuple):
    """Whether the figures are `exact`, or `bounded`: off by at most so many fen each."""

    kind: str = "exact"
    largest_deviation_fen: float = 0.0


EXACT: Final = Exactness()


class Paused(Protocol):
    """A trace that stopped before its end, and can go on."""

    def go_on(self, stop: Callable[[], bool] | None = None) -> Trace:
        """Go on from here; what was paused stays as it is."""
        ...


class Mixed(Protocol):
    """How money went under a rule that keeps no fen apart, so that there are no pieces."""

    def shares(self) -> list[RowShare]:
        """The traced part of every row, in `seq` order."""
        ...

    def fates(
        self, claims: Collection[str] | None
    ) -> Mapping[int, Mapping[tuple[str, EndKind], int]]:
        """The ends of the traced part of every row."""
        ...

    def hops(self) -> Iterable[tuple[int, int]]:
        """Rows that carry traced money, each with the least hop that it has."""
        ...


@dataclass(frozen=True, eq=False)
class Trace:
    """What became of the seeds.

    Pieces come after their parents; ends sum to the seeds, per claim, if `rule` is a flow rule. For
    a valuation the pieces are those of its `flow` and the ends its shares. `mixed` stands in for
    pieces under `rolling_pro_rata`. `once` sums ends under `poison`, where one fen counts for every
    claim that touched it. `unfinished` are the ends of what was not walked.
    """

    given: Given
    pieces: tuple[Piece, ...]
    ends: tuple[End, ...]
    notes: tuple[Note, ...]
    valuations: tuple[Valuation, ...] = ()
    exactness: Exactness = EXACT
    mixed: Mixed | None = None
    flow: Trace | None = None
    once: Mapping[tuple[str, EndKind], int] | None = None
    unfinished: tuple[End, ...] = ()
    paused: Paused | None = None

    @property
    def movements(self) -> Movements:
        """The rows."""
        return self.given.movements

    @property
    def seeds(self) -> Seeds:
        """The victims' payments."""
        return self.given.seeds

    @property
    def rule(self) -> str:
        """The rule that was asked for."""
        return self.given.rule

    @property
    def limits(self) -> Limits:
        """What was followed."""
        return self.given.limits

    @property
    def currency(self) -> str:
        """The currency that the trace runs in."""
        return self.given.currency

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
    once = trace.once
    sums = _by_claim(((end.account, end.kind), end.claim, end.fen) for end in trace.ends)
    return [
        AccountEnd(*of, sum(claims.values()) if once is None else once[of], claims)
        for of, claims in sums.items()
    ]


def row_shares(trace: Trace) -> list[RowShare]:
    """Sum the traced part of every row that carries any, in `seq` order; payments included."""
    if trace.mixed is not None:
        return trace.mixed.shares()
    sums = _by_claim((piece.row, piece.claim, piece.hi - piece.lo) for piece in trace.pieces)
    whole = max if trace.rule == REACH else sum
    return [RowShare(row, whole(claims.values()), claims) for row, claims in sums.items()]


def _by_claim(parts: Iterable[tuple[Key, str, int]]) -> dict[Key, dict[str, int]]:
    """Sum fen by key and claim, both in order. Plain dicts: there are ten thousand small ones."""
    sums: dict[Key, dict[str, int]] = {}
    for key, claim, fen in parts:
        claims = sums.get(key)
        if claims is None:
            sums[key] = {claim: fen}
        else:
            claims[claim] = claims.get(claim, 0) + fen
    ordered = sorted(sums.items())
    return {
        key: claims if len(claims) == 1 else dict(sorted(claims.items())) for key, claims in ordered
    }


def fates(
    trace: Trace, claims: Collection[str] | None = None
) -> Mapping[int, Mapping[tuple[str, EndKind], int]]:
    """Find, per row, its traced fen by (account, kind) of the end that those very fen came to.

    Each row's fates sum to its traced fen. `claims` narrows to some victims' payments. Those of a
    valuation are those of its flow; `poison` knows no amounts, so none sum to anything there.
    """
    flow = trace.flow or trace
    if flow.mixed is not None:
        return flow.mixed.fates(claims)
    found: dict[int, Counter[tuple[str, EndKind]]] = {}
    for end in flow.ends:
        if claims is not None and end.claim not in claims:
            continue
        at = end.piece
        while at != NO_PIECE:
            piece = flow.pieces[at]
            found.setdefault(piece.row, Counter())[end.account, end.kind] += end.fen
            at = piece.parent
    return found


def tiers(trace: Trace) -> Mapping[str, int]:
    """Find the tier (级) of every account reached: 1 where a victim paid in, 2 one hop on."""
    hops = ((piece.row, piece.hop) for piece in trace.pieces)
    found: dict[str, int] = {}
    for row, hop in trace.mixed.hops() if trace.mixed is not None else hops:
        account = trace.movements.name(int(trace.movements.to_account[row]))
        if account:
            found[account] = min(found.get(account, hop + 1), hop + 1)
    return found
