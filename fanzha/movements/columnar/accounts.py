"""What a file tells of every account: rows, sums and the balance check, from columns.

Held per row: 33 bytes of numbers, and 8 more while accounts are checked; per account its name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fanzha.movements import balances
from fanzha.movements.columnar import walking
from fanzha.movements.columnar.hashing import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

KINDS = {"code": np.int32, "row_no": np.int32, "at": np.int64, "amount_fen": np.int64,
         "balance_fen": np.int64, "flag": np.uint8}  # fmt: skip
WAYS = ("in", "out", "unknown")
MOVED = "moved"
"""The directions in which money moved at all; `sums_of` takes it out of a check."""
_SEPARATOR = "\x1f"


class Entry(NamedTuple):
    """A row as balances.settled needs it."""

    row_no: int
    at: int
    amount_fen: int
    direction: str
    success: str
    balance_fen: int | None


class Accounts:
    """Takes the tables of a file; `rows` counts all rows by account, kept or not."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._holders: dict[int, str] = {}
        self._parts: dict[str, list[NDArray[Any]]] = {name: [] for name in KINDS}
        self.rows: Counter[int] = Counter()
        self.kept = 0

    def add(self, table: pa.Table) -> None:
        """Take the rows of a table, marked for duplicates already."""
        names = ("own_key", "sub_account", "currency")
        coded = pc.binary_join_element_wise(*(table[name] for name in names), _SEPARATOR)
        coded = coded.combine_chunks().dictionary_encode()
        coded = coded.chunk(0) if isinstance(coded, pa.ChunkedArray) else coded
        known = [self._codes.setdefault(key, len(self._codes))
                 for key in coded.dictionary.to_pylist()]  # fmt: skip
        codes = np.array(known, np.int32)[coded.indices.to_numpy()]
        counts = np.bincount(codes)
        for code in np.flatnonzero(counts).tolist():
            self.rows[code] += int(counts[code])
        kept = pc.equal(table["dup_of"], "")
        if not pc.all(kept).as_py():
            table, codes = table.filter(kept), codes[kept.to_numpy()]
        self.kept += table.num_rows
        self._name(codes, table["holder_name"])
        flags = pc.index_in(table["direction"], pa.array(WAYS)).to_numpy().astype(np.uint8)
        failed = pc.equal(table["success"], "failed").to_numpy()
        told = {
            "code": codes,
            "row_no": table["row_no"].to_numpy(),
            "at": table["txn_time"].cast(pa.int64()).to_numpy() // 1_000_000,
            "amount_fen": table["amount_fen"].to_numpy(),
            "balance_fen": pc.fill_null(table["balance_fen"], MISSING).to_numpy(),
            "flag": flags + failed * np.uint8(walking.FAILED),
        }
        for name, kind in KINDS.items():
            self._parts[name].append(told[name].astype(kind, copy=True))

    def _name(self, codes: NDArray[np.int32], holders: pa.ChunkedArray) -> None:
        named = pc.not_equal(holders, "").to_numpy()
        known = np.zeros(len(self._codes), np.bool_)
        known[list(self._holders)] = True
        places = np.flatnonzero(named & ~known[codes])
        firsts, each = np.unique(codes[places], return_index=True)
        for code, at in zip(firsts.tolist(), places[each].tolist(), strict=True):
            self._holders[code] = holders[at].as_py()

    def counts(self) -> tuple[dict[tuple[str, str, str], int], list[str]]:
        """Rows by account, sub-account and currency; the accounts, most rows first."""
        keys = [self._key(code) for code in self._codes]
        rows = {key: self.rows[code] for code, key in enumerate(keys)}
        total: Counter[str] = Counter()
        for key, count in rows.items():
            total[key[0]] += count
        return rows, sorted(total, key=lambda key: (-total[key], key))

    def checks(self) -> Iterator[dict[str, Any]]:
        """Sums and balance check per account, in the order of their first rows (R8, R13)."""
        self._all = {
            name: np.concatenate(self._parts.pop(name) or [np.zeros(0, kind)])
            for name, kind in KINDS.items()
        }
        codes, size = self._all["code"], len(self._codes)
        starts = np.zeros(size + 1, np.int64)
        starts[1:] = np.bincount(codes, minlength=size).cumsum()
        order = np.empty(len(codes), np.int64)
        walking.place(codes, starts[:-1].copy(), order)
        sums = [np.zeros((size, len(WAYS)), np.int64) for _ in range(3)]
        walking.add_up(codes, self._all["amount_fen"], self._all["flag"], *sums)
        keys = [self._key(name) for name in self._codes]
        filled = [code for code in range(size) if starts[code] < starts[code + 1]]
        for code in sorted(filled, key=lambda code: int(order[starts[code]])):
            mine = order[starts[code] : starts[code + 1]]
            high, low, counts = (part[code].tolist() for part in sums)
            told = [(a << walking.LOW_BITS) + b for a, b in zip(high, low, strict=True)]
            yield {
                **self._check(keys[code], self._holders.get(code, ""), mine),
                **{f"{way}_fen": total for way, total in zip(WAYS, told, strict=True)},
                MOVED: {way for way, count in zip(WAYS, counts, strict=True) if count},
            }

    def _key(self, name: str) -> tuple[str, str, str]:
        own, sub, currency = name.rsplit(_SEPARATOR, 2)
        return own, sub, currency

    def _check(
        self, key: tuple[str, str, str], holder: str, rows: NDArray[np.int64]
    ) -> dict[str, Any]:
        account, sub, currency = key
        ordered, reordered = self._ordered(rows)
        opening, closing, breaks, first, missing = self._walk(ordered)
        return {
            "account": f"{account}_{sub}" if sub else account,
            "holder": holder,
            "currency": currency,
            "rows": len(rows),
            **dict.fromkeys((f"{way}_fen" for way in WAYS), 0),
            "opening_fen": None if opening == MISSING else opening,
            "closing_fen": None if closing == MISSING else closing,
            "breaks": breaks,
            "row": None if first < 0 else int(self._all["row_no"][first]),
            "missing_fen": missing,
            "reordered": reordered,
        }

    def _walk(self, rows: NDArray[np.int64]) -> tuple[int, int, int, int, int]:
        found = walking.walk(
            rows, self._all["amount_fen"], self._all["flag"], self._all["balance_fen"]
        )
        return tuple(map(int, found))  # type: ignore[return-value]  # five whole numbers

    def _ordered(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], bool]:
        """As balances.check_listed: by time, and within one time as the balances allow."""
        at = self._all["at"]
        up, down = walking.slopes(rows, at)
        newest_first = down > up
        if up == down and len(rows) > 1:
            backwards = np.ascontiguousarray(rows[::-1])
            newest_first = self._walk(backwards)[2] < self._walk(rows)[2]
        rows = np.ascontiguousarray(rows[::-1]) if newest_first else rows
        if up and down:
            rows = rows[np.argsort(at[rows], kind="stable")]
        amounts, flags, balance = (
            self._all[name] for name in ("amount_fen", "flag", "balance_fen")
        )
        start, before, reordered = 0, MISSING, False
        while True:
            start, end, before = walking.next_unsettled(
                rows, at, amounts, flags, balance, start, before
            )
            if start < 0:
                return rows, reordered
            some = rows[start:end]
            found = self._searched(some, before)
            reordered |= not np.array_equal(some, found)
            rows[start:end] = found
            start, before = end, int(balance[found[-1]])

    def _searched(self, rows: NDArray[np.int64], before: int) -> NDArray[np.int64]:
        entries = [self._entry(each) for each in rows.tolist()]
        if before != MISSING:
            first = Entry(-1, entries[0].at - 1, 0, "in", "ok", int(before))
            entries = [first, *entries]
        number = {id(entry): at for entry, at in zip(entries[-len(rows) :], rows, strict=True)}
        settled = balances.settled(entries)[-len(rows) :]
        return np.array([number[id(entry)] for entry in settled], np.int64)

    def _entry(self, at: int) -> Entry:
        told = {name: column[at].item() for name, column in self._all.items()}
        failed, way = divmod(told["flag"], walking.FAILED)
        return Entry(told["row_no"], told["at"], told["amount_fen"], WAYS[way],
                     "failed" if failed else "ok", told["balance_fen"])  # fmt: skip


def sums_of(checks: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Direction -> currency -> minor units, over all accounts; currencies are never added."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for each in checks:
        for way in each.pop(MOVED):
            found[way][each["currency"]] += each[f"{way}_fen"]
    return {way: dict(found[way]) for way in WAYS}
