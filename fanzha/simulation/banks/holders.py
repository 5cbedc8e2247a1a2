"""Message 100304 from the books: who holds an account."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


def holder_of(account: sqlite3.Row) -> tuple[tuple[str, str], ...]:
    """Give the elements behind block FB; what the books lack is invented from the number."""
    number = account["number"]
    phone = f"1{zlib.crc32(number.encode()) % 3}0{zlib.crc32(number.encode()) % 10**8:08d}"
    company = account["kind"] == "corporate"
    return (
        ("AccountCredentialType", "99" if company else "01"),
        ("AccountCredentialNumber", account["id_number"]),
        ("AccountSubjectName", account["holder"]),
        ("TelNumber", phone),
        ("CardOperatorName", ""),
        ("CardOperatorCredentialType", ""),
        ("CardOperatorCredentialNumber", ""),
        ("ResidentAddress", "" if company else "岚江市某街道1号"),
        ("WorkCompanyName", account["holder"] if company else ""),
        ("BusinessLicenseNumber", account["id_number"] if company else ""),
    )
