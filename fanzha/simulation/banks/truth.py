"""The ledger laid open: what really happened, for tests and for the demo's figures.

The truth of a claim is where each stolen fen is: in an account (of it held by a stop or freeze),
or ended (cash, merchant, payment_institution, crypto_otc, fee, unknown, outside,
returned_to_victim, other_victim). Paid = in accounts + ended, always.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fanzha.simulation.banks.coins import by_claim
from fanzha.simulation.banks.wire import iso

if TYPE_CHECKING:
    import sqlite3

    from fanzha.simulation.banks.world import World


def ledger(world: World, *, history: bool = False) -> dict[str, Any]:
    """Lay open the whole ledger; movements before the story only with `history`."""
    with world.store.transaction():
        at = world.now_ms()
        accounts = [_account(world, row, at) for row in world.store.all("SELECT * FROM account")]
        start = world.story_start
        return {
            "time": iso(at),
            "scenario": world.scenario.name,
            "story_start": iso(start) if start is not None else None,
            "accounts": accounts,
            "movements": _movements(world, history=history),
            "holds": _holds(world),
            "messages": _messages(world),
            "effects": _effects(world),
            "truth": truth(world, accounts),
            "plans": _plans(world),
            "faults": world.faults.listing(),
        }


def truth(world: World, accounts: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Per claim: payer, paid, where the coins lie, how much of that is held, what ended how."""
    found: dict[str, dict[str, Any]] = {}
    for row in world.store.all("SELECT * FROM claim ORDER BY claim"):
        claim = row["claim"]
        lying = {a["number"]: a["coins"][claim] for a in accounts if claim in a["coins"]}
        ended = world.store.all(
            "SELECT kind, sum(fen) AS fen FROM ending WHERE claim = ? GROUP BY kind", claim
        )
        found[claim] = {
            "payer": row["payer"],
            "paid_fen": row["paid_fen"],
            "in_accounts": lying,
            "in_accounts_fen": sum(lying.values()),
            "ended": {each["kind"]: each["fen"] for each in ended},
            "ended_fen": sum(each["fen"] for each in ended),
            "stopped_or_frozen_fen": sum(
                a["coins"][claim] for a in accounts if claim in a["coins"] and a["held_fen"]
            ),
        }
    return found


def _account(world: World, row: sqlite3.Row, at: int) -> dict[str, Any]:
    number, balance = row["number"], row["balance_fen"]
    holds = world.ledger.holds
    stop, freeze = holds.running_stop(number, at), holds.running_freeze(number, at)
    return {
        "bank": row["bank"],
        "bank_name": world.scenario.banks[row["bank"]].name,
        "number": number,
        "holder": row["holder"],
        "kind": row["kind"],
        "role": row["role"],
        "guard": row["guard"],
        "balance_fen": balance,
        "stopped_until": iso(stop.ends) if stop else None,
        "frozen_until": iso(freeze.ends) if freeze else None,
        "frozen_fen": freeze.holds(balance) if freeze else 0,
        "held_fen": holds.held_fen(number, balance, at),
        "coins": by_claim(world.ledger.lots(number)),
    }


def _movements(world: World, *, history: bool) -> list[dict[str, Any]]:
    coins: dict[int, dict[str, int]] = {}
    for row in world.store.all("SELECT * FROM coin"):
        coins.setdefault(row["movement"], {})[row["claim"]] = row["fen"]
    rows = world.store.all("SELECT * FROM movement WHERE history <= ? ORDER BY id", int(history))
    return [
        {
            "id": row["id"],
            "at": iso(row["at"]),
            "from": row["source"],
            "to": row["target"],
            "from_name": row["source_name"],
            "to_name": row["target_name"],
            "fen": row["fen"],
            "channel": row["channel"],
            "memo": row["memo"],
            "serial": row["serial"],
            "by_claim": coins.get(row["id"], {}),
        }
        for row in rows
    ]


def _holds(world: World) -> list[dict[str, Any]]:
    changes: dict[int, list[dict[str, Any]]] = {}
    for row in world.store.all("SELECT * FROM hold_change ORDER BY id"):
        told = {"kind": row["kind"], "at": iso(row["at"]), "application_id": row["application_id"]}
        changes.setdefault(row["hold"], []).append(told)
    return [
        {
            "account": row["account"],
            "kind": row["kind"],
            "application_id": row["application_id"],
            "department": row["department"],
            "fen": row["fen"],
            "starts": iso(row["starts"]),
            "ends": iso(row["ends"]),
            "changes": changes.get(row["id"], []),
        }
        for row in world.store.all("SELECT * FROM hold ORDER BY id")
    ]


def _messages(world: World) -> list[dict[str, Any]]:
    rows = world.store.all(
        "SELECT message.*, task.due, task.done, task.result FROM message"
        " LEFT JOIN task ON task.message = message.id ORDER BY message.id"
    )
    return [
        {
            "at": iso(row["at"]),
            "bank": row["bank"],
            "serial": row["serial"],
            "application_id": row["application_id"],
            "tx_code": row["tx_code"],
            "code": row["code"],
            "answered": bool(row["done"]),
            "result": row["result"],
        }
        for row in rows
    ]


def _effects(world: World) -> dict[str, int]:
    rows = world.store.all("SELECT application_id, count(*) AS n FROM effect GROUP BY 1 ORDER BY 1")
    return {row["application_id"]: row["n"] for row in rows}


def _plans(world: World) -> list[dict[str, Any]]:
    rows = world.store.all("SELECT * FROM plan ORDER BY due, id")
    return [
        {
            "due": iso(row["due"]),
            "kind": row["kind"],
            "from": row["source"],
            "to": row["target"],
            "fen": row["fen"],
            "channel": row["channel"],
            "state": row["state"],
            "note": row["note"],
        }
        for row in rows
    ]
