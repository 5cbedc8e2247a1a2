"""Our questions to banks: what moved, who holds an account, what else the holder has. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.channels.bank_gateway.orders import CORPORATE, message
from fanzha.core.clock import to_wire

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.channels.bank_gateway.codec import Message
    from fanzha.channels.bank_gateway.orders import Request, Target
    from fanzha.channels.bank_gateway.profile import Profile

BASIC_AND_TRANSACTIONS = "03"
WITH_MEASURES = "02"
RUN, OVER = "1", "0"
"""InterceptionOrderID: the bank is to watch, or to watch no longer."""


def transaction_query(
    request: Request,
    *,
    period: tuple[datetime, datetime],
    feedback_limit_hours: int = 24,
    mode: str = BASIC_AND_TRANSACTIONS,
    profile: Profile | None = None,
) -> Message:
    """100301: ask for the rows of an account within `period`, both ends included.

    Raises the Refusals of `orders`.
    """
    body = {
        **_asked(request.target, feedback_limit_hours),
        "InquiryMode": mode,
        "InquiryPeriodStart": to_wire(period[0]),
        "InquiryPeriodEnd": to_wire(period[1]),
    }
    return message("100301", request, body, profile)


def holder_query(
    request: Request, *, feedback_limit_hours: int = 24, profile: Profile | None = None
) -> Message:
    """100303: ask who holds an account. Raises the Refusals of `orders`."""
    return message("100303", request, _asked(request.target, feedback_limit_hours), profile)


def all_accounts_query(
    request: Request, *, feedback_limit_hours: int = 24, profile: Profile | None = None
) -> Message:
    """100309: ask for all accounts of a customer, and for who holds money on them.

    Raises the Refusals of `orders`.
    """
    body = {**_asked(request.target, feedback_limit_hours), "InquiryMode": WITH_MEASURES}
    return message("100309", request, body, profile)


def watch(
    request: Request,
    *,
    until: datetime,
    feedback_limit_hours: int = 24,
    profile: Profile | None = None,
) -> Message:
    """100305: let the bank tell every new row of an account `until` then.

    Raises the Refusals of `orders`.
    """
    body = {
        **_asked(request.target, feedback_limit_hours),
        "InterceptionOrderID": RUN,
        "InterceptionEndDate": to_wire(until),
    }
    return message("100305", request, body, profile)


def release_watch(
    request: Request, original_application_id: str, *, profile: Profile | None = None
) -> Message:
    """100307: end a watch. Raises the Refusals of `orders`."""
    body = {
        **_asked(request.target, 24),
        "OriginalApplicationID": original_application_id,
        "InterceptionOrderID": OVER,
    }
    return message("100307", request, body, profile)


def _asked(target: Target, feedback_limit_hours: int) -> dict[str, str]:
    """What all queries carry; what a kind does not use stays empty."""
    return {
        "OriginalApplicationID": "",
        "SubjectType": "2" if target.account_type == CORPORATE else "1",
        "AccountCredentialType": target.id_type,
        "AccountCredentialNumber": target.id_number,
        "AccountSubjectName": target.account_name,
        "InterceptionOrderID": "",
        "InterceptionEndDate": "",
        "InquiryMode": "",
        "InquiryPeriodStart": "",
        "InquiryPeriodEnd": "",
        "FeedbackLimit": str(feedback_limit_hours),
    }
