"""Public ids: globally unique, carrying the organisation code, safe in URLs; no personal data."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that an id can be read out over the phone."""


def new_public_id(kind: str, organisation: str) -> str:
    """`I-YZ-3F7K9QW2M4T8X1`: kind, organisation code, 70 random bits."""
    return f"{kind}-{organisation}-" + "".join(secrets.choice(ALPHABET) for _ in range(14))
