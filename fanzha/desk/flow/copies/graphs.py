"""The fund flow as graphs for other programs: GraphML and FollowTheMoney entities."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from fanzha.core.money import format_yuan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.desk.flow.copies.content import Copy, Moved, Party

GRAPHML = "http://graphml.graphdrawing.org/xmlns"
KEYS = {
    "node": {"number": "string", "holder": "string", "bank": "string", "exit": "string"},
    "edge": {"at": "string", "row_fen": "long", "fen": "long", "tier": "int", "origin": "string"},
    "graph": {"basis": "string", "input_sha256": "string", "output_sha256": "string"},
}


def as_graphml(copy: Copy) -> bytes:
    """Accounts and exits as nodes, transfers as edges."""
    root = ET.Element("graphml", xmlns=GRAPHML)
    for of, names in KEYS.items():
        for name, kind in names.items():
            attributes = {"id": f"{of}_{name}", "for": of, "attr.name": name, "attr.type": kind}
            ET.SubElement(root, "key", attributes)
    graph = ET.SubElement(root, "graph", id="flow", edgedefault="directed")
    _data(graph, "graph", {name: str(getattr(copy, name)) for name in KEYS["graph"]})
    for ref, facts in _nodes(copy).items():
        _data(ET.SubElement(graph, "node", id=ref), "node", facts)
    for each in copy.moved:
        ends = {"source": each.payer.ref, "target": _target(each)}
        facts = {"at": each.at.isoformat(), "row_fen": str(each.row_fen), "fen": str(each.fen)}
        facts |= {"tier": str(each.tier), "origin": each.origin}
        _data(ET.SubElement(graph, "edge", {"id": each.id} | ends), "edge", facts)
    raw: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return raw


def as_ftm(copy: Copy) -> bytes:
    """One FollowTheMoney entity a line: accounts, their holders, and payments between them."""
    return "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in entities(copy)).encode()


def entities(copy: Copy) -> Iterator[dict[str, Any]]:
    """BankAccount, LegalEntity, Ownership and Payment; an exit is a payment to no account."""
    parties = {p.ref: p for each in copy.moved for p in (each.payer, each.payee) if p.ref}
    for each in parties.values():
        yield from _account(each)
    for moved in copy.moved:
        yield _entity(f"pay-{moved.id}-{copy.input_sha256[:12]}", "Payment", {
            "payerAccount": f"acc-{moved.payer.ref}",
            "beneficiaryAccount": f"acc-{moved.payee.ref}" if moved.payee.ref else "",
            "payer": f"who-{moved.payer.ref}" if moved.payer.holder else "",
            "beneficiary": f"who-{moved.payee.ref}" if moved.payee.holder else "",
            "date": moved.at.isoformat(timespec="seconds"),
            "amount": format_yuan(moved.row_fen).replace(",", ""),
            "currency": "CNY",
            "transactionNumber": moved.id,
            "purpose": moved.channel,
            "summary": f"其中涉案 {format_yuan(moved.fen)} 元；{copy.basis}",
            "recordId": copy.output_sha256,
            "description": f"input {copy.input_sha256}; {moved.origin}",
        })  # fmt: skip


def _account(party: Party) -> Iterator[dict[str, Any]]:
    yield _entity(f"acc-{party.ref}", "BankAccount", {
        "name": f"{party.bank} {party.number}".strip(),
        "accountNumber": party.number,
        "bankName": party.bank,
    })  # fmt: skip
    if party.holder:
        who = f"who-{party.ref}"
        yield _entity(who, "LegalEntity", {"name": party.holder})
        ends = {"owner": who, "asset": f"acc-{party.ref}"}
        yield _entity(f"own-{party.ref}", "Ownership", ends)


def _entity(key: str, schema: str, facts: dict[str, str]) -> dict[str, Any]:
    told = {name: [value] for name, value in facts.items() if value}
    return {"id": key, "schema": schema, "properties": told}


def _nodes(copy: Copy) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for each in copy.moved:
        for who in (each.payer, each.payee):
            if who.ref:
                facts = {"number": who.number, "holder": who.holder, "bank": who.bank}
                found[who.ref] = facts | {"exit": ""}
        if not each.payee.ref:
            found[_target(each)] = {"number": "", "holder": "", "bank": "", "exit": each.channel}
    return found


def _target(each: Moved) -> str:
    return each.payee.ref or f"{each.payer.ref}-{each.channel}"


def _data(parent: ET.Element, of: str, facts: dict[str, str]) -> None:
    for name, value in facts.items():
        ET.SubElement(parent, "data", key=f"{of}_{name}").text = value
