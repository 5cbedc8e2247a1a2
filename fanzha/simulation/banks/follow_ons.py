"""What a simulated bank does with a release or an extension of a stop or a freeze."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.simulation.banks.answering import Answer, card_of, feedback, turn, type_of
from fanzha.simulation.banks.holds import STOP_MS, STOPS_MAX, Hold
from fanzha.simulation.banks.wire import stamp, yuan

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from fanzha.simulation.banks.ledger import Ledger
    from fanzha.simulation.banks.scenario import Scenario
    from fanzha.simulation.banks.wire import Request

    NoteEffect = Callable[[str, Request, sqlite3.Row, int | None, int], None]

RELEASE_STOP, EXTEND_STOP = "100103", "100105"
RELEASE_FREEZE, RENEW_FREEZE = "100203", "100205"
KIND_OF = {
    RELEASE_STOP: "stop",
    EXTEND_STOP: "stop",
    RELEASE_FREEZE: "freeze",
    RENEW_FREEZE: "freeze",
}
WORD = {"stop": "止付", "freeze": "冻结"}
LONGEST_MS = {"stop": STOP_MS + 3600 * 1000, "freeze": 370 * 24 * 3600 * 1000}
"""How much an extension may add; a stop leaves an hour for clocks that differ."""


class FollowOns:
    """The part of the counter that works on holds which it made before."""

    def __init__(
        self,
        ledger: Ledger,
        scenario: Scenario,
        note_effect: NoteEffect,
        *,
        check_duplicates: bool,
    ) -> None:
        self._ledger, self._scenario = ledger, scenario
        self._note_effect, self._check_duplicates = note_effect, check_duplicates

    def release(self, request: Request, account: sqlite3.Row, at: int) -> Answer:
        """End the hold that the request names, or lower its limit by Balance."""
        hold = self._original(request, account)
        fen = request.amount("Balance")
        again = self._check_in_force(hold, "release" if fen is None else "reduce", request, at)
        if fen is not None and not again and (hold.fen is None or fen >= hold.fen):
            turn("0299", "解除金额与冻结金额不符")
        number, balance = account["number"], account["balance_fen"]
        before = self._held_by(hold, balance, at)
        freed = 0 if again else before
        if not again:
            application = request.envelope.application_id
            self._ledger.holds.release(hold, fen, application_id=application, at=at)
        if fen is not None and hold.fen is not None:
            freed -= min(hold.fen - fen, freed)
        self._note_effect("release", request, account, fen, at)
        amounts = (
            ("AppliedBalance", yuan(before if fen is None else fen)),
            ("UnfreezeBalance", yuan(freed)),
            ("AccountBalance", yuan(balance)),
        )
        pairs = (
            ("AccountType", type_of(account)),
            ("AccountNumber", number),
            ("CardNumber", card_of(account)),
            *(amounts if hold.kind == "freeze" else ()),
            ("WithdrawalTime", stamp(at)),
            ("FailureCause", ""),
            *feedback(self._scenario.banks[account["bank"]]),
        )
        return Answer("0000", pairs)

    def extend(self, request: Request, account: sqlite3.Row, at: int) -> Answer:
        """Let the hold that the request names run on until ExpireTime."""
        hold = self._original(request, account)
        again = self._check_in_force(hold, "extend", request, at)
        starts, ends = request.time("PostponeStartTime") or 0, request.time("ExpireTime") or 0
        if not again:
            used = self._ledger.holds.stops_used(account["number"])
            if hold.kind == "stop" and used >= STOPS_MAX:
                turn("1304", "止付次数超限")
            if starts > hold.ends or not hold.ends < ends <= hold.ends + LONGEST_MS[hold.kind]:
                turn("0801", "延期时间超出法律时效")
            self._ledger.holds.extend(
                hold, ends, application_id=request.envelope.application_id, at=at
            )
        self._note_effect("extend", request, account, None, at)
        number, balance = account["number"], account["balance_fen"]
        freeze = hold.kind == "freeze"
        frozen = self._held_by(hold, balance, at)
        applied = balance if hold.fen is None else hold.fen
        amounts = (
            ("AppliedBalance", yuan(applied)),
            ("FrozedBalance", yuan(frozen)),
            ("Currency", "CNY"),
        )
        free = (("AccountAvaiableBalance", yuan(self._ledger.free_fen(number, at))),)
        pairs = (
            ("AccountType", type_of(account)),
            ("AccountNumber", number),
            ("CardNumber", card_of(account)),
            *(amounts if freeze else ()),
            ("AccountBalance", yuan(balance)),
            ("StartTime", stamp(starts)),
            ("ExpireTime", stamp(ends)),
            ("FailureCause", ""),
            *(free if freeze else ()),
            *feedback(self._scenario.banks[account["bank"]]),
        )
        return Answer("0000", pairs)

    def _original(self, request: Request, account: sqlite3.Row) -> Hold:
        kind = KIND_OF[request.envelope.tx_code]
        hold = self._ledger.holds.of_application(request.text("OriginalApplicationID"), kind)
        if hold is None:
            turn("0400", f"原{WORD[kind]}申请不存在")
        if (hold.account, hold.message_from) != (
            account["number"], request.envelope.message_from,
        ):  # fmt: skip
            turn("0499", f"原{WORD[kind]}申请不是贵单位对该账户提出的")
        return hold

    def _check_in_force(self, hold: Hold, change: str, request: Request, at: int) -> bool:
        """Turn away what has ended; True when this very request was carried out before."""
        holds, application = self._ledger.holds, request.envelope.application_id
        if not self._check_duplicates and holds.changed_by(hold, change) == application:
            return True
        expired, failed = ("1800", "1899") if change == "extend" else ("1900", "1999")
        if holds.changed_by(hold, "release") is not None:
            turn(failed, f"该{WORD[hold.kind]}已解除")
        if hold.ends <= at:
            turn(expired, f"该{WORD[hold.kind]}已到期")
        return False

    def _held_by(self, hold: Hold, balance: int, at: int) -> int:
        """How much of the balance this hold itself holds; one that queues holds nothing."""
        holds = self._ledger.holds
        running = holds.running_stop if hold.kind == "stop" else holds.running_freeze
        first = running(hold.account, at)
        return hold.holds(balance) if first is not None and first.id == hold.id else 0
