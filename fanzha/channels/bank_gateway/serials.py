"""Numbers of messages: TransSerialNumber, new for every message, and ApplicationID per request."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from fanzha.core.clock import to_wire

if TYPE_CHECKING:
    from datetime import datetime

ORGANISATION_WIDTH = 12
SERIAL_WIDTH = 53
APPLICATION_ID_WIDTH = 36
NO_TRUSTEE = "0" * ORGANISATION_WIDTH


def new_serial(organisation: str, at: datetime, *, trustee: str = NO_TRUSTEE) -> str:
    """53 characters: organisation, `_`, trustee, then 28 digits (14 of the time, 14 random).

    Raises ValueError when a code has not 12 characters.
    """
    for code in (organisation, trustee):
        if len(code) != ORGANISATION_WIDTH:
            raise ValueError(f"{code!r} is no organisation code of {ORGANISATION_WIDTH} characters")
    return f"{organisation}_{trustee}{to_wire(at)}{_digits(14)}"


def new_application_id(tx_code: str, at: datetime) -> str:
    """36 characters: the last 4 digits of the code, 14 digits of the time, 18 random digits.

    The form of police-made numbers is not public; this is the profile's own.
    """
    if len(tx_code) != 6 or not tx_code.isdecimal():  # noqa: PLR2004 - the width of a TxCode
        raise ValueError(f"{tx_code!r} is no numeric transaction code")
    return f"{tx_code[-4:]}{to_wire(at)}{_digits(18)}"


def _digits(count: int) -> str:
    return f"{secrets.randbelow(10**count):0{count}d}"
