"""Plain lines of a block as a table of the lake: the columns that the reader would give."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fanzha.core.money import MINOR_UNITS
from fanzha.movements.cells import account_of
from fanzha.movements.columnar import cells, loops
from fanzha.movements.columnar.cut import Plain, times
from fanzha.movements.lake import schema
from fanzha.movements.reading import Reader, Rejected, account_issues
from fanzha.movements.row import SEPARATOR, TEXTS, Account

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from fanzha.movements.columnar.cut import Bounds

PRECISIONS = pa.array(["second", "minute", "date"])
OWN = ("card_no", "account_no", "payer_account_no", "payer_card_no", "payee_account_no",
       "payee_card_no")  # fmt: skip
SIDES = ("cp_account_no", *OWN[2:])
WAY = "direction"
_NONE = Account()
_MOST_TOLD = 100_000
"""So many different cells are remembered; then forgotten, so that memory stays bounded."""


class Tables:
    """Builds tables for one file. `others` names lines that only the reader can judge."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._place = reader.header.place
        self._width = len(reader.header.names)
        self.names = json.dumps(reader.header.names, ensure_ascii=False)
        self._told: dict[tuple[Any, ...], Any] = {}
        self._issues: dict[tuple[str, ...], int] = {(): 0}

    def table(self, plain: Plain, place: str) -> tuple[pa.Table, NDArray[np.int64]]:
        """The rows, and the numbers of the lines that must go to the reader instead.

        `place`: where the cells stand in the source (placed.written); empty: rows carry them.
        """
        read = _Read(self, plain)
        if not read.good.all():
            others = plain.numbers[~read.good]
            read = _Read(self, plain.only(read.good))
            assert read.good.all(), "a line is plain or not, whatever stands beside it"
            return read.table(place), others
        return read.table(place), plain.numbers[:0]

    def each(self, plain: Plain, columns: Sequence[str], work: Callable[..., Any],
             *more: pa.Array) -> tuple[NDArray[np.int32], list[Any]]:  # fmt: skip
        """`work` done once for each different combination of cells: index per row, results.

        `work` gets a line's cells, empty but for `columns`, and the values of `more`.
        """
        places = [self._place[name] for name in columns if name in self._place]
        arrays = [*(plain.column(at) for at in places), *more]
        if not arrays:
            return np.zeros(len(plain), np.int32), [work([""] * self._width)]
        keys = arrays[0]
        if len(arrays) > 1:
            keys = pc.binary_join_element_wise(*arrays, SEPARATOR)
        coded = keys.dictionary_encode()
        found = []
        for key in coded.dictionary.to_pylist():
            name = (work, key)
            if name not in self._told:
                if len(self._told) > _MOST_TOLD:
                    self._told.clear()
                parts = key.split(SEPARATOR)
                line = [""] * self._width
                for at, cell in zip(places, parts, strict=False):
                    line[at] = cell
                self._told[name] = work(line, *parts[len(places) :])
            found.append(self._told[name])
        return coded.indices.to_numpy(), found

    def issue(self, issues: Sequence[str]) -> int:
        """A number for a list of issues; 0 for none."""
        return self._issues.setdefault(tuple(issues), len(self._issues))

    def issue_lists(self, parts: Sequence[NDArray[np.int64]]) -> pa.Array:
        """The lists of issues that every row's numbers stand for, one after the other."""
        kinds = pa.list_(pa.string())
        count = len(self._issues)
        code = np.zeros(len(parts[0]), np.int64)
        for part in parts:
            code = code * count + part
        names = {number: issues for issues, number in self._issues.items()}
        codes, indices = np.unique(code, return_inverse=True)
        lists = []
        for each in codes.tolist():
            told: list[str] = []
            rest = each
            for _ in parts:
                rest, number = divmod(rest, count)
                told = [*names[number], *told]
            lists.append(told)
        return pa.array(lists, kinds).take(pa.array(indices))

    # What the reader says of a combination of cells.

    def currency(self, line: list[str]) -> str:
        """The currency's code."""
        return self._reader.currency_of(line)

    def direction(self, line: list[str]) -> tuple[str, str, int]:
        """Direction, its word, and a number for its issues."""
        issues: list[str] = []
        way = self._reader.direction_of(line, issues)
        return way, self._reader.text(line, "direction"), self.issue(issues)

    def success(self, line: list[str]) -> tuple[str, str]:
        """Whether the money moved, and the word for it."""
        word = self._reader.text(line, "success")
        return self._reader.profile.success.get(word.casefold(), "unknown"), word

    def own(self, line: list[str], way: str) -> tuple[Account, str, str, str, int] | None:
        """The account that counts, card, account, sub-account, issues; None: reader's."""
        try:
            own, card, account = self._reader.own_of(line, way)
        except Rejected:
            return None
        return (own, card.key if card.matches else "", account.key if account.matches else "",
                account.sub, self.issue(account_issues(own, _NONE)))  # fmt: skip

    def side(self, line: list[str], way: str) -> tuple[Account, int]:
        """The other side's account and issues."""
        account = account_of(self._reader.cp_text(line, way))
        return account, self.issue(account_issues(_NONE, account))

    def is_empty(self, line: list[str], text: str) -> bool:
        """Whether a word says that there is nothing."""
        del line
        return text.casefold() in self._reader.profile.empty


class _Read:
    """One block: what had to be worked out of it, then its table."""

    def __init__(self, tables: Tables, plain: Plain) -> None:
        self._tables, self._plain = tables, plain
        self._reader = tables._reader  # noqa: SLF001 - one class in two parts
        self._place = self._reader.header.place
        self.good = np.ones(len(plain), np.bool_)
        self._columns: dict[str, pa.Array] = {}
        self._not_header()
        self._moments()
        self._places()
        self._movement()
        self._accounts()
        for name in ("balance_fen", "cp_balance_fen"):
            amounts, empty = self._amounts(name)
            self._columns[name] = pa.array(amounts, mask=empty)

    def _not_header(self) -> None:
        name = self._reader.header.names[0]
        again = pc.equal(self._plain.column(0), name)
        self.good &= ~again.to_numpy(zero_copy_only=False)
        if "summary" in self._place:
            words = self._plain.column(self._place["summary"])
            carried = pc.is_in(words, pa.array(sorted(self._reader.profile.carried)))
            self.good &= ~carried.to_numpy(zero_copy_only=False)

    def _moments(self) -> None:
        plain, place = self._plain, self._place
        moments = np.zeros(len(plain), np.int64)
        precisions = np.zeros(len(plain), np.uint8)
        open_ = np.ones(len(plain), np.bool_)
        for name in ("txn_time", "txn_date"):
            if name in place and open_.any():
                if name == "txn_date" and "txn_time" in place:
                    text, bounds = self._day_and_time()
                else:
                    text, bounds = plain.text, plain.bounds(place[name])
                found, exact, states = times(plain, text, bounds)
                new = open_ & (states == cells.READ)
                moments[new], precisions[new] = found[new], exact[new]
                open_ &= ~new
        self.good &= ~open_
        self.seconds, self.precisions = moments, precisions

    def _day_and_time(self) -> tuple[NDArray[np.uint8], Bounds]:
        both = [self._plain.column(self._place[name]) for name in ("txn_date", "txn_time")]
        joined = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*both, " "))
        _, ends, data = joined.buffers()
        text = np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)
        places = np.frombuffer(ends, np.int32)[joined.offset : joined.offset + len(joined) + 1]
        return text, (places[:-1], places[1:])

    def _places(self) -> None:
        index, codes = self._tables.each(self._plain, ("currency",), self._tables.currency)
        self._columns["currency"] = pa.array(codes, pa.string()).take(pa.array(index))
        fen = self._reader.profile.fen
        places = np.array([0 if fen else MINOR_UNITS.get(code, 2) for code in codes], np.uint8)
        self._decimals = places[index]

    def _amounts(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Minor units of a column, and where there is nothing; the rest is the reader's."""
        plain = self._plain
        amounts = np.zeros(len(plain), np.int64)
        if name not in self._place:
            return amounts, np.ones(len(plain), np.bool_)
        states = np.empty(len(plain), np.uint8)
        bounds = plain.bounds(self._place[name])
        cells.read_amounts(plain.text, *bounds, self._decimals, amounts, states)
        open_ = states == cells.OTHER
        if open_.any():
            some = plain.only(open_).column(self._place[name])
            index, empty = self._tables.each(plain, (), self._tables.is_empty, some)
            nothing = np.array(empty, np.bool_)[index]
            states[open_] = np.where(nothing, cells.EMPTY, cells.OTHER)
            self.good &= states != cells.OTHER
        return amounts, states == cells.EMPTY

    def _movement(self) -> None:
        told = self._tables.each(self._plain, (WAY, "summary") if self._summaries else (WAY,),
                                 self._tables.direction)  # fmt: skip
        index, found = told
        ways = np.array([each[0] for each in found], object)[index]
        self._neutral = np.array([each[2] for each in found], np.int64)[index]
        if "amount_fen" not in self._place:
            amounts, ways = self._of_two()
        else:
            amounts, empty = self._amounts("amount_fen")
            self.good &= ~empty
            if sign := self._reader.profile.sign:
                ways = np.where(amounts < 0, "in" if sign == "out" else "out", sign)
                amounts = np.abs(amounts)
        if "amount_fen" not in self._place or self._reader.profile.sign:
            self._neutral[:] = 0
        self.amounts, self._way = amounts, pa.array(ways, pa.string())
        words = pa.array([each[1] for each in found], pa.string())
        self._columns["direction_word"] = words.take(pa.array(index))
        index, found = self._tables.each(self._plain, ("success",), self._tables.success)
        for at, name in enumerate(("success", "success_word")):
            values = pa.array([each[at] for each in found], pa.string())
            self._columns[name] = values.take(pa.array(index))

    @property
    def _summaries(self) -> bool:
        return bool(self._reader.profile.prefixes) and WAY not in self._place

    def _of_two(self) -> tuple[NDArray[np.int64], NDArray[Any]]:
        came, no_in = self._amounts("amount_in")
        went, no_out = self._amounts("amount_out")
        self.good &= ~(no_in & no_out) & ~((came != 0) & (went != 0))
        is_in = (came != 0) | ((went == 0) & ~no_in)
        return np.where(is_in, came, went), np.where(is_in, "in", "out")

    def _accounts(self) -> None:
        sided = any(name in self._place for name in OWN[2:])
        way = self._way if sided else pa.repeat("unknown", len(self._plain))
        index, found = self._tables.each(self._plain, OWN, self._tables.own, way)
        self.good &= np.array([each is not None for each in found], np.bool_)[index]
        rows = pa.array(index)
        known = [each or (_NONE, "", "", "", 0) for each in found]
        texts = {
            "own_key": [each[0].key for each in known],
            "own_kind": [each[0].kind for each in known],
            "card_key": [each[1] for each in known],
            "account_key": [each[2] for each in known],
            "sub_account": [each[3] for each in known],
        }
        for name, values in texts.items():
            self._columns[name] = pa.array(values, pa.string()).take(rows)
        self._own_issues = np.array([each[4] for each in known], np.int64)[index]
        self._other_side(sided, way)

    def _other_side(self, sided: bool, way: pa.Array) -> None:  # noqa: FBT001 - of the layout
        plain = self._plain
        simple = np.zeros(len(plain), np.bool_)
        if not sided and "cp_account_no" in self._place:
            at = self._place["cp_account_no"]
            cells.plain_numbers(plain.text, *plain.bounds(at), simple)
        rest = plain.only(~simple)
        index, found = self._tables.each(
            rest, SIDES, self._tables.side, way.filter(pa.array(~simple))
        )
        issues = np.zeros(len(plain), np.int64)
        issues[~simple] = np.array([each[1] for each in found], np.int64)[index]
        keys = pa.array([each[0].key for each in found], pa.string()).take(pa.array(index))
        kinds = pa.array([each[0].kind for each in found], pa.string()).take(pa.array(index))
        if simple.any():
            mask = pa.array(~simple)
            keys = pc.replace_with_mask(plain.column(self._place["cp_account_no"]), mask, keys)
            numbers = pa.repeat("number", len(plain))
            kinds = pc.replace_with_mask(numbers, mask, kinds)
        self._columns |= {"cp_key": keys, "cp_kind": kinds}
        self._issue_lists = self._tables.issue_lists((self._neutral, self._own_issues, issues))

    def table(self, place: str) -> pa.Table:
        """All columns of the lake."""
        plain, columns = self._plain, self._columns
        nothing = pa.repeat("", len(plain))
        for name in TEXTS:
            columns[name] = plain.column(self._place[name]) if name in self._place else nothing
        seconds = pa.array(self.seconds * 1_000_000, pa.timestamp("us", tz="UTC"))
        columns |= {
            "row_no": pa.array(plain.numbers),
            "row_sha256": nothing,
            "txn_time": seconds,
            "time_precision": PRECISIONS.take(pa.array(self.precisions)),
            "amount_fen": pa.array(self.amounts),
            "direction": self._way,
            "raw": nothing if place else _raw(plain),
            "raw_names": _shared(self._tables.names, len(plain)),
            "raw_at": _shared(place, len(plain)),
            "extra": self._extra(),
            "issues": self._issue_lists,
            "dup_of": nothing,
        }
        return pa.table([columns[name] for name in schema().names], schema=schema())

    def _extra(self) -> pa.Array:
        """Objects of the cells in columns that mean nothing to us, by the names of the columns."""
        plain, header = self._plain, self._reader.header
        some = list(header.extra)
        if not some:
            return pa.repeat("{}", len(plain))
        keys = [f'{json.dumps(header.names[at], ensure_ascii=False)}: "'.encode() for at in some]
        begins, stops = plain.clean_begins[:, some], plain.clean_stops[:, some]
        lengths = np.array([len(key) for key in keys], np.int32)
        ends = np.zeros(len(plain) + 1, np.int64)
        loops.size_json(plain.text, begins, stops, plain.escapes, lengths, ends)
        out = np.empty(ends[-1], np.uint8)
        key_ends = np.concatenate([[0], lengths.cumsum()]).astype(np.int32)
        joined = np.frombuffer(b"".join(keys), np.uint8)
        loops.write_json(plain.text, begins, stops, plain.escapes, joined, key_ends, out)
        return _texts(ends, out)


def _shared(text: str, rows: int) -> pa.DictionaryArray:
    """One text for all rows."""
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), [text])


def _texts(ends: NDArray[np.int64], data: NDArray[np.uint8]) -> pa.StringArray:
    """Texts that lie one behind the other."""
    return pa.StringArray.from_buffers(
        len(ends) - 1, pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(data)
    )


def _raw(plain: Plain) -> pa.Array:
    """Every line's cells as written; their hash is worked out when it is asked for."""
    most = int((plain.stops - plain.begins).sum()) + int(plain.counts.clip(0).sum())
    ends, out = np.zeros(len(plain) + 1, np.int64), np.empty(most, np.uint8)
    loops.join_cells(plain.text, plain.begins, plain.stops, plain.counts, plain.flags,
                     plain.delimiter, ends, out)  # fmt: skip
    return _texts(ends, out)
