"""The transfers of a case: the one-sided rows of all its statements, joined and put in order."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fanzha.movements import balances, sequence
from fanzha.movements.evidence import channel_of, is_reserve, is_reversal
from fanzha.movements.joined import FINDINGS, CaseTransfers, Known, Transfer, Unresolved
from fanzha.movements.leg import Leg, legs_of
from fanzha.movements.pairing import Pair, pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

from fanzha.movements.leg import Source

HOME_CURRENCY = "CNY"
REVERSAL_SECONDS = 30 * 24 * 3600
MOST_LISTED = 50
"""A finding lists so many rows; its count says how many there are."""


def join(
    sources: Sequence[Source], rows: Mapping[str, Iterable[Mapping[str, Any]]]
) -> CaseTransfers:
    """Join kept rows (`rows` by statement, with the columns of leg.legs_of) into transfers."""
    legs, key_of, apart = legs_of(sources, rows)
    home = [leg for leg in legs if leg.currency == HOME_CURRENCY and leg.success != "failed"]
    case = _Case(sources, home, key_of)
    case.find("accounts_apart", *({"account": number} for number in apart))
    transfers = case.transfers()
    return CaseTransfers(
        transfers=transfers,
        openings=case.openings(),
        known=case.known,
        key_of=key_of,
        unresolved=tuple(_unresolved(leg) for leg in home if leg.direction == "unknown"),
        other_currencies=_others(legs),
        findings=tuple(case.findings),
    )


class _Case:
    """The legs of one case in one currency while they are being joined."""

    def __init__(
        self, sources: Sequence[Source], legs: Sequence[Leg], key_of: Mapping[str, str]
    ) -> None:
        self.findings: list[dict[str, Any]] = []
        self.chains = _chains(legs)
        self.alone = {account for account, chains in self.chains.items() if len(chains) == 1}
        self.known = _known(sources, legs, key_of)
        self._sources = {source.public_id: source for source in sources}
        self._legs = legs
        self.find(
            "several_sub_accounts",
            *({"account": account} for account in self.chains if account not in self.alone),
        )

    def find(self, kind: str, *facts: dict[str, Any]) -> None:
        """Note findings of one kind."""
        self.findings += [
            {"kind": kind, "message": FINDINGS[kind], "facts": each} for each in facts
        ]

    def transfers(self) -> tuple[Transfer, ...]:
        """All transfers in the joint order."""
        moving = [leg for leg in self._legs if leg.amount_fen and leg.direction != "unknown"]
        pairing = pair(moving)
        found = [self._from_pair(each) for each in pairing.pairs]
        found += [self._from_leg(leg) for leg in pairing.single]
        legs = [(each.payer, each.payee) for each in pairing.pairs]
        sides = [*legs, *((leg,) for leg in pairing.single)]
        self._report(pairing.pairs, pairing.single)
        ordered = self._ordered(found, sides)
        reversing = {leg.where for leg in moving if is_reversal(leg)}
        return tuple(self._reversals(ordered, reversing))

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

    def _from_pair(self, each: Pair) -> Transfer:
        payer, payee = each.payer, each.payee
        finer = payee if _coarser(payer, payee) else payer
        first = min(payer, payee, key=lambda leg: leg.order)
        return Transfer(
            movement_id=_movement_id(first),
            from_account=payer.account,
            to_account=payee.account,
            amount_fen=payer.amount_fen,
            time=finer.txn_time,
            clock=finer.at,
            precision=finer.time_precision,
            arrived=payee.txn_time,
            channel="",
            balance_from_fen=self._balance(payer),
            balance_to_fen=self._balance(payee),
            currency=payer.currency,
            reverses="",
            certainty=each.certainty,
            from_name=payer.holder_name or payee.cp_name,
            to_name=payee.holder_name or payer.cp_name,
            summary=payer.summary or payee.summary,
            witnesses=(payer.where, payee.where),
        )

    def _from_leg(self, leg: Leg) -> Transfer:
        other, out = self._other_side(leg), leg.direction == "out"
        return Transfer(
            movement_id=_movement_id(leg),
            from_account=leg.account if out else other,
            to_account=other if out else leg.account,
            amount_fen=leg.amount_fen,
            time=leg.txn_time,
            clock=leg.at,
            precision=leg.time_precision,
            arrived=None if out else leg.txn_time,
            channel=channel_of(leg) if out and not other else "",
            balance_from_fen=self._balance(leg) if out else None,
            balance_to_fen=None if out else self._balance(leg),
            currency=leg.currency,
            reverses="",
            certainty="single",
            from_name=leg.holder_name if out else leg.cp_name,
            to_name=leg.cp_name if out else leg.holder_name,
            summary=leg.summary,
            witnesses=(leg.where,),
        )

    def _other_side(self, leg: Leg) -> str:
        """The account that an unpaired row names; itself or a firm's pot is nobody's account."""
        if leg.counterparty in self.known and leg.counterparty != leg.account:
            return leg.counterparty
        return "" if leg.counterparty == leg.account or is_reserve(leg) else leg.counterparty

    def _balance(self, leg: Leg) -> int | None:
        return leg.balance_fen if leg.account in self.alone else None

    def _ordered(
        self, found: Sequence[Transfer], sides: Sequence[tuple[Leg, ...]]
    ) -> list[Transfer]:
        item_of = {leg.where: at for at, legs in enumerate(sides) for leg in legs}
        chains = [
            list(dict.fromkeys(item_of[leg.where] for leg in chain if leg.where in item_of))
            for each in self.chains.values()
            for chain in each
        ]
        keys = [
            (transfer.clock, *min(leg.order for leg in legs))
            for transfer, legs in zip(found, sides, strict=True)
        ]
        order, contradictions = sequence.joined(keys, chains)
        if contradictions:
            self.find("order_contradicts", {"count": contradictions})
        clock, ordered = 0, []
        for at in order:
            clock = max(clock, found[at].clock)
            ordered.append(replace(found[at], clock=clock))
        return ordered

    def _reversals(
        self, ordered: Sequence[Transfer], reversing: set[tuple[str, int]]
    ) -> list[Transfer]:
        """Link each reversal to the nearest earlier transfer that it mirrors (R10)."""
        open_ones: dict[tuple[str, str, int], list[Transfer]] = defaultdict(list)
        linked, alone = [], 0
        for each in ordered:
            if reversing.isdisjoint(each.witnesses):
                open_ones[each.from_account, each.to_account, each.amount_fen].append(each)
                linked.append(each)
                continue
            mirrored = open_ones[each.to_account, each.from_account, each.amount_fen]
            if mirrored and each.clock - mirrored[-1].clock <= REVERSAL_SECONDS:
                linked.append(replace(each, reverses=mirrored.pop().movement_id))
            else:
                alone += 1
                linked.append(each)
        if alone:
            self.find("reversal_alone", {"count": alone})
        return linked

    def _report(self, pairs: Sequence[Pair], single: Sequence[Leg]) -> None:
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
        missing = [leg.where for leg in single if self._should_be_seen(leg)]
        if missing:
            self.find("witness_missing", {"count": len(missing), "rows": missing[:MOST_LISTED]})

    def _should_be_seen(self, leg: Leg) -> bool:
        """Whether the other side has a statement that is whole and covers the time."""
        known = self.known.get(leg.counterparty)
        if known is None or leg.counterparty == leg.account or known.truncated:
            return False
        rows = [row for chain in self.chains.get(leg.counterparty, ()) for row in chain]
        first = min((row.at for row in rows), default=None)
        until = known.until.timestamp() if known.until else None
        return first is not None and until is not None and first <= leg.at <= until


def _chains(legs: Iterable[Leg]) -> dict[str, list[list[Leg]]]:
    """Account -> its running balances, each as rows in order: one, or one per sub-account."""
    listed: dict[str, dict[int, list[Leg]]] = defaultdict(lambda: defaultdict(list))
    for leg in legs:
        listed[leg.account][leg.place].append(leg)
    chains: dict[str, list[list[Leg]]] = {}
    for account, by_statement in listed.items():
        subs = {leg.sub_account for each in by_statement.values() for leg in each} - {""}
        split = sorted(subs) if len(subs) > 1 else [None]
        chains[account] = [
            chain for sub in (split if len(split) == 1 else [*split, ""])
            if (chain := _chain(by_statement, sub))
        ]  # fmt: skip
    return chains


def _chain(by_statement: Mapping[int, Sequence[Leg]], sub: str | None) -> list[Leg]:
    rows: list[Leg] = []
    for place in sorted(by_statement):
        own = [leg for leg in by_statement[place] if sub is None or leg.sub_account == sub]
        rows += balances.in_order(own)
    rows.sort(key=lambda leg: leg.at)
    return balances.settled(rows)


def _known(
    sources: Sequence[Source], legs: Iterable[Leg], key_of: Mapping[str, str]
) -> dict[str, Known]:
    last: dict[tuple[str, str], Leg] = {}
    holders = {
        key_of[names.card_key or names.account_key]: names.holder
        for source in sources
        for names in source.numbers
        if names.holder
    }
    for leg in legs:
        at = leg.statement, leg.account
        if at not in last or leg.at >= last[at].at:
            last[at] = leg
        if leg.holder_name:
            holders.setdefault(leg.account, leg.holder_name)
    known: dict[str, Known] = {}
    for source in sources:
        asked = key_of.get(source.account, source.account)
        accounts = [account for statement, account in last if statement == source.public_id]
        for account in dict.fromkeys([*([asked] if asked else []), *accounts]):
            seen = last.get((source.public_id, account))
            until = source.until or (seen.txn_time if seen else None)
            stated = source.balance_fen if account == asked else None
            balance = stated if stated is not None else seen.balance_fen if seen else None
            here = Known(
                account, holders.get(account, ""), source.institution_code, until, balance,
                source.truncated, (source.public_id,),
            )  # fmt: skip
            known[account] = _later(known[account], here) if account in known else here
    return known


def _later(one: Known, other: Known) -> Known:
    """Two statements of one account: the one that reaches further speaks for it."""
    ends = [each.until.timestamp() if each.until else 0.0 for each in (one, other)]
    newer = other if ends[1] >= ends[0] else one
    return replace(
        newer,
        statements=(*one.statements, *other.statements),
        institution_code=newer.institution_code or one.institution_code or other.institution_code,
    )


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


def _coarser(payer: Leg, payee: Leg) -> bool:
    fineness = ("second", "minute", "date")
    return fineness.index(payer.time_precision) > fineness.index(payee.time_precision)


def _exact(each: Pair) -> bool:
    return each.payer.time_precision == each.payee.time_precision == "second"


def _rows(each: Pair) -> list[tuple[str, int]]:
    return [each.payer.where, each.payee.where]


def _movement_id(leg: Leg) -> str:
    """From the row that told of the transfer first: a second witness does not change it."""
    source = f"{leg.file_sha256}:{leg.row_no}"
    return "M" + hashlib.sha256(source.encode()).hexdigest()[:20]
