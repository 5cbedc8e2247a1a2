"""What an officer wants asked of an institution about one account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.instructions.models import Instruction
    from fanzha.instructions.rules import Kind


@dataclass(frozen=True)
class Draft:
    """One order to be; every sum in fen."""

    kind: Kind
    account: str
    account_name: str
    institution_code: str
    institution_name: str
    reason: str
    amount_fen: int | None = None
    traced_fen: int | None = None
    trace_id: int | None = None
    necessity: str = ""
    payment_id: int | None = None
    out_account: str = ""
    transfer_fen: int | None = None
    transfer_at: datetime | None = None
    period_since: datetime | None = None
    period_until: datetime | None = None

    @classmethod
    def about(cls, earlier: Instruction, kind: Kind, *, reason: str, **changes: Any) -> Draft:
        """Of the account of an earlier instruction, on its grounds, but for what `changes` says."""
        facts: dict[str, Any] = {
            "account": earlier.account, "account_name": earlier.account_name,
            "institution_code": earlier.institution_code,
            "institution_name": earlier.institution_name, "reason": reason or earlier.reason,
            "traced_fen": earlier.traced_fen, "trace_id": earlier.trace_id,
            "payment_id": earlier.payment_id, "out_account": earlier.out_account,
            "transfer_fen": earlier.transfer_fen, "transfer_at": earlier.transfer_at,
        }  # fmt: skip
        return cls(kind=kind, **facts | changes)
