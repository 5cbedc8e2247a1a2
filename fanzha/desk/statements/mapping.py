"""An unknown layout on the screen: its columns, what somebody says they mean, what that gives."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext, gettext_noop

from fanzha.core.masking import mask_account, mask_id, mask_name, mask_numbers
from fanzha.core.refusal import Refusal
from fanzha.desk.statements.looking import facts
from fanzha.desk.words import say
from fanzha.movements import rules
from fanzha.movements.profile import parsed
from fanzha.movements.proposing import profile_from, propose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.movements.proposing import Guess, Proposal
    from fanzha.movements.rules import Reading
    from fanzha.movements.sheets import Table

MEANINGS = {
    "txn_time": gettext_noop("Time"), "txn_date": gettext_noop("Date"),
    "amount_fen": gettext_noop("Amount"), "amount_in": gettext_noop("Amount in"),
    "amount_out": gettext_noop("Amount out"), "balance_fen": gettext_noop("Balance"),
    "direction": gettext_noop("Direction"), "currency": gettext_noop("Currency"),
    "card_no": gettext_noop("Own card number"), "account_no": gettext_noop("Own account number"),
    "holder_name": gettext_noop("Own name"), "holder_id_no": gettext_noop("Own ID number"),
    "cp_account_no": gettext_noop("Other side's number"),
    "cp_name": gettext_noop("Other side's name"), "cp_bank": gettext_noop("Other side's bank"),
    "cp_id_no": gettext_noop("Other side's ID number"), "summary": gettext_noop("Summary"),
    "remark": gettext_noop("Remark"), "serial_no": gettext_noop("Serial number"),
    "success": gettext_noop("Succeeded"), "txn_type": gettext_noop("Type of transaction"),
    "place": gettext_noop("Place"), "branch_name": gettext_noop("Branch"),
    "merchant_name": gettext_noop("Name of the merchant"), "ip": gettext_noop("IP address"),
    "mac": gettext_noop("MAC address"),
}  # fmt: skip
"""Canonical column -> what a clerk may call it."""
BECAUSE = {
    "name": gettext_noop("by its name"), "part": gettext_noop("by a part of its name"),
    "content": gettext_noop("by its content"),
    "balance": gettext_noop("its sums agree with the balances"),
    "person": gettext_noop("as you chose"),
}  # fmt: skip
PERSONAL = {
    "card_no": mask_account, "account_no": mask_account, "cp_account_no": mask_account,
    "holder_name": mask_name, "cp_name": mask_name, "holder_id_no": mask_id, "cp_id_no": mask_id,
}  # fmt: skip
SAMPLE = 5
MOST_WORDS = 12
_ODD = re.compile(r"[^\w-]+|[0-9]{6,}")


class NoTable(Refusal):
    """Nothing that could be a table of movements."""

    message = gettext_noop(
        "%(file)s has no column of times beside one of amounts; it cannot be mapped."
    )


class TwoColumns(Refusal):
    """Two columns that were said to be the same."""

    message = gettext_noop("Two columns are called %(meaning)s; choose one.")


@dataclass(frozen=True)
class Mapped:
    """A mapping as it stands now; `facts` is what it gives, `refused` why it gives nothing."""

    proposal: Proposal
    name: str
    columns: tuple[dict[str, Any], ...]
    words: tuple[tuple[str, str], ...]
    facts: dict[str, Any]
    refused: str = ""


def mapped(table: Table, given: Mapping[str, str]) -> Mapped:
    """The proposal for a table with a person's changes (`given`: fields of the form).

    `col-<place>`: canonical column or empty; `word-<n>` and `way-<n>`: a direction word and in,
    out or empty; `sign`, `fen`, `name`. Raises NoTable.
    """
    proposal = propose(table)
    if proposal is None:
        raise NoTable(file=mask_numbers(table.name))
    if "name" in given:
        proposal = _changed(proposal, given)
    name = given.get("name", "").strip() or _name_for(table.name)
    try:
        reading, refused = _read(table, proposal), ""
    except Refusal as refusal:
        reading, refused = None, _said(refusal)
    return Mapped(
        proposal,
        name,
        tuple(_column(proposal, each) for each in proposal.columns),
        _words(proposal, reading),
        facts(reading) if reading else {},
        refused,
    )


def _changed(proposal: Proposal, given: Mapping[str, str]) -> Proposal:
    columns = {
        each.at: chosen
        for each in proposal.columns
        if (chosen := given.get(f"col-{each.at}")) is not None
        and (not chosen or chosen in MEANINGS or chosen == each.canonical)
    }
    ways = {
        given[f"word-{n}"]: given.get(f"way-{n}", "")
        for n in range(MOST_WORDS)
        if given.get(f"word-{n}")
    }
    told = {**proposal.directions, **ways}
    return proposal.chosen(
        columns,
        directions={word: way for word, way in told.items() if way in ("in", "out")},
        sign=given.get("sign", "") if given.get("sign") in ("in", "out") else "",
        fen=bool(given.get("fen")),
    )


def _read(table: Table, proposal: Proposal) -> Reading:
    counted = Counter(each.canonical for each in proposal.columns if each.canonical)
    if twice := next((each for each, count in counted.items() if count > 1), ""):
        raise TwoColumns(meaning=gettext(MEANINGS.get(twice, twice)))
    profile = parsed(profile_from(proposal, "preview"))
    return rules.read_file(table.content, table.name, profile=profile)


def _said(refusal: Refusal) -> str:
    """The sentence without long numbers: it may name a cell."""
    return mask_numbers(say(refusal))


def _words(proposal: Proposal, reading: Reading | None) -> tuple[tuple[str, str], ...]:
    """Words of the direction column and what they mean, unknown ones too."""
    if "direction" not in proposal.place:
        return ()
    seen = Counter(row.direction_word for row in reading.rows) if reading else Counter[str]()
    seen.update(dict.fromkeys(proposal.directions, 0))
    at = proposal.place["direction"]
    seen.update({row[at]: 0 for row in proposal.sample if at < len(row)})
    told = [word for word, _ in seen.most_common() if word][:MOST_WORDS]
    return tuple((word, proposal.directions.get(word, "")) for word in told)


def _column(proposal: Proposal, guess: Guess) -> dict[str, Any]:
    mask = PERSONAL.get(guess.canonical, mask_numbers)
    cells = [row[guess.at] for row in proposal.sample[:SAMPLE] if guess.at < len(row)]
    options = [(each, gettext(word)) for each, word in MEANINGS.items()]
    if guess.canonical and guess.canonical not in MEANINGS:
        options.append((guess.canonical, guess.canonical))
    return {
        "at": guess.at,
        "name": guess.name,
        "canonical": guess.canonical,
        "because": gettext(BECAUSE[guess.because]) if guess.because in BECAUSE else "",
        "percent": round(guess.confidence * 100) if guess.because not in ("", "person") else None,
        "cells": [mask(cell) for cell in cells if cell],
        "options": options,
    }


def _name_for(file_name: str) -> str:
    """A name to begin with, out of the file's; numbers of accounts do not stay in it."""
    stem = file_name.rpartition("/")[2].partition(".")[0]
    return _ODD.sub("-", stem).strip("-")[:30] or "layout"
