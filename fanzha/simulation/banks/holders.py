"""Messages 100304 and 100310 from the books: who holds an account, and who holds money on it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from fanzha.simulation.banks.wire import element, fields, stamp, yuan

if TYPE_CHECKING:
    import sqlite3

    from fanzha.simulation.banks.holds import Hold, Holds


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


def measures_of(account: sqlite3.Row, holds: Holds, at: int) -> str:
    """Write the records of what is held on an account now."""
    number = account["number"]
    running = (holds.running_stop(number, at), holds.running_freeze(number, at))
    return "".join(
        element(
            "Measure",
            fields(
                (
                    ("FreezeSerial", f"{hold.id:010d}"),
                    ("AccountNumber", f"{number}_1"),
                    ("CardNumber", "" if account["kind"] == "corporate" else number),
                    ("FreezeStartTime", stamp(hold.starts)),
                    ("FreezeEndTime", stamp(hold.ends)),
                    ("FreezeDeptName", hold.department),
                    ("Currency", "CNY"),
                    ("FreezeBalance", yuan(hold.holds(account["balance_fen"]))),
                    ("FreezeType", _type_of(hold)),
                )
            ),
        )
        for hold in running
        if hold
    )


def _type_of(hold: Hold) -> str:
    if hold.kind == "stop":
        return "0001"
    return "1001" if "法院" in hold.department else "0002"
