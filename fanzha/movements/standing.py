"""What statements say of each account as it stands: rows in order, last word, holder."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from fanzha.movements import balances
from fanzha.movements.joined import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fanzha.movements.leg import Leg, Source


def chains_of(legs: Iterable[Leg]) -> dict[str, list[list[Leg]]]:
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


def known_of(
    sources: Sequence[Source], legs: Iterable[Leg], key_of: Mapping[str, str]
) -> dict[str, Known]:
    """Account -> what its statements say last, and whose it is."""
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
