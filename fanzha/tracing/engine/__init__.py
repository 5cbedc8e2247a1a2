"""The pure heart of tracing (追踪引擎): movements and seeds in, pieces and ends out.

It knows no Django, no clock and no file. A caller brings every row with its time; the same input
gives the same result in any year. It does not say what may be frozen: that is for people.
"""

from fanzha.tracing.engine.fingerprint import input_sha256
from fanzha.tracing.engine.limits import NO_LIMITS, Limits
from fanzha.tracing.engine.model import (
    ENGINE,
    EXIT_KINDS,
    FLOW_RULES,
    GAP_KINDS,
    REACH,
    RULE_VERSIONS,
    VALUATIONS,
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
    Exactness,
    Piece,
    RowShare,
    Trace,
    Valuation,
    account_ends,
    fates,
    row_shares,
    tiers,
)
from fanzha.tracing.engine.run import go_on, trace

__all__ = [
    "ENGINE",
    "EXIT_KINDS",
    "FLOW_RULES",
    "GAP_KINDS",
    "NO_LIMITS",
    "REACH",
    "RULE_VERSIONS",
    "VALUATIONS",
    "AccountEnd",
    "End",
    "EndKind",
    "Exactness",
    "InputError",
    "Limits",
    "Movement",
    "Movements",
    "Note",
    "NoteKind",
    "Piece",
    "RowShare",
    "Seeds",
    "Trace",
    "Valuation",
    "account_ends",
    "fates",
    "go_on",
    "input_sha256",
    "row_shares",
    "tiers",
    "trace",
]
