"""The transfers of a case: the one-sided rows of all its statements, joined and put in order."""

from __future__ import annotations

import gc
import hashlib
from collections import Counter, defaultdict
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from fanzha.movements import balances, sequence
from fanzha.movements.evidence import channel_of, is_reserve, is_reversal
from fanzha.movements.firm_tables import once
from fanzha.movements.groups import UNDECIDED, Decided
from fanzha.movements.joined import FINDINGS, CaseTransfers, Transfer, Unresolved
from fanzha.movements.leg import ROW, Leg, Source, legs_of
from fanzha.movements.pairing import UNJUDGED, Judged, Pair, Pairing, pair
from fanzha.movements.standing import chains_of, known_of
from fanzha.movements.wallets import carried
from fanzha.movements.weighing import clearing, common_clearing, config

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fanzha.movements.joined import Where

HOME_CURRENCY = "CNY"
REVERSAL_SECONDS = 30 * 24 * 3600
MOST_LISTED = 50
"""A finding lists so many rows; its count says how many there are."""


class Joined(NamedTuple):
    """A case's transfers, and how their rows were paired."""

    case: CaseTransfers
    pairing: Pairing
    paid_through: tuple[tuple[str, str, str, str, str, int, int], ...]
    """Wallets and the bank accounts that carried their payments (identity.Seen)."""


def join(
    sources: Sequence[Source],
    rows: Mapping[str, Iterable[Mapping[str, Any]]],
    judged: Judged = UNJUDGED,
    decided: Decided = UNDECIDED,
) -> CaseTransfers:
    """Join kept rows (`rows` by statement, each with the columns of leg.ROW) into transfers."""
    row = itemgetter(*ROW)
    told = {statement: [row(each) for each in listed] for statement, listed in rows.items()}
    return join_told(sources, told, judged, decided).case


def join_told(
    sources: Sequence[Source],
    told: Mapping[str, Sequence[tuple[Any, ...]]],
    judged: Judged = UNJUDGED,
    decided: Decided = UNDECIDED,
) -> Joined:
    """Join kept rows (`told` by statement, each the columns of leg.ROW in order) into transfers.

    What persons decided about pairs and numbers goes before what the rows suggest.
    """
    with uncollected():
        return _joined(sources, told, judged, decided)


def _joined(
    sources: Sequence[Source],
    told: Mapping[str, Sequence[tuple[Any, ...]]],
    judged: Judged,
    decided: Decided,
) -> Joined:
    legs, grouped = legs_of(sources, told, decided)
    home = [leg for leg in legs if leg.currency == HOME_CURRENCY and leg.success != "failed"]
    case = _Case(sources, home, grouped.key_of)
    case.find("accounts_apart", *({"account": number} for number in grouped.shared))
    transfers = case.transfers(judged)
    found = CaseTransfers(
        transfers=transfers,
        openings=case.openings(),
        known=case.known,
        key_of=grouped.key_of,
        unresolved=tuple(_unresolved(leg) for leg in case.counting if leg.direction == "unknown"),
        other_currencies=_others(legs),
        findings=tuple(case.findings),
    )
    return Joined(found, case.pairing, case.paid_through())


@contextmanager
def uncollected() -> Iterator[None]:
    """Make objects without the garbage collector; for a block that keeps what it makes."""
    # Each of a million new objects stays; the collector would walk all of them again and again.
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _Item(NamedTuple):
    """A transfer in the making: its sides, one of them None where only one is told."""

    payer: Leg | None
    payee: Leg | None
    certainty: str
    legs: tuple[Leg, ...]
    first: Leg


class _Case:
    """The legs of one case in one currency while they are being joined.

    `counting` leaves out what another table of the same firm tells too. `_carriers`: the row of a
    wallet -> the leg of the bank that carried it, where the money truly was.
    """

    def __init__(
        self, sources: Sequence[Source], legs: Sequence[Leg], key_of: Mapping[str, str]
    ) -> None:
        self.findings: list[dict[str, Any]] = []
        self.pairing = Pairing((), ())
        self.counting, self._again, left_out = once(legs, {s.public_id: s.profile for s in sources})
        self._legs, self._carriers = carried(self.counting)
        own = [
            leg for leg in self.counting if not self._carriers or leg.where not in self._carriers
        ]
        self.chains = chains_of(own)
        self.alone = {account for account, chains in self.chains.items() if len(chains) == 1}
        self.known = known_of(sources, legs, key_of)
        self.find(
            "several_sub_accounts",
            *({"account": account} for account in self.chains if account not in self.alone),
        )
        self.find("table_left_out", *(each._asdict() for each in left_out))

    def find(self, kind: str, *facts: dict[str, Any]) -> None:
        """Note findings of one kind."""
        self.findings += [
            {"kind": kind, "message": FINDINGS[kind], "facts": each} for each in facts
        ]

    def transfers(self, judged: Judged) -> tuple[Transfer, ...]:
        """All transfers in the joint order."""
        moving = [leg for leg in self._legs if leg.amount_fen and leg.direction != "unknown"]
        banks = {account: known.institution_code for account, known in self.known.items()}
        self.pairing = pair(moving, judged=judged, banks=banks)
        items = [
            _Item(out, into, certainty, (out, into), out if out.order < into.order else into)
            for out, into, certainty, *_ in self.pairing.pairs
        ]
        items += [
            _Item(leg, None, "single", (leg,), leg)
            if leg.direction == "out"
            else _Item(None, leg, "single", (leg,), leg)
            for leg in self.pairing.single
        ]
        self._report(self.pairing)
        return tuple(self._reversals(self._ordered(items)))

    def openings(self) -> dict[str, int]:
        """Own money before the first row, by the first stated balance or the bank's last word."""
        found: dict[str, int] = {}
        for account, chains in self.chains.items():
            openings = [balances.opening_fen(chain) for chain in chains]
            if None in openings:
                self.find("opening_unknown", {"account": account})
            fen = sum(each for each in openings if each is not None)
            if fen < 0:
                self.find("opening_negative", {"account": account, "fen": fen})
            found[account] = max(fen, 0)
        for account, known in self.known.items():
            if account not in found and known.balance_fen is not None:
                found[account] = max(known.balance_fen, 0)
        return {account: fen for account, fen in found.items() if fen}

    def paid_through(self) -> tuple[tuple[str, str, str, str, str, int, int], ...]:
        """Each wallet with each bank account that carried payments of it, by their first row."""
        found: dict[tuple[str, str], list[tuple[Leg, Leg]]] = defaultdict(list)
        wallets = {leg.where: leg for leg in self._legs if leg.where in self._carriers}
        sides = [(wallets[where], bank) for where, bank in self._carriers.items()]
        for each in self.pairing.pairs:
            banks = [leg for leg in (each.payer, each.payee) if not clearing(leg)]
            if len(banks) == 1 and common_clearing(each.payer, each.payee):
                wallet = each.payee if banks[0] is each.payer else each.payer
                sides.append((wallet, banks[0]))
        for wallet, bank in sides:
            found[wallet.account, bank.account].append((wallet, bank))
        return tuple(
            ("paid_through", *key, told[0][1].holder_name, *told[0][0].where, len(told))
            for key, told in sorted(found.items())
        )

    def _ordered(self, items: Sequence[_Item]) -> Iterable[tuple[_Item, Transfer]]:
        """Items with their transfers, in an order that contradicts no account's own."""
        item_of: dict[int, int] = {}
        keys = []
        for at, item in enumerate(items):
            for leg in item.legs:
                item_of[leg.order] = at
                if self._carriers and leg.where in self._carriers:
                    item_of[self._carriers[leg.where].order] = at
            keys.append((_finer(item).at, item.first.order))
        chains = [
            list(dict.fromkeys(item_of[leg.order] for leg in chain if leg.order in item_of))
            for each in self.chains.values()
            for chain in each
        ]
        order, contradictions = sequence.joined(keys, chains)
        if contradictions:
            self.find("order_contradicts", {"count": contradictions})
        clock = 0
        for at in order:
            clock = max(clock, keys[at][0])
            yield items[at], self._transfer(items[at], clock)

    def _transfer(self, item: _Item, clock: int) -> Transfer:
        payer, payee = item.payer, item.payee
        some = payer or payee
        assert some is not None, "an item has a side"
        finer = _finer(item)
        paid, received = payer, payee
        if self._carriers:
            paid = payer and self._carriers.get(payer.where, payer)
            received = payee and self._carriers.get(payee.where, payee)
        sender = paid.account if paid else self._other_side(some)
        receiver = received.account if received else self._other_side(some)
        return Transfer(
            _movement_id(item.first),
            sender,
            receiver,
            (payee or some).amount_fen,
            finer.txn_time,
            clock,
            finer.time_precision,
            payee.txn_time if payee else None,
            channel_of(some) if payer and not receiver else "",
            self._balance(paid) if paid else None,
            self._balance(received) if received else None,
            some.currency,
            "",
            item.certainty,
            (paid and paid.holder_name) or (payee.cp_name if payee else ""),
            (received and received.holder_name) or (payer.cp_name if payer else ""),
            (payer and payer.summary) or (payee.summary if payee else ""),
            self._witnesses(item.legs),
        )

    def _witnesses(self, legs: Sequence[Leg]) -> tuple[Where, ...]:
        found = tuple([leg.where for leg in legs])
        if self._carriers:
            found += tuple(self._carriers[at].where for at in found if at in self._carriers)
        if self._again:
            found += tuple(where for at in found for where in self._again.get(at, ()))
        return found

    def _other_side(self, leg: Leg) -> str:
        """The account that an unpaired row names; itself or a firm's pot is nobody's account."""
        if leg.counterparty in self.known and leg.counterparty != leg.account:
            return leg.counterparty
        return "" if leg.counterparty == leg.account or is_reserve(leg) else leg.counterparty

    def _balance(self, leg: Leg) -> int | None:
        return leg.balance_fen if leg.account in self.alone else None

    def _reversals(self, ordered: Iterable[tuple[_Item, Transfer]]) -> list[Transfer]:
        """Link each reversal to the nearest earlier transfer that it mirrors (R10)."""
        open_ones: dict[tuple[str, str, int], list[Transfer]] = defaultdict(list)
        linked, alone = [], 0
        for item, plain in ordered:
            each, fee = _less_fee(item, plain)
            if any(is_reversal(leg) for leg in item.legs):
                mirrored = open_ones[each.to_account, each.from_account, each.amount_fen]
                if mirrored and each.clock - mirrored[-1].clock <= REVERSAL_SECONDS:
                    each = each._replace(reverses=mirrored.pop().movement_id)
                else:
                    alone += 1
            else:
                open_ones[each.from_account, each.to_account, each.amount_fen].append(each)
            linked += [each, *fee]
        if alone:
            self.find("reversal_alone", {"count": alone})
        return linked

    def _report(self, pairing: Pairing) -> None:
        pairs = pairing.pairs
        for kind, certainty in (("pairing_ambiguous", "ambiguous"), ("pairing_late", "late")):
            listed = [_rows(each) for each in pairs if each.certainty == certainty]
            if listed:
                self.find(kind, {"count": len(listed), "rows": listed[:MOST_LISTED]})
        early = [each for each in pairs if each.payee.at < each.payer.at and _exact(each)]
        if early:
            seconds = max(each.payer.at - each.payee.at for each in early)
            rows = [_rows(each) for each in early[:MOST_LISTED]]
            facts = {"count": len(early), "seconds": seconds, "rows": rows}
            self.find("arrived_before_left", facts)
        shown = config()["clock"]["shown_seconds"]
        clocks = [each._asdict() for each in pairing.clocks if abs(each.seconds) >= shown]
        self.find("clocks_differ", *clocks)
        if pairing.missing:
            self.find("decision_without_rows", {"count": pairing.missing})
        missing = self._unseen(pairing.single)
        if missing:
            self.find("witness_missing", {"count": len(missing), "rows": missing[:MOST_LISTED]})

    def _unseen(self, single: Sequence[Leg]) -> list[Where]:
        """Rows that the other side's statement lacks though it is whole and covers the time."""
        first = {
            account: min(row.at for chain in chains for row in chain)
            for account, chains in self.chains.items()
        }
        missing = []
        for leg in single:
            other = leg.counterparty
            known = self.known.get(other)
            if known is None or other == leg.account or known.truncated or known.until is None:
                continue
            if other in first and first[other] <= leg.at <= known.until.timestamp():
                missing.append(leg.where)
        return missing


def _less_fee(item: _Item, whole: Transfer) -> tuple[Transfer, tuple[Transfer, ...]]:
    """What arrived, and beside it what was taken off on the way: one row of the payer tells both.

    The payer's stated balance is that after both.
    """
    payer, payee = item.payer, item.payee
    if payer is None or payee is None or payer.amount_fen == payee.amount_fen:
        return whole, ()
    fee = whole._replace(
        movement_id=_movement_id(payer, "fee"),
        to_account="",
        amount_fen=payer.amount_fen - payee.amount_fen,
        arrived=None,
        channel="fee",
        balance_to_fen=None,
        to_name="",
        witnesses=(payer.where,),
    )
    return whole._replace(balance_from_fen=None), (fee,)


def _finer(item: _Item) -> Leg:
    """The leg whose time counts: the payer's, unless the payee's is told more exactly."""
    payer, payee = item.payer, item.payee
    if payer is None or payee is None:
        some = payer or payee
        assert some is not None, "an item has a side"
        return some
    if payer.time_precision == payee.time_precision:
        return payer
    fineness = ("second", "minute", "date")
    coarser = fineness.index(payer.time_precision) > fineness.index(payee.time_precision)
    return payee if coarser else payer


def _unresolved(leg: Leg) -> Unresolved:
    return Unresolved(
        leg.account, leg.counterparty, leg.amount_fen, leg.txn_time, leg.direction_word, leg.where
    )


def _others(legs: Iterable[Leg]) -> dict[str, dict[str, int]]:
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for leg in legs:
        if leg.currency != HOME_CURRENCY and leg.success != "failed":
            sums[leg.currency][leg.direction] += leg.amount_fen
    return {currency: dict(each) for currency, each in sums.items()}


def _exact(each: Pair) -> bool:
    return each.payer.time_precision == each.payee.time_precision == "second"


def _rows(each: Pair) -> list[tuple[str, int]]:
    return [each.payer.where, each.payee.where]


def _movement_id(leg: Leg, part: str = "") -> str:
    """From the row that told of the transfer first: a second witness does not change it."""
    source = f"{leg.file_sha256}:{leg.row_no}{part}"
    return "M" + hashlib.sha256(source.encode()).hexdigest()[:20]
