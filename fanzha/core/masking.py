"""Masked forms of personal data, the default on every screen, log and export (protection, 6)."""

from __future__ import annotations

import re

MASK = "*"
LONG = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){10,}[Xx]?(?![0-9A-Za-z])")
"""Eleven digits or more: a phone, an identity number, an account; no date and no sum is so long."""


def mask_account(number: str) -> str:
    """`6222 **** **** 1234`; a number too short to hide anything shows its last two signs."""
    compact = "".join(number.split())
    if len(compact) < 10:  # noqa: PLR2004 - nothing left to hide between head and tail
        return MASK * max(len(compact) - 2, 0) + compact[-2:]
    return f"{compact[:4]} **** **** {compact[-4:]}"


def mask_phone(number: str) -> str:
    """`138****1234`."""
    compact = "".join(number.split())
    if len(compact) <= 7:  # noqa: PLR2004 - the signs shown
        return MASK * len(compact)
    return f"{compact[:3]}****{compact[-4:]}"


def mask_id(number: str) -> str:
    """`3210**********1234`."""
    if len(number) <= 8:  # noqa: PLR2004 - the signs shown
        return MASK * len(number)
    return number[:4] + MASK * (len(number) - 8) + number[-4:]


def mask_name(name: str) -> str:
    """The surname only; compound surnames are not guessed."""
    return name[:1] + MASK * 2 if name else ""


def last4(number: str) -> str:
    """The last four signs, as people name a card."""
    return "".join(number.split())[-4:]


def mask_numbers(text: str) -> str:
    """A sentence without the long numbers that somebody wrote into it: `...5678`."""
    return LONG.sub(lambda found: f"...{last4(found[0])}", text)
