"""The pure heart of tracing (追踪引擎): movements and seeds in, pieces and ends out.

It knows no Django, no clock and no file. A caller brings every row with its time; the same input
gives the same result in any year. It does not say what may be frozen: that is for people.
"""

from fanzha.tracing.engine.fingerprint import input_sha256
from fanzha.tracing.engine.follow import trace
from fanzha.tracing.engine.model import (
    ENGINE,
    EXIT_KINDS,
    GAP_KINDS,
    RULE_VERSIONS,
    EndKind,
    InputError,
    Movement,
    Movements,
    Note,
    NoteKind,
    Seeds,
)
from fanzha.tracing.engine.result import (
    AccountEnd,
    End,
    Piece,
    RowShare,
    Trace,
    account_ends,
    fates,
    row_shares,
    tiers,
)

__all__ = [
    "ENGINE",
    "EXIT_KINDS",
    "GAP_KINDS",
    "RULE_VERSIONS",
    "AccountEnd",
    "End",
    "EndKind",
    "InputError",
    "Movement",
    "Movements",
    "Note",
    "NoteKind",
    "Piece",
    "RowShare",
    "Seeds",
    "Trace",
    "account_ends",
    "fates",
    "input_sha256",
    "row_shares",
    "tiers",
    "trace",
]
