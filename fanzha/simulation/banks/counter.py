"""What a simulated bank does with a request, and what it answers; releases are in `follow_ons`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.core.money import BadAmount
from fanzha.simulation.banks.answering import Answer, Turned, card_of, feedback, turn, type_of
from fanzha.simulation.banks.follow_ons import (
    EXTEND_STOP,
    RELEASE_FREEZE,
    RELEASE_STOP,
    RENEW_FREEZE,
    FollowOns,
)
from fanzha.simulation.banks.holders import holder_of, measures_of
from fanzha.simulation.banks.holds import STOP_MS, STOPS_MAX, Hold
from fanzha.simulation.banks.statement import account_record, accounts_record, rows_of
from fanzha.simulation.banks.watches import RELEASE_WATCH, WATCH, Watches
from fanzha.simulation.banks.wire import Request, stamp, yuan

if TYPE_CHECKING:
    import sqlite3

    from fanzha.simulation.banks.ledger import Ledger
    from fanzha.simulation.banks.scenario import Bank, Scenario
    from fanzha.simulation.banks.store import Store

STOP, FREEZE, QUERY, HOLDER, ALL_ACCOUNTS = "100101", "100201", "100301", "100303", "100309"
LIMIT_FREEZE, FULL_FREEZE = "01", "02"
BASIC, WITH_MEASURES = "01", "02"
OFFICERS = (
    "ApplicationTime ApplicationOrgID ApplicationOrgName OperatorIDType OperatorIDNumber "
    "OperatorName OperatorPhoneNumber InvestigatorIDType InvestigatorIDNumber InvestigatorName"
)
REQUIRED = {
    STOP: "ApplicationType CaseNumber TransferAmount TransferTime BankID AccountName "
    f"AccountNumber Reason ExpireTime {OFFICERS}",
    FREEZE: "CaseNumber CaseType EmergencyLevel BankID AccountType AccountName AccountNumber "
    f"FreezeType FreezeStartTime ExpireTime {OFFICERS}",
    QUERY: f"CaseNumber CaseType EmergencyLevel SubjectType BankID AccountNumber Reason {OFFICERS}",
    HOLDER: "CaseNumber CaseType EmergencyLevel SubjectType BankID AccountNumber "
    f"Reason {OFFICERS}",
    ALL_ACCOUNTS: "CaseNumber CaseType EmergencyLevel SubjectType AccountSubjectName BankID "
    f"Reason {OFFICERS}",
    WATCH: "CaseNumber CaseType EmergencyLevel SubjectType BankID AccountNumber Reason "
    f"InterceptionEndDate {OFFICERS}",
    RELEASE_WATCH: "CaseNumber CaseType EmergencyLevel OriginalApplicationID SubjectType BankID "
    f"AccountNumber Reason {OFFICERS}",
    RELEASE_STOP: "ApplicationType OriginalApplicationID CaseNumber BankID AccountName "
    f"AccountNumber Reason WithdrawalRemark {OFFICERS}",
    EXTEND_STOP: "OriginalApplicationID PostponeStartTime ExpireTime ExtendRemark BankID "
    f"AccountNumber {OFFICERS}",
    RELEASE_FREEZE: "CaseNumber CaseType EmergencyLevel BankID AccountType AccountName "
    f"AccountNumber OriginalApplicationID WithdrawalRemark {OFFICERS}",
    RENEW_FREEZE: "CaseNumber CaseType EmergencyLevel BankID AccountType AccountName "
    f"AccountNumber OriginalApplicationID PostponeStartTime ExpireTime ExtendRemark {OFFICERS}",
}
PAPERS = {STOP: {"03"}, FREEZE: {"01", "02"}, RELEASE_FREEZE: {"02"}, RENEW_FREEZE: {"02"}}
TIMES = (
    "TransferTime StartTime ExpireTime FreezeStartTime PostponeStartTime ApplicationTime "
    "InquiryPeriodStart InquiryPeriodEnd InterceptionEndDate"
)
STOP_TERM_MAX_MS = STOP_MS + 3600 * 1000
FREEZE_TERM_MAX_MS = 370 * 24 * 3600 * 1000


class Counter:
    """The counter of all banks behind the front-end; called inside a transaction."""

    def __init__(
        self, store: Store, ledger: Ledger, scenario: Scenario, *, check_duplicates: bool
    ) -> None:
        self._store, self._ledger, self._scenario = store, ledger, scenario
        self._check_duplicates = check_duplicates
        self.watches = Watches(store, ledger, scenario)
        self._follow_ons = FollowOns(
            ledger, scenario, self._note_effect, check_duplicates=check_duplicates
        )

    def serve(self, request: Request, message_id: int, at: int) -> Answer:
        """Carry out a request at the moment `at`; the effect is written beside the answer."""
        bank = self._scenario.banks.get(request.envelope.bank)
        try:
            self._check_repeated(request, message_id)
            self._check_form(request, bank)
            account = self._find(request)
            doors = {
                STOP: self._stop, FREEZE: self._freeze, QUERY: self._query,
                HOLDER: self._holder, ALL_ACCOUNTS: self._all_accounts,
                RELEASE_STOP: self._follow_ons.release, RELEASE_FREEZE: self._follow_ons.release,
                RELEASE_WATCH: self.watches.end,
                EXTEND_STOP: self._follow_ons.extend, RENEW_FREEZE: self._follow_ons.extend,
            }  # fmt: skip
            if request.envelope.tx_code == WATCH:
                self._note_effect("watch", request, account, None, at)
                return self.watches.start(request, account, message_id, at)
            return doors[request.envelope.tx_code](request, account, at)
        except Turned as turned:
            pairs = (
                ("AccountNumber", request.text("AccountNumber")),
                ("FailureCause", turned.cause),
                *feedback(bank, turned.cause),
            )
            return Answer(turned.result, pairs)

    def _check_repeated(self, request: Request, message_id: int) -> None:
        envelope = request.envelope
        if not envelope.application_id:
            turn("0500", "必填项缺失：ApplicationID")
        if self._check_duplicates and self._store.one(
            "SELECT 1 FROM message WHERE message_from = ? AND application_id = ? AND id < ?"
            " AND code = '100000'",
            envelope.message_from, envelope.application_id, message_id,
        ):  # fmt: skip
            turn("0900", "该申请已处理")

    def _check_form(self, request: Request, bank: Bank | None) -> None:
        tx_code = request.envelope.tx_code
        if tx_code not in REQUIRED:
            turn("1000", f"本行不支持{tx_code}")
        if bank is None and request.envelope.bank:
            turn("0700", "机构代码无法解析")
        for name in REQUIRED[tx_code].split():
            if not request.text(name):
                turn("0500", f"必填项缺失：{name}")
        for name in TIMES.split():
            try:
                request.time(name)
            except ValueError:
                turn("0800", f"日期格式错误：{name}")
        for name in ("TransferAmount", "Balance"):
            try:
                request.amount(name)
            except BadAmount:
                turn("0200", f"金额格式错误：{name}")
        if not PAPERS.get(tx_code, set()) <= request.papers():
            turn("0600", "法律文书缺失")

    def _find(self, request: Request) -> sqlite3.Row:
        account = self._ledger.account(request.text("AccountNumber"))
        identity = request.text("AccountCredentialNumber")
        if account is not None and identity not in ("", account["id_number"]):
            turn("0100", "证件号码与账户不符")
        if account is None or account["bank"] != request.envelope.bank:
            turn("0300", "账户不存在")
        name = request.text("AccountName")
        if name and name != account["holder"]:
            turn("0301", "户名与账号不符")
        if account["guard"] and request.envelope.tx_code in (STOP, FREEZE):
            turn("0302", f"白名单账户：{account['guard']}")
        return account

    def _stop(self, request: Request, account: sqlite3.Row, at: int) -> Answer:
        number, balance = account["number"], account["balance_fen"]
        _check_term(request, at, STOP_TERM_MAX_MS)
        holds = self._ledger.holds
        running = holds.running_stop(number, at)
        again = running is not None and self._is_repeat(running, request)
        if running is not None and not again:
            turn("1301", "账户已被止付")
        frozen = holds.running_freeze(number, at)
        if frozen is not None:
            turn("1303" if frozen.fen is None else "1302", "账户已被冻结")
        if holds.stops_used(number) >= STOPS_MAX and not again:
            turn("1304", "止付次数超限")
        fen = request.amount("TransferAmount") if self._scenario.limited_stop else None
        self._hold("stop", request, account, fen=fen, span=(at, at + STOP_MS))
        pairs = (
            ("AccountType", type_of(account)),
            ("AccountNumber", number),
            ("CardNumber", card_of(account)),
            ("AccountBalance", yuan(balance)),
            ("StartTime", stamp(at)),
            ("ExpireTime", stamp(at + STOP_MS)),
            ("FailureCause", ""),
            *feedback(self._bank(account)),
        )
        return Answer("1200" if fen is not None and balance < fen else "0000", pairs)

    def _freeze(self, request: Request, account: sqlite3.Row, at: int) -> Answer:
        number, balance = account["number"], account["balance_fen"]
        ends = _check_term(request, at, FREEZE_TERM_MAX_MS)
        limited = request.text("FreezeType") == LIMIT_FREEZE
        if not limited and request.text("FreezeType") != FULL_FREEZE:
            turn("0599", "冻结类型错误")
        fen = request.amount("Balance") if limited else None
        if limited and not fen:
            turn("0500", "必填项缺失：Balance")
        former = self._ledger.holds.running_freeze(number, at)
        if former is not None and self._is_repeat(former, request):
            former = None
        self._hold("freeze", request, account, fen=fen, span=(at, ends))
        applied = balance if fen is None else fen
        pairs = (
            ("AccountType", type_of(account)),
            ("AccountNumber", number),
            ("CardNumber", card_of(account)),
            ("AppliedBalance", yuan(applied)),
            ("FrozedBalance", yuan(0 if former else min(applied, balance))),
            ("Currency", "CNY"),
            ("AccountBalance", yuan(balance)),
            ("StartTime", stamp(at)),
            ("ExpireTime", stamp(ends)),
            ("FailureCause", ""),
            *_former(former, balance),
            ("AccountAvaiableBalance", yuan(self._ledger.free_fen(number, at))),
            *feedback(self._bank(account), "轮候冻结" if former else ""),
        )
        return Answer("0000", pairs)

    def _query(self, request: Request, account: sqlite3.Row, at: int) -> Answer:
        first = request.time("InquiryPeriodStart")
        last = request.time("InquiryPeriodEnd")
        if first is not None and last is not None and first > last:
            turn("0801", "查询期间起止颠倒")
        cap = self._scenario.row_cap
        rows = []
        if request.text("InquiryMode") != BASIC:
            # The wire carries whole seconds: the last second of the period is asked for as a whole.
            until = at if last is None else min(last + 999, at)
            rows = rows_of(self._store, account["number"], (first or 0, until), cap + 1)
        bank = self._bank(account)
        state, free = self._standing(account, at)
        inner = account_record(account, state, free, rows[:cap])
        self._note_effect("statement", request, account, None, at)
        remark = "超过返回上限，仅返回前部分" if len(rows) > cap else ""
        pairs = (
            ("OperatorName", "值班柜员"),
            ("OperatorPhoneNumber", "10100000000"),
            ("FeedbackOrgName", bank.name),
            ("FeedbackRemark", remark),
        )
        return Answer(
            "2400" if len(rows) > cap else "0000", pairs, accounts_record(account, bank, inner)
        )

    def _holder(self, request: Request, account: sqlite3.Row, at: int) -> Answer:
        self._note_effect("holder", request, account, None, at)
        pairs = (*feedback(self._bank(account)), *holder_of(account))
        return Answer("0000", pairs)

    def _all_accounts(self, request: Request, account: sqlite3.Row, at: int) -> Answer:
        """Everything that the holder has at this bank; in mode 02 with what is held there."""
        self._note_effect("accounts", request, account, None, at)
        bank, records, measures = self._bank(account), "", ""
        for each in self._ledger.of_holder(account):
            state, free = self._standing(each, at)
            records += accounts_record(each, bank, account_record(each, state, free, []))
            measures += measures_of(each, self._ledger.holds, at)
        asked = request.text("InquiryMode") == WITH_MEASURES
        return Answer("0000", feedback(bank), records + (measures if asked else ""))

    def _standing(self, account: sqlite3.Row, at: int) -> tuple[str, int]:
        """The status of an account as its bank words it, and what can be paid out of it."""
        held, number = self._ledger.holds, account["number"]
        frozen, stopped = held.running_freeze(number, at), held.running_stop(number, at)
        state = "冻结" if frozen else "止付" if stopped else "正常"
        return state, self._ledger.free_fen(number, at)

    def _is_repeat(self, hold: Hold, request: Request) -> bool:
        """Without its duplicate check a bank carries one order out again; tests count that."""
        same = hold.application_id == request.envelope.application_id
        return same and not self._check_duplicates

    def _hold(
        self,
        kind: str,
        request: Request,
        account: sqlite3.Row,
        *,
        fen: int | None,
        span: tuple[int, int],
    ) -> None:
        self._ledger.holds.add(
            kind,
            account["number"],
            application_id=request.envelope.application_id,
            sender=request.envelope.message_from,
            department=request.text("ApplicationOrgName"),
            fen=fen,
            span=span,
        )
        self._note_effect(kind, request, account, fen, span[0])

    def _note_effect(
        self, kind: str, request: Request, account: sqlite3.Row, fen: int | None, at: int
    ) -> None:
        self._store.run(
            "INSERT INTO effect (at, application_id, kind, account, fen) VALUES (?, ?, ?, ?, ?)",
            at, request.envelope.application_id, kind, account["number"], fen,
        )  # fmt: skip

    def _bank(self, account: sqlite3.Row) -> Bank:
        return self._scenario.banks[account["bank"]]


def _check_term(request: Request, at: int, longest: int) -> int:
    ends = request.time("ExpireTime") or 0
    if ends <= at or ends > at + longest:
        turn("0801", "截止时间超出法律时效")
    return ends


def _former(former: Hold | None, balance: int) -> tuple[tuple[str, str], ...]:
    return (
        ("FormerApplicationDepartment", former.department if former else ""),
        ("FormerFrozenCurrency", "CNY" if former else ""),
        ("FormerFrozenBalance", yuan(former.holds(balance)) if former else ""),
        ("FormerFrozenExpireTime", stamp(former.ends) if former else ""),
    )
