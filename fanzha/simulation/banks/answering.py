"""How a simulated bank words its answers: results, and the elements that all feedbacks share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from fanzha.simulation.banks.wire import fields

if TYPE_CHECKING:
    import sqlite3

    from fanzha.simulation.banks.scenario import Bank


@dataclass(frozen=True)
class Answer:
    """A feedback: its result, its text elements after Result, and records behind them (XML)."""

    result: str
    pairs: tuple[tuple[str, str], ...]
    records: str = ""

    def body(self, application_id: str, result: str = "") -> str:
        """Write the body as XML, with another result if one is given."""
        head = (("ApplicationID", application_id), ("Result", result or self.result))
        return fields(head + self.pairs) + self.records


class Turned(Exception):
    """The bank says no: a result code and its cause."""

    def __init__(self, result: str, cause: str) -> None:
        self.result, self.cause = result, cause
        super().__init__(result)


def feedback_code(tx_code: str) -> str:
    """Give the code of the answer; a code that cannot be read is answered as a stop."""
    return str(int(tx_code) + 1) if tx_code.isdecimal() else "100102"


def garbled(cause: str, bank: Bank | None) -> Answer:
    """Answer a message that did not parse."""
    return Answer("0599", (("FailureCause", cause), *feedback(bank, cause)))


def turn(result: str, cause: str) -> NoReturn:
    """Turn the request away."""
    raise Turned(result, cause)


def type_of(account: sqlite3.Row) -> str:
    """AccountType: 02 corporate, 01 personal."""
    return "02" if account["kind"] == "corporate" else "01"


def card_of(account: sqlite3.Row) -> str:
    """CardNumber: empty for corporate accounts."""
    number: str = account["number"]
    return "" if account["kind"] == "corporate" else number


def feedback(bank: Bank | None, remark: str = "") -> tuple[tuple[str, str], ...]:
    """Block FB: the business reason, who answers."""
    return (
        ("FeedbackRemark", remark),
        ("FeedbackOrgName", bank.name if bank else ""),
        ("OperatorName", "值班柜员"),
        ("OperatorPhoneNumber", "10100000000"),
    )
