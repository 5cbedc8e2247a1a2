"""The fate of traced money, five kinds that add up to what was paid: pure.

stopped: in an account that a stop makes receive-only; frozen; in transit: known or believed to be
in an account that nobody stopped; unknown: we cannot see where it is; gone: it left by a known
exit. Money that came back to the victim is no loss and is shown apart.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

Part = TypeVar("Part")


class Fate(StrEnum):
    """Where the money stands, in the order of the bar."""

    STOPPED = "stopped"
    FROZEN = "frozen"
    TRANSIT = "transit"
    UNKNOWN = "unknown"
    GONE = "gone"
    RETURNED = "returned"


FATE_OF_END: Mapping[str, Fate] = {
    "held": Fate.TRANSIT,
    "not_queried": Fate.TRANSIT,
    "no_reply": Fate.UNKNOWN,
    "refused": Fate.UNKNOWN,
    "truncated": Fate.UNKNOWN,
    "missing": Fate.UNKNOWN,
    "overdraft": Fate.UNKNOWN,
    "beyond_limits": Fate.UNKNOWN,
    "currency_exchange": Fate.UNKNOWN,
    "unknown": Fate.UNKNOWN,
    "payment_institution": Fate.UNKNOWN,
    "cash": Fate.GONE,
    "merchant": Fate.GONE,
    "crypto_otc": Fate.GONE,
    "fee": Fate.GONE,
    "returned_to_victim": Fate.RETURNED,
}
IN_THE_ACCOUNT = frozenset({"held", "not_queried", "no_reply", "refused", "truncated"})
"""Ends whose money lies, or may lie, in the account itself: a hold there can secure it."""
EXITS = frozenset({"cash", "merchant", "payment_institution", "crypto_otc", "fee", "unknown"})


@dataclass(frozen=True)
class Hold:
    """What holds an account now: a stop, a freeze of so many fen (None: whole), or both."""

    stopped_until: datetime | None = None
    stop_balance_fen: int | None = None
    frozen_until: datetime | None = None
    frozen_fen: int | None = None


NO_HOLD = Hold()


def split(kind: str, fen: int, hold: Hold, *, frozen_left: int | None = None) -> Counter[Fate]:
    """Split the traced fen of one end by fate; the parts sum to `fen`.

    Under a limited freeze at most `frozen_left` fen are frozen. Where no statement shows what is in
    the account (a gap), a stop secures at most the balance that the bank stated with it.
    """
    parts: Counter[Fate] = Counter()
    if kind not in IN_THE_ACCOUNT:
        parts[FATE_OF_END[kind]] = fen
        return parts
    left = fen
    if hold.frozen_until is not None:
        room = left if frozen_left is None else min(left, frozen_left)
        parts[Fate.FROZEN] = room
        left -= room
    if hold.stopped_until is not None and left:
        seen = kind == "held" or hold.stop_balance_fen is None
        secured = left if seen else min(left, max(hold.stop_balance_fen or 0, 0))
        parts[Fate.STOPPED] = secured
        left -= secured
        if left:
            # The bank says less is there than came in: the rest has moved on, nobody knows where.
            parts[Fate.UNKNOWN] += left
            left = 0
    if left:
        parts[FATE_OF_END[kind]] += left
    return +parts


def split_all(
    ends: Iterable[tuple[str, str, int]],
    holds: Mapping[str, Hold],
    victims: Collection[str] = frozenset(),
    unreached: Collection[str] = frozenset(),
) -> dict[tuple[str, str], Counter[Fate]]:
    """Split ends (account, kind, fen), each pair at most once, in order; freezes are used up.

    Money that came to a victim's own account (a rebate as bait) is back with the victim. Where no
    institution of ours holds the account, nobody can stop it: unknown, not in transit.
    """
    left = {account: hold.frozen_fen for account, hold in holds.items()}
    found: dict[tuple[str, str], Counter[Fate]] = {}
    for account, kind, fen in ends:
        if account in victims and kind not in EXITS:
            found[account, kind] = Counter({Fate.RETURNED: fen})
            continue
        if account in unreached and kind == "not_queried":
            found[account, kind] = Counter({Fate.UNKNOWN: fen})
            continue
        hold = holds.get(account, NO_HOLD)
        parts = split(kind, fen, hold, frozen_left=left.get(account))
        rest = left.get(account)
        if rest is not None:
            left[account] = rest - parts[Fate.FROZEN]
        found[account, kind] = parts
    return found


def share(parts: Counter[Part], fen: int) -> Counter[Part]:
    """Give `fen` of a whole the parts of the whole: floors, then the largest remainders."""
    total = parts.total()
    if fen == total:
        return Counter(parts)
    exact = {fate: divmod(part * fen, total) for fate, part in parts.items()}
    given = Counter({fate: whole for fate, (whole, _) in exact.items()})
    spare = fen - given.total()
    for fate in sorted(exact, key=lambda each: -exact[each][1])[:spare]:
        given[fate] += 1
    return +given
