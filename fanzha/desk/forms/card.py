"""The intake card: fields and payment rows as posted, filled by suggestions, read into a report.

Payments travel as `p1-amount`, `p1-time`, … `p2-amount`, …; `p1-drop` takes a row out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from fanzha.desk.forms.cells import DOUBTFUL, NEEDED, WAS, Cell, bare
from fanzha.desk.forms.readings import Unreadable, account_of, fen_of, moment_of
from fanzha.intake.rules import ToldPayment, ToldReport, payment_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from fanzha.desk.forms.cells import Guess
    from fanzha.desk.forms.suggest import Suggested

FIELDS = ("ongoing", "door", "victim_name", "victim_phone", "victim_id_number", "fraud_type")
COLUMNS = (
    "amount", "time", "kind", "from_account", "to_account", "to_institution", "to_name", "to_hint",
)  # fmt: skip
CONTENT = ("amount", "time", "from_account", "to_account", "to_name", "to_hint")
"""A row with nothing in any of these is empty."""
WIDTHS = {"victim_name": 80, "victim_phone": 30, "victim_id_number": 30}
ROW_WIDTHS = {
    "from_account": 60,
    "to_account": 60,
    "to_institution": 12,
    "to_name": 80,
    "to_hint": 200,
}
MOST_ROWS = 200
OTHER_TYPE = "AL"
"""What stands for "not clear yet": a message to a bank must name a type."""
_ROW = re.compile(r"p(\d{1,3})-(?:drop|[a-z_]+)")


@dataclass
class Row:
    """One payment of the card."""

    number: int
    cells: dict[str, Cell]
    dropped: bool = False
    seen_in: int = 0

    @classmethod
    def blank(cls, number: int) -> Row:
        """An empty row."""
        row = cls(number, {name: Cell(f"p{number}-{name}") for name in COLUMNS})
        row.cells["kind"].value = row.cells["kind"].was = "bank"
        return row

    @classmethod
    def read(cls, post: Mapping[str, str], number: int) -> Row:
        """Take a row from a request."""
        cells = {name: Cell.read(post, f"p{number}-{name}") for name in COLUMNS}
        return cls(number, cells, dropped=bool(post.get(f"p{number}-drop")))

    @property
    def empty(self) -> bool:
        """Nothing is known of this payment."""
        return not any(self.cells[name].value for name in CONTENT)

    @property
    def own(self) -> bool:
        """Whether a person wrote anything in it."""
        return self.dropped or any(cell.own for cell in self.cells.values())

    @property
    def payee(self) -> str:
        """The payee's account without spaces."""
        return "".join(self.cells["to_account"].value.split())

    @property
    def drop_name(self) -> str:
        """Name of the box that takes the row out."""
        return f"p{self.number}-drop"

    def likeness(self, guesses: Mapping[str, Guess]) -> int:
        """How surely the row is this suggested payment: account and amount, 0 to 2."""
        score = 0
        for name in ("amount", "to_account"):
            guess = guesses.get(name)
            score += bool(guess and bare(guess.value) in self.cells[name].keys)
        return score

    def offer(self, guesses: Mapping[str, Guess]) -> None:
        """Fill what no person wrote."""
        for name, cell in self.cells.items():
            cell.offer(guesses.get(name))
        if not self.cells["kind"].value:
            self.cells["kind"].value = self.cells["kind"].was = "bank"

    def renumber(self, number: int) -> None:
        """Give the row its place."""
        self.number = number
        for name, cell in self.cells.items():
            cell.name = f"p{number}-{name}"


@dataclass
class Card:
    """The whole form."""

    form_token: str
    told: str
    cells: dict[str, Cell]
    rows: list[Row]
    fraud_reason: str = ""
    suggested: Suggested | None = None
    errors: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, post: Mapping[str, str]) -> Card:
        """Take the form from a request."""
        numbers = {
            int(found[1]) for key in post if (found := _ROW.fullmatch(key.removesuffix(WAS)))
        }
        rows = [Row.read(post, number) for number in sorted(numbers)[:MOST_ROWS]]
        return cls(
            form_token=post.get("form_token", "")[:40],
            told=post.get("told", "").replace("\r\n", "\n"),
            cells={name: Cell.read(post, name) for name in FIELDS},
            rows=[row for row in rows if not row.empty or row.own],
        )

    def fill(self, suggested: Suggested) -> None:
        """Offer the suggestions to every field; rows find their payment by account and amount."""
        self.suggested, self.fraud_reason = suggested, suggested.fraud_reason
        for name, cell in self.cells.items():
            if name not in ("ongoing", "door"):
                cell.offer(suggested.fields.get(name))
        left = list(self.rows)
        rows: list[Row] = []
        for guesses in suggested.rows:
            row = max(left, key=lambda each: each.likeness(guesses), default=None)
            if row is None or not row.likeness(guesses):
                row = Row.blank(0)
            else:
                left.remove(row)
            row.offer(guesses)
            rows.append(row)
        # What nobody wrote and the text no longer says goes; what a person wrote stays.
        rows += [row for row in left if row.own]
        self.rows = rows
        self.arrange()

    def arrange(self) -> None:
        """Number the rows, say what a bank still needs, and leave an empty one to write in."""
        self.rows = [row for row in self.rows if not row.empty or row.own]
        self.rows.append(Row.blank(0))
        for number, row in enumerate(self.rows, start=1):
            row.renumber(number)
            if not row.empty and not row.dropped:
                _ask_for_missing(row)

    def payments(self, at: datetime) -> list[tuple[Row, ToldPayment]]:
        """The payments that can be read; what cannot is marked in its cell."""
        found = []
        for row in self.rows:
            if row.empty or row.dropped:
                continue
            payment = _payment(row, at)
            if payment is not None:
                found.append((row, payment))
        return found

    def report(self, at: datetime) -> ToldReport:
        """The report as the card says it; rows that cannot be read are left out and marked."""
        value = {name: cell.value[: WIDTHS.get(name, 40)] for name, cell in self.cells.items()}
        guess = self.suggested.fields.get("fraud_type") if self.suggested else None
        as_suggested = guess is not None and guess.value == value["fraud_type"]
        value["fraud_type"] = value["fraud_type"] or OTHER_TYPE
        return ToldReport(
            form_token=self.form_token,
            told=self.told,
            payments=tuple(payment for _, payment in self.payments(at)),
            mentions=self.suggested.mentions if self.suggested else (),
            fraud_reason=self.fraud_reason[:300] if as_suggested else "",
            **value,
        )

    @property
    def flawed(self) -> bool:
        """Whether something cannot be taken as it stands."""
        cells = [*self.cells.values(), *(cell for row in self.rows for cell in row.cells.values())]
        return bool(self.errors) or any(cell.error for cell in cells)


def _payment(row: Row, at: datetime) -> ToldPayment | None:
    values: dict[str, str] = {
        name: cell.value[: ROW_WIDTHS.get(name, 60)] for name, cell in row.cells.items()
    }
    amount_fen, paid_at, flawed = 0, None, False
    try:
        amount_fen = fen_of(values["amount"], at)
    except Unreadable as why:
        row.cells["amount"].error, flawed = str(why), True
    try:
        paid_at = moment_of(values["time"], at)
    except Unreadable as why:
        row.cells["time"].error, flawed = str(why), True
    kind = values["kind"] or "bank"
    if kind not in payment_kinds():
        row.cells["kind"].error, flawed = _("Choose one of the list."), True
    accounts = {}
    for name in ("from_account", "to_account"):
        try:
            accounts[name] = account_of(values[name], kind)
        except Unreadable as why:
            row.cells[name].error, flawed = str(why), True
    if flawed:
        return None
    return ToldPayment(
        amount_fen=amount_fen, paid_at=paid_at, kind=kind, to_name=values["to_name"],
        to_institution=values["to_institution"], to_hint=values["to_hint"], **accounts,
    )  # fmt: skip


def _ask_for_missing(row: Row) -> None:
    """A bank acts on number, name, time and amount: what is missing is asked for first."""
    cells = row.cells
    kind = cells["kind"].value or "bank"
    if not payment_kinds().get(kind, {}).get("by_message", True):
        return
    wanted = {
        "amount": _("How much?"),
        "to_account": _("To which account number?"),
        "to_institution": _("At which bank?"),
        "to_name": _("In whose name? The bank checks it first."),
        "time": _("When? The bank checks it first."),
    }
    for name, ask in wanted.items():
        if not cells[name].value:
            cells[name].doubt, cells[name].ask = NEEDED, cells[name].ask or ask
    if "*" in cells["to_account"].value:
        cells["to_account"].doubt = max(cells["to_account"].doubt, DOUBTFUL)
        cells["to_account"].ask = cells["to_account"].ask or _("The full number?")
