"""From the lines of a 34-column file to canonical rows; what cannot be read is named."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC
from itertools import islice
from typing import TYPE_CHECKING, Any

from fanzha.core.clock import ZONE
from fanzha.entities.rules import half_width
from fanzha.movements.cells import (
    LONGEST_CURRENCY,
    Unreadable,
    account_of,
    amount_of,
    clean,
    maybe_damaged,
    time_of,
)
from fanzha.movements.row import TEXTS, Account, Row
from fanzha.movements.settling import plain_word
from fanzha.movements.source import MOST_COLUMNS, UNDECODABLE, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from fanzha.movements.profile import Profile
    from fanzha.movements.source import Header, Line

HELD = frozenset(TEXTS) | {
    "txn_time", "txn_date", "amount_fen", "amount_in", "amount_out", "balance_fen", "direction",
    "currency", "success", "cp_balance_fen", "remark_2",
}  # fmt: skip
"""Canonical columns that a row has a place for; the others go to `extra` under their names."""
FEW = 4
"""At most so many cells say whose rows follow: name, account, currency, branch."""
SAMPLE = 50
"""So many rows show how the rows of a file end."""
_HEAD = re.compile(r"[¥￥+-]?[0-9]{1,3}")
_MONTH_DAY = re.compile(r"([0-9]{1,2})/[0-9]{1,2}")
_BLANK = re.compile(r"[ \t\"]")
_TAIL = re.compile(r"[0-9]{3}(?:\.[0-9]*)?")


@dataclass(frozen=True)
class Reject:
    """A line that could not be read: where, which column, why (of rules.REASONS), its cells."""

    row_no: int
    field: str
    reason: str
    value: str
    raw: str


class Rejected(Exception):
    """Why a line cannot be read: the canonical column, a key of rules.REASONS, the cell."""

    def __init__(self, column: str, reason: str, value: str) -> None:
        super().__init__(reason)
        self.column, self.reason, self.value = column, reason, value


class Reader:
    """Reads the records below one header.

    `fallback` is whose rows they are where no column says so, and `moved` whether that changed.
    `month` is (year, month) of a bill whose days come without their year; None elsewhere. `utc`:
    the name of the column says that its times are.
    """

    def __init__(self, header: Header, profile: Profile, own: Account | None = None) -> None:
        self.fallback = own
        self.moved = False
        self.month: tuple[int, int] | None = None
        self.header = header
        self.profile = profile
        self._width = self._allowed = self._usual = len(header.names)
        self._texts = [(name, header.place[name]) for name in TEXTS if name in header.place]
        self._more = [(name, at) for name, at in header.place.items() if name not in HELD]
        at = header.place.get("txn_time", header.place.get("txn_date"))
        clock = "" if at is None else header.names[at].upper()
        self.utc = "UTC" in clock and "+" not in clock
        self.rows: list[Row] = []
        self.rejects: list[Reject] = []
        self.skipped = header.number

    def read(self, lines: Sequence[str]) -> None:
        """Read every record: into a row, a reject, or the count of those that are no data."""
        self.learn(lines)
        for line in records(lines, self.header):
            self.take(line)

    def take(self, line: Line) -> None:
        """Read one record, once `learn` knows the width of the file's rows."""
        if self._names_account(line.cells) or self._is_no_data(line.cells):
            self.skipped += 1
            return
        try:
            self.rows.append(self._row(line))
        except Rejected as error:
            self.rejects.append(self._reject(line, error))

    def _names_account(self, cells: Sequence[str]) -> bool:
        """Whether a line of few cells and no time says whose the rows below it are."""
        filled = [cell for cell in cells if cell.strip()]
        if self.fallback is None or len(filled) > FEW:
            return False
        own = named_account(",".join(filled), self.profile)
        try:
            self._time(cells)
        except Rejected:
            self.moved |= own not in (None, self.fallback)
            self.fallback = own or self.fallback
            return own is not None
        return False

    @property
    def most_cells(self) -> int:
        """So many cells a plain row has at most."""
        return min(self._allowed, self._usual)

    def learn(self, lines: Sequence[str]) -> None:
        """How many cells the rows have: a bare comma in an amount would move all that follow it.

        Rows may all end in a delimiter that the header lacks; no other cell too many is allowed.
        """
        some = [line.cells for line in islice(records(lines, self.header), SAMPLE) if line.cells]
        counts = Counter(len(cells) for cells in some).most_common(1)
        if counts and counts[0][1] * 5 >= len(some) * 4:
            self._usual = counts[0][0]
        some = [cells for cells in some if not self._is_no_data(cells)]
        longer = all(len(cells) == self._width + 1 and not cells[-1].strip() for cells in some)
        if longer and any(self._is_straight(cells) for cells in some):
            self._allowed = self._width + 1

    def _is_straight(self, cells: Sequence[str]) -> bool:
        """Whether the cells stand below their names: a known direction, or no such column."""
        if "direction" in self.header.place:
            return self.text(cells, "direction").strip().casefold() in self.profile.directions
        return bool(self.profile.marks) or self.profile.general

    def _is_split(self, cells: Sequence[str]) -> bool:
        """Whether the amount was written 26,000.00 and became two cells of a longer row."""
        if len(cells) <= self._usual:
            return False
        at = self.header.place.get("amount_fen")
        if at is None:
            return False
        head, tail = (cells[each].strip() if each < len(cells) else "" for each in (at, at + 1))
        return bool(_HEAD.fullmatch(head) and _TAIL.fullmatch(tail))

    def _is_no_data(self, cells: list[str]) -> bool:
        """Blank lines, the header again or in another language, totals, and what stands below."""
        filled = [cell for cell in cells if cell.strip()]
        # Without a digit there is neither a time nor an amount; a lone text is a footer.
        if not any(map(_has_digit, filled)) or (
            len(filled) == 1 and any(map(str.isalpha, filled[0]))
        ):
            return True
        names = self.header.names
        if cells[0].strip() == names[0] and [cell.strip() for cell in cells] == list(names):
            return True
        if time := clean(self._time_text(cells)):
            words = {time, clean(self.text(cells, "summary"))}
            return bool(words & self.profile.carried) or time.startswith(self.profile.totals)
        return any(clean(cell).startswith(self.profile.totals) for cell in cells)

    def _reject(self, line: Line, error: Rejected) -> Reject:
        at = self.header.place.get(error.column)
        name = error.column if at is None else self.header.names[at]
        return Reject(line.number, name, error.reason, error.value, self._raw(line.cells))

    def _row(self, line: Line) -> Row:
        cells = line.cells
        if len(cells) > self._allowed or self._is_split(cells):
            raise Rejected("row", "too_many_cells", str(len(cells)))
        if UNDECODABLE in "".join(cells):
            raise Rejected("row", "undecodable", "")
        cells = [clean(cell) if cell else "" for cell in cells[: self._width]]
        cells += [""] * (self._width - len(cells))
        currency = self.currency_of(cells)
        issues: list[str] = []
        moment, precision = self._time(cells)
        amount, direction = self._movement(cells, currency, issues)
        own, card, account = self.own_of(cells, direction)
        cp = account_of(self.cp_text(cells, direction))
        direction_word, success_word = self.text(cells, "direction"), self.text(cells, "success")
        row = Row(
            row_no=line.number,
            row_sha256=_digest(line.cells[: self._width]),
            txn_time=moment,
            time_precision=precision,
            amount_fen=amount,
            direction=direction,
            success=self.profile.success.get(success_word.casefold(), "unknown"),
            currency=currency,
            own_key=own.key,
            own_kind=own.kind,
            card_key=card.key if card.matches else "",
            account_key=account.key if account.matches else "",
            sub_account=account.sub,
            cp_key=cp.key,
            cp_kind=cp.kind,
            balance_fen=self._balance(cells, "balance_fen", currency, issues),
            cp_balance_fen=self._balance(cells, "cp_balance_fen", currency, issues),
            direction_word=direction_word,
            success_word=success_word,
            raw=self._raw(line.cells),
            extra=self._extra(cells),
            issues=issues + account_issues(own, cp),
        )
        for name, at in self._texts:
            if cells[at]:
                setattr(row, name, cells[at])
        if more := self.text(cells, "remark_2"):
            row.remark = " / ".join(filter(None, [self.text(cells, "remark"), more]))
        return row

    def text(self, cells: Sequence[str], column: str) -> str:
        """What a cell says; words for "nothing" say nothing."""
        at = self.header.place.get(column)
        text = cells[at] if at is not None and at < len(cells) else ""
        return "" if not text or text.casefold() in self.profile.empty else text

    def _time_text(self, cells: Sequence[str]) -> str:
        return self.text(cells, "txn_time") or self.text(cells, "txn_date")

    def _time(self, cells: Sequence[str]) -> tuple[datetime, str]:
        time, day = self.text(cells, "txn_time"), self.text(cells, "txn_date")
        if self.month and (found := _MONTH_DAY.fullmatch(day)):
            year, month = self.month
            day = f"{year - (int(found[1]) > month)}/{day}"
        if not time and not day:
            raise Rejected("txn_time", "no_time", "")
        for text in (time, f"{day} {time}".strip()) if time else (day,):
            try:
                moment, precision = time_of(text)
            except Unreadable:
                continue
            if self.utc and moment.tzinfo is ZONE:
                moment = moment.replace(tzinfo=UTC).astimezone(ZONE)
            return moment, precision
        raise Rejected("txn_time" if time else "txn_date", "bad_time", time or day)

    def _movement(self, cells: Sequence[str], currency: str, issues: list[str]) -> tuple[int, str]:
        """Amount and direction: by column, by sign, by word or by how the summary begins."""
        if "amount_fen" not in self.header.place:
            return self._of_two(cells, currency)
        amount = self._money(cells, "amount_fen", currency)
        profile = self.profile
        if profile.sign:
            other = "in" if profile.sign == "out" else "out"
            return abs(amount), other if amount < 0 else profile.sign
        return amount, self.direction_of(cells, issues)

    def direction_of(self, cells: Sequence[str], issues: list[str]) -> str:
        """By word, or by how the summary begins."""
        at = self.header.place.get("direction")
        word = cells[at] if at is not None else ""
        if word in self.profile.neutral:
            issues.append("neutral")
        if at is None and self.profile.prefixes:
            summary = self.text(cells, "summary")
            starts = self.profile.prefixes.items()
            ways = {way for each, way in starts if summary.startswith(each)}
            return ways.pop() if len(ways) == 1 else "unknown"
        word = plain_word(self.text(cells, "direction"))
        return self.profile.directions.get(word, "unknown")

    def _of_two(self, cells: Sequence[str], currency: str) -> tuple[int, str]:
        """Income and expense in columns of their own: the filled one says the direction."""
        told = {
            way: self._money(cells, column, currency)
            for way, column in (("in", "amount_in"), ("out", "amount_out"))
            if self.text(cells, column)
        }
        moved = {way: amount for way, amount in told.items() if amount} or dict([*told.items()][:1])
        if not moved:
            raise Rejected("amount_in", "no_amount", "")
        if len(moved) > 1:
            both = " / ".join(self.text(cells, f"amount_{way}") for way in moved)
            raise Rejected("amount_in", "bad_amount", both)
        ((way, amount),) = moved.items()
        return amount, way

    def _minor(self, text: str, currency: str) -> int:
        if note := self.profile.amount_note:
            text = note.sub("", text)
        if not self.profile.fen:
            return amount_of(text, currency)
        hundredfold = amount_of(text, "CNY")
        if hundredfold % 100:
            raise Unreadable("sub_fen")
        return hundredfold // 100

    def _money(self, cells: Sequence[str], column: str, currency: str) -> int:
        text = self.text(cells, column)
        if not text:
            raise Rejected(column, "no_amount", "")
        try:
            return self._minor(text, currency)
        except Unreadable as error:
            raise Rejected(column, error.reason, text) from None

    def _balance(
        self, cells: Sequence[str], column: str, currency: str, issues: list[str]
    ) -> int | None:
        """A balance that cannot be read is an issue of the row; the movement still counts."""
        text = self.text(cells, column)
        if not text:
            return None
        try:
            return self._minor(text, currency)
        except Unreadable as error:
            issues.append(f"{column}: {error.reason}")
            return None

    def currency_of(self, cells: Sequence[str]) -> str:
        """The code; a word that is not known as it stands, in capitals."""
        word = self.text(cells, "currency") or self.profile.currency
        return self.profile.currencies.get(word.casefold(), word.upper()[:LONGEST_CURRENCY])

    def cp_text(self, cells: Sequence[str], direction: str) -> str:
        """The other side's number as written."""
        side = "payer" if direction == "in" else "payee"
        return self.text(cells, "cp_account_no") or self._side(cells, side)

    def _side(self, cells: Sequence[str], side: str) -> str:
        """The account of payer or payee, where the layout names them so."""
        return self.text(cells, f"{side}_account_no") or self.text(cells, f"{side}_card_no")

    def own_of(self, cells: Sequence[str], direction: str) -> tuple[Account, Account, Account]:
        """Whose row it is: the account that counts, the card, the account; raises Rejected."""
        if "payer_account_no" in self.header.place:
            side = self._side(cells, "payee" if direction == "in" else "payer")
            if side:
                return account_of(side), Account(), account_of(side)
        card = account_of(self.text(cells, "card_no"))
        account = account_of(self.text(cells, "account_no"))
        own = next(
            (each for each in (card, account) if each.matches), card if card.key else account
        )
        if not own.key and self.fallback:
            return self.fallback, Account(), self.fallback
        if not own.key:
            raise Rejected("card_no" if "card_no" in self.header.place else "account_no",
                            "no_account", "")  # fmt: skip
        return own, card, account

    def _raw(self, cells: Sequence[str]) -> str:
        named: dict[str, Any] = {
            name: cell for name, cell in zip(self.header.names, cells, strict=False) if cell
        }
        if surplus := [cell for cell in cells[self._width : MOST_COLUMNS] if cell]:
            named["…"] = surplus
        return json.dumps(named, ensure_ascii=False)

    def _extra(self, cells: Sequence[str]) -> str:
        names = self.header.names
        found = {names[at]: cells[at] for at in self.header.extra if cells[at]}
        found |= {name: cells[at] for name, at in self._more if cells[at]}
        return json.dumps(found, ensure_ascii=False) if found else "{}"


def account_issues(own: Account, cp: Account) -> list[str]:
    """What is wrong with the two numbers of a row."""
    return list(_account_issues({"own": own, "cp": cp}))


def _account_issues(sides: Mapping[str, Account]) -> Iterator[str]:
    for side, account in sides.items():
        if account.kind in ("masked", "damaged"):
            yield f"{side}_{account.kind}"
        elif account.kind == "number" and maybe_damaged(account.key):
            yield f"{side}_maybe_damaged"


def named_account(text: str, profile: Profile) -> Account | None:
    """The account that lines above rows name."""
    plain = _BLANK.sub("", half_width(text))
    found = profile.own.search(plain) if profile.own else None
    if found is None:
        return None
    own = account_of(found[1])
    return own._replace(kind="masked") if "*" in found[1] else own


def _has_digit(cell: str) -> bool:
    return any(map(str.isdigit, cell))


def _digest(cells: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(cells).encode("utf-8", "surrogatepass")).hexdigest()
