"""Signs beside the shapes: test transfers 测试小额, bursts, accounts run from one device.

They are taken from the rows of the accounts that traced money touched. Hints, no proof.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.core.refusal import gettext_noop
from fanzha.tracing.engine.model import OUTSIDE
from fanzha.tracing.shapes.model import tables
from fanzha.tracing.shapes.words import money_text, span_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.tracing.engine import Movements, Trace
    from fanzha.tracing.shapes.model import Network

ATTRIBUTES: Final = ("device", "ip", "mac")
TEST_TRANSFER: Final = gettext_noop(
    "%(small)s, and %(span)s later %(large)s to the same account: it may have been tried first."
)
BURST: Final = gettext_noop("%(count)d rows of %(money)s left the account within one second.")
GROUP: Final = gettext_noop("%(count)d accounts were used from the same %(kinds)s.")
COMMON: Final = gettext_noop(
    "%(count)d accounts used it: an address of a hall or a proxy joins nobody."
)


class TransferTest(NamedTuple):
    """A small row shortly before a large, traced one between the same two accounts."""

    payer: str
    payee: str
    small: int
    large: int
    facts: dict[str, object]

    @property
    def reason(self) -> str:
        """The sign in one sentence."""
        return TEST_TRANSFER % self.facts


class Burst(NamedTuple):
    """Rows out of one account at one second: quicker than a person types."""

    account: str
    time: int
    rows: tuple[int, ...]
    fen: int
    facts: dict[str, object]

    @property
    def reason(self) -> str:
        """The sign in one sentence."""
        return BURST % self.facts


class Group(NamedTuple):
    """Accounts joined by shared addresses, or one address that is too common to join any.

    `shared` are the (attribute, value) that at least two of the accounts used.
    """

    accounts: tuple[str, ...]
    shared: tuple[tuple[str, str], ...]
    joined: bool

    @property
    def reason(self) -> str:
        """The sign in one sentence."""
        kinds = ", ".join(dict.fromkeys(kind for kind, _ in self.shared))
        return (GROUP if self.joined else COMMON) % {"count": len(self.accounts), "kinds": kinds}


def find_test_transfers(trace: Trace, network: Network) -> list[TransferTest]:
    """Find, for every traced row, the newest small row shortly before it on the same way.

    A small row counts once, for the first large one after it. Sorted by the large row.
    """
    table = tables()["test_transfers"]
    movements = trace.movements
    found: list[TransferTest] = []
    used: set[int] = set()
    ways = _ways(movements, {(arc.payer, arc.payee) for arc in network.arcs})
    for arc in network.arcs:
        large = int(movements.amount_fen[arc.row])
        small = None
        for row in ways[arc.payer, arc.payee]:
            fen = int(movements.amount_fen[row])
            if row >= arc.row or not network.spend(1):
                break
            soon = arc.time - int(movements.time[row]) <= table["within_seconds"]
            if soon and fen <= table["small_fen"] and fen * table["times"] <= large:
                small = row
        if small is not None and small not in used:
            used.add(small)
            found.append(_transfer_test(trace, small, arc.row))
    return found


def _ways(movements: Movements, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], list[int]]:
    """All rows, traced or not, from one account to another, in `seq` order."""
    found: dict[tuple[int, int], list[int]] = {way: [] for way in wanted}
    for payer in {payer for payer, _ in wanted}:
        for row in movements.rows_touching(payer):
            way = int(movements.from_account[row]), int(movements.to_account[row])
            if way in found and way[0] == payer:
                found[way].append(row)
    return found


def _transfer_test(trace: Trace, small: int, large: int) -> TransferTest:
    movements = trace.movements
    seconds = int(movements.time[large]) - int(movements.time[small])
    facts: dict[str, object] = {
        "small": money_text(int(movements.amount_fen[small]), trace.currency),
        "large": money_text(int(movements.amount_fen[large]), trace.currency),
        "span": span_text(seconds),
    }
    payer = movements.name(int(movements.from_account[large]))
    payee = movements.name(int(movements.to_account[large]))
    return TransferTest(payer, payee, small, large, facts)


def find_bursts(trace: Trace, network: Network) -> list[Burst]:
    """Find the seconds in which several rows with traced money left one account.

    Rows whose second is not known do not count: a file with dates only has no bursts.
    """
    least = tables()["bursts"]["least_rows"]
    width = trace.movements.width
    groups: dict[tuple[int, int], list[int]] = {}
    fen: dict[tuple[int, int], int] = {}
    for arc in sorted([*network.arcs, *network.exits]):
        if arc.payer == OUTSIDE or width[arc.row] > 1:
            continue
        groups.setdefault((arc.time, arc.payer), []).append(arc.row)
        fen[arc.time, arc.payer] = fen.get((arc.time, arc.payer), 0) + arc.fen
    return [
        Burst(
            trace.movements.name(payer),
            time,
            tuple(rows),
            fen[time, payer],
            {"count": len(rows), "money": money_text(fen[time, payer], trace.currency)},
        )
        for (time, payer), rows in groups.items()
        if len(rows) >= least
    ]


def shared_groups(movements: Movements, attributes: Mapping[str, Mapping[str, str]]) -> list[Group]:
    """Join accounts that paid from the same device, IP or MAC (union-find).

    `attributes` is a side table: row id -> {"device" | "ip" | "mac": value}; a value belongs to
    the payer, who sent the row. Empty and placeholder values join nobody, nor does one that more
    than `most_accounts` used: it is listed alone, `joined` False. Raises KeyError for an
    attribute of another name. Groups in order of their first row; ids that no row has are
    passed over.
    """
    table = tables()["groups"]
    ignored = {plain(value) for value in table["ignored"]}
    users: dict[tuple[str, str], dict[int, None]] = {}
    for row, name in enumerate(movements.ids):
        payer = int(movements.from_account[row])
        for kind, value in attributes.get(name, {}).items():
            if kind not in ATTRIBUTES:
                raise KeyError(kind)
            if payer != OUTSIDE and plain(value) and plain(value) not in ignored:
                users.setdefault((kind, plain(value)), {})[payer] = None
    shared = {key: list(codes) for key, codes in users.items() if len(codes) > 1}
    common = {key for key, codes in shared.items() if len(codes) > table["most_accounts"]}
    parent: dict[int, int] = {}
    for key, codes in shared.items():
        for code in codes if key not in common else ():
            _join(parent, codes[0], code)
    joined: dict[int, tuple[set[int], list[tuple[str, str]]]] = {}
    for key, codes in shared.items():
        if key not in common:
            accounts, keys = joined.setdefault(_root(parent, codes[0]), (set(), []))
            accounts.update(codes)
            keys.append(key)
    groups = [_group(movements, codes, keys, joined=True) for codes, keys in joined.values()]
    return groups + [_group(movements, shared[key], [key], joined=False) for key in sorted(common)]


def plain(value: str) -> str:
    """An address without what is only its way of being written: `00-1A..` is `001a..`."""
    text = value.strip().lower()
    bare = re.sub(r"[-:.]", "", text)
    return bare if re.fullmatch(r"[0-9a-f]{12}", bare) else text


def _root(parent: dict[int, int], code: int) -> int:
    while parent.setdefault(code, code) != code:
        parent[code] = parent[parent[code]]
        code = parent[code]
    return code


def _join(parent: dict[int, int], one: int, other: int) -> None:
    roots = sorted((_root(parent, one), _root(parent, other)))
    parent[roots[1]] = roots[0]


def _group(
    movements: Movements,
    codes: set[int] | list[int],
    keys: list[tuple[str, str]],
    *,
    joined: bool,
) -> Group:
    return Group(tuple(map(movements.name, sorted(codes))), tuple(keys), joined)
