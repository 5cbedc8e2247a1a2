"""The ordinary payments of a city in columns, and the schemes laid into them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from fanzha.simulation.networks.shapes import CASH, SHAPES, VICTIM, Leg, Played, Scheme, play

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.random import Generator
    from numpy.typing import NDArray

OUTSIDE: Final = -1
EXITS: Final = ("cash", "merchant", "payment_institution", "crypto_otc", "fee", "unknown")
FIRST_SECOND: Final = 1_767_225_600
DAYS: Final = 90
DAY: Final = 86_400
ROWS_PER_ACCOUNT: Final = 10
ROWS_PER_SCHEME: Final = 20_000
CHUNK: Final = 5_000_000
EXIT_SHARE, PAY_SHARE = 0.05, 0.05
MIXED_SHARE: Final = 0.3
MIXED_ROWS: Final = 3
PAYS_SHARE: Final = 0.5
PAYER_TAIL, PAYEE_TAIL = 1.25, 2.0
"""An account's rank is drawn as a uniform number to this power: few accounts have most rows.

People pay about equally often; what they pay goes to shops and firms above all.
"""


@dataclass(frozen=True, eq=False)
class Network:
    """Rows in order of time. Accounts are numbers from 0, OUTSIDE is the world around them.

    `time` (seconds), `payer`, `payee` (int32), `fen`, `channel` (index into EXITS, counts only
    where the payee is OUTSIDE); `opening_fen` per account. `scheme_of` tells per row which of
    `schemes` it belongs to, -1 for ordinary life.
    """

    time: NDArray[np.int64]
    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    fen: NDArray[np.int64]
    channel: NDArray[np.uint8]
    scheme_of: NDArray[np.int32]
    opening_fen: NDArray[np.int64]
    schemes: tuple[Scheme, ...]

    @property
    def accounts(self) -> int:
        """How many accounts there are."""
        return len(self.opening_fen)


class _Placed(NamedTuple):
    """A played scheme with the numbers of its accounts, and whether others pay them too."""

    shape: str
    played: Played
    first: int
    mixed: bool


def network(rows: int, seed: int = 0) -> Network:
    """Make about `rows` rows by chance: at least one scheme of every shape."""
    chance = np.random.default_rng(seed)
    ordinary = max(rows // ROWS_PER_ACCOUNT, 20)
    placed = _place(max(rows // ROWS_PER_SCHEME, len(SHAPES)), ordinary, chance)
    accounts = ordinary + sum(each.played.accounts for each in placed)
    legs, owners = _rows_of(placed, ordinary, chance)
    columns = _ordinary(max(rows - len(legs), 1), ordinary, chance)
    columns, at, order = _laid(columns, legs)
    scheme_of = np.full(len(columns["fen"]), -1, np.int32)
    scheme_of[at] = np.array(owners, np.int32)[order]
    row_of = np.empty(len(legs), np.int64)
    row_of[order] = at
    opening = np.zeros(accounts, np.int64)
    opening[:ordinary] = chance.lognormal(14.5, 1.0, ordinary).astype(np.int64)
    schemes = tuple(
        _scheme(each, rows) for each, rows in zip(placed, _cut(placed, row_of), strict=True)
    )
    return Network(**columns, scheme_of=scheme_of, opening_fen=opening, schemes=schemes)


def _place(count: int, ordinary: int, chance: Generator) -> list[_Placed]:
    names, first, placed = list(SHAPES), ordinary, []
    for number in range(count):
        shape = names[number % len(names)]
        starts_at = FIRST_SECOND + int(chance.integers(0, (DAYS - 10) * DAY))
        played = play(shape, starts_at, chance)
        placed.append(_Placed(shape, played, first, bool(chance.random() < MIXED_SHARE)))
        first += played.accounts
    return placed


def _rows_of(
    placed: Sequence[_Placed], ordinary: int, chance: Generator
) -> tuple[list[Leg], list[int]]:
    """All rows of schemes with their accounts, and the scheme of each; -1 for what is mixed in."""
    legs: list[Leg] = []
    owners: list[int] = []
    for number, (_, played, first, _) in enumerate(placed):
        for leg in [*played.payments, *played.legs]:
            payer = int(chance.integers(0, ordinary)) if leg.payer == VICTIM else first + leg.payer
            payee = OUTSIDE if leg.payee == CASH else first + leg.payee
            legs.append(Leg(leg.time, payer, payee, leg.fen))
            owners.append(number)
    for each in placed:
        if each.mixed:
            noise = list(_noise(each, ordinary, chance))
            legs += noise
            owners += [-1] * len(noise)
    return legs, owners


def _noise(placed: _Placed, ordinary: int, chance: Generator) -> Iterator[Leg]:
    """Ordinary payments into and out of a scheme's accounts, around the time of its own."""
    times = [leg.time for leg in placed.played.legs]
    for account in range(placed.played.accounts):
        for _ in range(MIXED_ROWS):
            time = int(chance.integers(min(times) - DAY, max(times) + DAY))
            mine, other = placed.first + account, int(chance.integers(0, ordinary))
            pair = (mine, other) if chance.random() < PAYS_SHARE else (other, mine)
            yield Leg(time, *pair, int(chance.lognormal(10, 1)) + 1)


def _ordinary(rows: int, accounts: int, chance: Generator) -> dict[str, NDArray[Any]]:
    """Ordinary rows in order of time, made chunk by chunk so that 1e8 rows fit."""
    names = chance.permutation(accounts).astype(np.int32)
    time = np.empty(rows, np.int64)
    payer, payee = np.empty(rows, np.int32), np.empty(rows, np.int32)
    fen, channel = np.empty(rows, np.int64), np.empty(rows, np.uint8)
    gap, now = DAYS * DAY / rows, float(FIRST_SECOND)
    for start in range(0, rows, CHUNK):
        part = slice(start, min(start + CHUNK, rows))
        size = part.stop - start
        moments = now + np.cumsum(
            chance.standard_exponential(size, np.float32) * np.float32(gap), dtype=np.float64
        )
        time[part], now = moments.astype(np.int64), float(moments[-1])
        payer[part] = names[_ranks(size, accounts, PAYER_TAIL, chance)]
        payee[part] = names[_ranks(size, accounts, PAYEE_TAIL, chance)]
        same = np.flatnonzero(payer[part] == payee[part]) + start
        payee[same] = (payee[same] + 1) % accounts
        fen[part] = np.exp(10 + 1.5 * chance.standard_normal(size, np.float32)).astype(np.int64) + 1
        kind = chance.random(size, np.float32)
        payee[part][kind < EXIT_SHARE] = OUTSIDE
        payer[part][kind > 1 - PAY_SHARE] = OUTSIDE
        channel[part] = chance.integers(0, len(EXITS), size, np.uint8)
    return {"time": time, "payer": payer, "payee": payee, "fen": fen, "channel": channel}


def _ranks(size: int, accounts: int, tail: float, chance: Generator) -> NDArray[np.int64]:
    return (accounts * chance.random(size) ** tail).astype(np.int64)


def _laid(
    columns: dict[str, NDArray[Any]], legs: Sequence[Leg]
) -> tuple[dict[str, NDArray[Any]], NDArray[np.int64], NDArray[np.int64]]:
    """Lay the legs among the rows: the columns, the places of the legs, and the legs' order."""
    times = np.array([leg.time for leg in legs], np.int64)
    order = np.argsort(times, kind="stable")
    before = np.searchsorted(columns["time"], times[order], side="right")
    at = before + np.arange(len(legs))
    total = len(columns["fen"]) + len(legs)
    mine = np.zeros(total, np.bool_)
    mine[at] = True
    added: dict[str, NDArray[Any]] = {"time": times, "channel": np.zeros(len(legs), np.uint8)}
    added["payer"] = np.array([leg.payer for leg in legs], np.int32)
    added["payee"] = np.array([leg.payee for leg in legs], np.int32)
    added["fen"] = np.array([leg.fen for leg in legs], np.int64)
    whole = {name: np.empty(total, column.dtype) for name, column in columns.items()}
    for name, column in columns.items():
        whole[name][at] = added[name][order]
        whole[name][~mine] = column
    return whole, at, order


def _cut(placed: Sequence[_Placed], row_of: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    start = 0
    for each in placed:
        stop = start + len(each.played.payments) + len(each.played.legs)
        yield row_of[start:stop]
        start = stop


def _scheme(placed: _Placed, rows: NDArray[np.int64]) -> Scheme:
    shape, played, first, mixed = placed
    paid = len(played.payments)
    return Scheme(
        shape=shape,
        accounts=tuple(range(first, first + played.accounts)),
        payments=tuple(rows[:paid].tolist()),
        legs=tuple(rows[paid:].tolist()),
        held={first + at: fen for at, fen in played.left.items()},
        cash_fen=played.cash_fen,
        mixed=mixed,
    )
