"""Read a movements CSV of any size into a Ledger: same rows, same refusals as `files.py`.

Whatever it meets that it does not surely read like the exact reader it leaves to that (Unsettled).
Rows that the engine refuses raise InputError, as they do there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fanzha.tracing.blocks import GB18030, UTF_8, NotUtf8, Unsettled, columns_of
from fanzha.tracing.engine.columns import CODE_OF
from fanzha.tracing.engine.model import (
    EXIT_KINDS,
    HOME_CURRENCY,
    MOST_FEN,
    MOST_TIME,
    NO_BALANCE,
    NO_ROW,
    OUTSIDE,
    EndKind,
    InputError,
)
from fanzha.tracing.engine.order import settled_orders, tied_groups
from fanzha.tracing.engine.texts import mark, read_whole
from fanzha.tracing.ledger import NOTHING, Ledger
from fanzha.tracing.naming import Names, Texts
from fanzha.tracing.stamps import Stamps

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

REQUIRED: Final = ("id", "time", "from_account", "to_account", "amount_fen")
OPTIONAL: Final = (
    "time_to", "balance_from_fen", "balance_to_fen", "channel", "currency", "reverses",
)  # fmt: skip
MOST_CURRENCIES: Final = 255
UNKNOWN: Final = CODE_OF[EndKind.UNKNOWN]
NO_BYTES: Final = np.empty(0, np.uint8)


def read_ledger(path: Path, group_of: Mapping[str, str]) -> Ledger:
    """Read all rows, sorted by time, rows of one time in file order.

    Raises Unsettled where the exact reader has to say what stands there, and InputError.
    """
    try:
        return _read(path, group_of, UTF_8)
    except NotUtf8:
        return _read(path, group_of, GB18030)


def _read(path: Path, group_of: Mapping[str, str], encoding: str) -> Ledger:
    gathered = _Gathered(group_of)
    for block in columns_of(path, REQUIRED, OPTIONAL, encoding):
        gathered.add(block)
    return gathered.ledger()


class _Gathered:
    """The columns of the blocks that were read so far, in file order."""

    def __init__(self, group_of: Mapping[str, str]) -> None:
        self.group_of = group_of
        self.names = Names()
        self.currencies = {HOME_CURRENCY: 0}
        self.stamps = Stamps()
        self.rows = 0
        self.parts: dict[str, list[NDArray[Any]]] = {}
        self.originals: dict[int, str] = {}

    def add(self, block: Mapping[str, tuple[NDArray[np.uint8], NDArray[np.int64]]]) -> None:
        """Take one block; raises Unsettled."""
        data, starts = block["id"]
        count = len(starts) - 1
        marks = np.empty(count, np.uint64)
        if not mark(data, starts, marks):
            raise Unsettled("an id is empty")
        self._keep(marks=marks, id_data=data, id_ends=starts[1:])
        self.stamps.add(block["time"], block.get("time_to"))
        payer = self.names.enter(*block["from_account"])
        payee = self.names.enter(*block["to_account"])
        if ((payer == OUTSIDE) & (payee == OUTSIDE)).any():
            raise Unsettled("both accounts are empty")
        fen = self._whole(block["amount_fen"], least=0, nothing=-1)
        if count and int(fen.min()) < 0:
            raise Unsettled("an amount is empty")
        self._keep(payer=payer, payee=payee, fen=fen)
        for name in ("balance_from_fen", "balance_to_fen"):
            if name in block:
                self._keep_balances(name, self._whole(block[name], -MOST_FEN, NO_BALANCE))
        if "channel" in block:
            self._keep(channel=_exits(block["channel"], payee))
        if "currency" in block:
            self._keep(currency=self._currencies(block["currency"]))
        if "reverses" in block:
            self._reversals(block["reverses"])
        self.rows += count

    def ledger(self) -> Ledger:
        """Put everything together."""
        key, arrived, per_second = self.stamps.keys()
        dated = self.stamps.dated() if per_second > 1 else NO_BYTES
        ids = self._ids()
        _refuse_twice(ids, self.parts.pop("marks", []))
        payer, payee = self._grouped("payer"), self._grouped("payee")
        time = key // per_second if per_second > 1 else key
        if len(arrived):
            nowhere = (arrived == NO_BALANCE) | (payee == OUTSIDE)
            arrived = np.where(nowhere, time, arrived // per_second)
        for column in (time, arrived):
            if len(column) and max(-int(column.min()), int(column.max())) > MOST_TIME:
                raise Unsettled("a time is out of range")
        ledger = Ledger(
            time=time,
            arrived=arrived if (arrived != time[: len(arrived)]).any() else NOTHING,
            dated=dated if dated.any() else NO_BYTES,
            payer=payer,
            payee=payee,
            fen=self._whole_column("fen", np.int64),
            balance_from=self._balances("balance_from_fen"),
            balance_to=self._balances("balance_to_fen"),
            channel=self._unless("channel", UNKNOWN),
            currency=self._unless("currency", 0),
            reverses=NOTHING,
            place=NOTHING,
            ids=ids,
            names=self.names,
            currencies=tuple(self.currencies),
        )
        ledger = _with_originals(ledger, self.originals)
        if (key[1:] < key[:-1]).any():
            ledger = ledger.in_order(np.argsort(key, kind="stable"))
        _check_reversals(ledger)
        return _settled(ledger)

    def _keep(self, **columns: NDArray[Any]) -> None:
        for name, column in columns.items():
            self.parts.setdefault(name, []).append(column)

    def _keep_balances(self, name: str, column: NDArray[np.int64]) -> None:
        """Keep a column of balances from the first block on that states any."""
        if name not in self.parts and (column == NO_BALANCE).all():
            return
        if name not in self.parts and self.rows:
            self._keep(**{name: np.full(self.rows, NO_BALANCE)})
        self._keep(**{name: column})

    def _whole(
        self, texts: tuple[NDArray[np.uint8], NDArray[np.int64]], least: int, nothing: int
    ) -> NDArray[np.int64]:
        found = np.empty(len(texts[1]) - 1, np.int64)
        if not read_whole(*texts, least, nothing, found):
            raise Unsettled("a number")
        return found

    def _currencies(self, texts: tuple[NDArray[np.uint8], NDArray[np.int64]]) -> NDArray[np.uint8]:
        words, number = _words(texts)
        codes = [
            self.currencies.setdefault(word.upper() or HOME_CURRENCY, len(self.currencies))
            for word in words
        ]
        if len(self.currencies) > MOST_CURRENCIES:
            raise Unsettled("currencies")
        return np.array(codes, np.uint8)[number]

    def _reversals(self, texts: tuple[NDArray[np.uint8], NDArray[np.int64]]) -> None:
        found = Texts(*texts)
        for at in np.flatnonzero(np.diff(found.starts)).tolist():
            self.originals[self.rows + at] = found.text(at)

    def _ids(self) -> Texts:
        """All ids behind each other."""
        ends, shift = self.parts.pop("id_ends", []), 0
        data = self.parts.pop("id_data", [])
        starts = np.concatenate([np.zeros(1, np.int64), *ends])
        at = 1
        for part, held in zip(ends, data, strict=True):
            starts[at : at + len(part)] += shift
            at, shift = at + len(part), shift + len(held)
        return Texts(np.concatenate([NO_BYTES, *data]), starts)

    def _grouped(self, name: str) -> NDArray[np.int32]:
        """Accounts that are one get the number of their group."""
        column: NDArray[np.int32] = self._whole_column(name, np.int32)
        members = self.names.numbers(list(self.group_of))
        if not (members >= 0).any():
            return column
        asked = Texts.of(self.group_of.values())
        groups = self.names.enter(asked.data, asked.starts)
        # OUTSIDE is -1: the last place, which no account has.
        number = np.append(np.arange(len(self.names), dtype=np.int32), np.int32(OUTSIDE))
        number[members[members >= 0]] = groups[members >= 0]
        return number[column]

    def _whole_column(self, name: str, kind: Any) -> NDArray[Any]:
        """A column of all blocks; what it was made of is let go."""
        return np.concatenate([np.empty(0, kind), *self.parts.pop(name, [])])

    def _balances(self, name: str) -> NDArray[np.int64]:
        return self._whole_column(name, np.int64) if name in self.parts else NOTHING

    def _unless(self, name: str, nothing: int) -> NDArray[np.uint8]:
        """The column, or none where it says nothing."""
        column: NDArray[np.uint8] = self._whole_column(name, np.uint8)
        return column if (column != nothing).any() else NO_BYTES


def _words(
    texts: tuple[NDArray[np.uint8], NDArray[np.int64]],
) -> tuple[list[str], NDArray[np.int32]]:
    """The different words of a column of few, the empty one first; the number of each cell's."""
    names = Names()
    number = names.enter(*texts)
    held = names.texts
    return ["", *(held.text(at) for at in range(len(held)))], number + 1


def _exits(
    texts: tuple[NDArray[np.uint8], NDArray[np.int64]], payee: NDArray[np.int32]
) -> NDArray[np.uint8]:
    words, number = _words(texts)
    kinds = [word.lower() for word in words]
    odd = np.array([bool(kind) and kind not in EXIT_KINDS for kind in kinds])
    if (odd[number] & (payee == OUTSIDE)).any():
        raise Unsettled("a channel")
    codes = [CODE_OF[EndKind(kind)] if kind in EXIT_KINDS else UNKNOWN for kind in kinds]
    return np.array(codes, np.uint8)[number]


def _refuse_twice(ids: Texts, parts: list[NDArray[np.uint64]]) -> None:
    """Refuse an id that stands twice; rows whose marks are the same by chance are looked at."""
    marks = np.concatenate([np.empty(0, np.uint64), *parts])
    parts.clear()
    marks.sort()
    twins = np.unique(marks[1:][marks[1:] == marks[:-1]])
    if not len(twins):
        return
    seen: set[str] = set()
    for at in np.flatnonzero(np.isin(ids.marks(), twins)).tolist():
        name = ids.text(at)
        if name in seen:
            raise InputError(f"the id {name!r} stands twice", row_id=name, field="id")
        seen.add(name)


def _with_originals(ledger: Ledger, originals: Mapping[int, str]) -> Ledger:
    """Set the row that each reversal reverses; the ledger is still in file order."""
    if not originals:
        return ledger
    row_of = {ledger.id_of(row): row for row in ledger.rows_called(originals.values()).tolist()}
    reverses = np.full(len(ledger), NO_ROW)
    for row, name in originals.items():
        if name not in row_of:
            problem = f"no movement has the id {name!r}"
            raise InputError(problem, row_id=ledger.id_of(row), field="reverses")
        reverses[row] = row_of[name]
    return replace(ledger, reverses=reverses)


def _check_reversals(ledger: Ledger) -> None:
    """Refuse a reversal that is no mirror of an earlier row."""
    rows = np.flatnonzero(ledger.reverses != NO_ROW)
    originals = ledger.reverses[rows]
    bad = originals >= rows
    bad |= ledger.payer[rows] != ledger.payee[originals]
    bad |= ledger.payee[rows] != ledger.payer[originals]
    if len(ledger.currency):
        bad |= ledger.currency[rows] != ledger.currency[originals]
    if bad.any():
        name = ledger.id_of(int(rows[np.argmax(bad)]))
        movements = ledger.movements(rows[np.argmax(bad)][None])
        movements.check_reversal(movements.row_of[name])


def _settled(ledger: Ledger) -> Ledger:
    """Use balances where they allow one order of rows only: see `order.settled_orders`."""
    tied = np.zeros(0, np.uint8)
    if len(ledger.balance_from) or len(ledger.balance_to):
        tied = ledger.ties().accounts
    if not tied.any():
        return ledger
    rows = ledger.with_originals(ledger.rows_of(np.flatnonzero(tied)))
    grouped = [row for group in tied_groups(ledger.movements(rows)) for row in group]
    ends = np.concatenate([ledger.payer[rows[grouped]], ledger.payee[rows[grouped]]])
    rows = ledger.with_originals(ledger.rows_of(np.unique(ends).astype(np.int64)))
    orders = [rows[order] for order in settled_orders(ledger.movements(rows))]
    if not orders:
        return ledger
    slot, time = np.arange(len(ledger)), ledger.time.copy()
    for order in orders:
        slot[order] = np.sort(order)
        time[order] = np.maximum.accumulate(time[order])
    arrived = ledger.arrived if len(ledger.arrived) else ledger.time
    moved = replace(ledger, time=time, arrived=arrived).in_order(np.lexsort((slot, time)))
    return replace(moved, settled=tuple(int(order.min()) for order in orders))
