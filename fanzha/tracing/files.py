"""The files that `fanzha trace` reads. What it writes: reports.py and exports.py.

CSV is UTF-8 (with or without BOM) or GB18030, comma-separated, with a header; further columns
are ignored. Every fault is one sentence that names file, row (the header is row 1) and field.
"""

from __future__ import annotations

import csv
import os
import re
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.tracing.engine import EXIT_KINDS, InputError, Movement, Movements, Seeds
from fanzha.tracing.engine.model import HOME_CURRENCY
from fanzha.tracing.times import UnreadableTime, is_date, read_times

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from fanzha.tracing.ledger import Ledger

MOST_FEN: Final = 2**63 - 1
DAY: Final = 86_400
MEMORY_PER_BYTE: Final = 30
"""Rows of a file take about 20 times its size; the rest is for the trace."""
WIDE_BYTES: Final = 4_000_000
"""From this size on a file of movements is read in columns."""
WIDE_MEMORY_PER_ROW: Final = 160
"""A row in columns, with the index over it, takes about 110 bytes; the rest is for the trace."""
_SAMPLE_BYTES: Final = 1 << 20
ENCODINGS: Final = ("utf-8-sig", "gb18030")
_TOO_LARGE: Final = gettext_noop(
    "the file has %(size).0f MB, and the memory of this machine takes %(most).0f MB at a time;"
    " keep only the rows of the accounts in question, or of a shorter period"
)
_WHOLE: Final = re.compile(r"-?[0-9]{1,30}")
_MOVEMENT_FIELDS: Final = ("id", "time", "from_account", "to_account", "amount_fen")


class BadFile(Refusal):
    """A file cannot be used as it is."""

    message = gettext_noop("%(where)s: %(problem)s.")

    def __init__(self, path: Path, problem: str, *, row: int = 0, field: str = "") -> None:
        parts = [str(path), f"row {row}" if row else "", field]
        super().__init__(where=", ".join(part for part in parts if part), problem=problem)


@dataclass(frozen=True)
class TraceFiles:
    """Everything that one trace reads."""

    movements: Movements | Ledger
    seeds: Seeds
    openings: dict[str, int]
    known: frozenset[str] | None


def read_trace_files(
    movements: Path,
    seeds: Path,
    openings: Path | None = None,
    known: Path | None = None,
    groups: Path | None = None,
) -> TraceFiles:
    """Read and check all files of one trace; raises BadFile.

    `groups` names accounts that are one: card, account and sub-account of one holder.
    """
    group_of = read_groups(groups) if groups else {}
    rows = _read_rows(movements, group_of)
    of_groups: dict[str, int] = {}
    for account, fen in (read_openings(openings) if openings else {}).items():
        name = group_of.get(account, account)
        of_groups[name] = of_groups.get(name, 0) + fen
    asked = read_known(known) if known else None
    return TraceFiles(
        movements=rows,
        seeds=read_seeds(seeds, rows),
        openings=of_groups,
        known=None if asked is None else frozenset(group_of.get(name, name) for name in asked),
    )


def _read_rows(path: Path, group_of: Mapping[str, str]) -> Movements | Ledger:
    """Read small files row by row, large ones in columns as far as that surely gives the same."""
    size = _size(path)
    if size < WIDE_BYTES:
        return read_movements(path, group_of)
    if size > (most := largest_wide_file(path)):
        raise _too_large(path, size, most)
    from fanzha.tracing.blocks import Unsettled
    from fanzha.tracing.wide import read_ledger

    try:
        return read_ledger(path, group_of)
    except (Unsettled, InputError) as problem:
        if size > largest_file():
            raise find_fault(path, problem) from None
    return read_movements(path, group_of)


def read_movements(path: Path, group_of: Mapping[str, str] | None = None) -> Movements:
    """Read the rows of `path`, sorted by time, rows of one time in file order."""
    table = _Table(path, _MOVEMENT_FIELDS)
    times, numbers = _times(table), table.rows
    order = sorted(range(len(numbers)), key=lambda at: times[at].key)
    records = [_movement(table, numbers[at], times[at], group_of or {}) for at in order]
    try:
        return Movements.build(records)
    except InputError as error:
        raise _placed(table, error) from None


def read_seeds(path: Path, movements: Movements | Ledger) -> Seeds:
    """Read the victims' payments; the claim of a payment is its id unless one is given."""
    from fanzha.tracing.ledger import Ledger

    table = _Table(path, ("id",))
    payments = []
    for row in table.rows:
        name = table.filled(row, "id")
        payments.append((name, table.text(row, "claim") or name))
    try:
        if not isinstance(movements, Ledger):
            return Seeds.of(movements, payments)
        rows = movements.with_originals(movements.rows_called(name for name, _ in payments))
        found = Seeds.of(movements.movements(rows), payments)
        return Seeds(tuple(rows[list(found.rows)].tolist()), found.claims)
    except InputError as error:
        raise _placed(table, error) from None


def read_openings(path: Path) -> dict[str, int]:
    """Read own money (fen) that lay in accounts before their first row."""
    table = _Table(path, ("account", "amount_fen"))
    openings: dict[str, int] = {}
    for row in table.rows:
        account = table.filled(row, "account")
        if account in openings:
            problem = gettext_noop("%(text)r stands twice") % {"text": account}
            raise BadFile(path, problem, row=row, field="account")
        openings[account] = table.fen(row, "amount_fen")
    return openings


def read_known(path: Path) -> frozenset[str]:
    """Read the accounts whose rows are known."""
    table = _Table(path, ("account",))
    return frozenset(table.filled(row, "account") for row in table.rows)


def read_groups(path: Path) -> dict[str, str]:
    """Read which accounts are one: `account,group`."""
    table = _Table(path, ("account", "group"))
    groups: dict[str, str] = {}
    for row in table.rows:
        account = table.filled(row, "account")
        if account in groups:
            problem = gettext_noop("%(text)r stands twice") % {"text": account}
            raise BadFile(path, problem, row=row, field="account")
        groups[account] = table.filled(row, "group")
    return groups


class _Time(NamedTuple):
    """The times of one row: `key` orders it, the others are seconds."""

    key: int
    time: int
    time_to: int | None
    width: int


def _times(table: _Table) -> list[_Time]:
    """Read both columns of times with one measure; raises BadFile."""
    left = [table.text(row, "time") for row in table.rows]
    both = [(row, "time") for row in table.rows]
    both += [(row, "time_to") for row in table.rows if table.text(row, "time_to")]
    texts = [table.text(row, field) for row, field in both]
    try:
        keys, per_second = read_times(texts)
    except UnreadableTime as error:
        row, field = both[error.at]
        problem = gettext_noop("%(text)r is no time") % {"text": texts[error.at]}
        raise BadFile(table.path, problem, row=row, field=field) from None
    arrivals = {
        row: key for (row, _), key in zip(both[len(left) :], keys[len(left) :], strict=True)
    }
    return [
        _Time(
            key=key,
            time=key // per_second,
            time_to=arrivals[row] // per_second if row in arrivals else None,
            width=DAY if per_second > 1 and is_date(text) else 1,
        )
        for row, key, text in zip(table.rows, keys, left, strict=False)
    ]


class _Table:
    """A CSV file: `rows` are the numbers of its filled rows, as a spreadsheet counts them."""

    def __init__(
        self, path: Path, required: Sequence[str], source: Iterable[str] | None = None
    ) -> None:
        self.path = path
        self.cells: dict[int, list[str]] = {}
        self.lines = _lines(path, StringIO(_text(path), newline="") if source is None else source)
        self.header = next(self.lines, (1, []))[1]
        self.columns = {name: at for at, name in enumerate(self.header)}
        if len(self.columns) < len(self.header):
            raise BadFile(path, gettext_noop("a column stands twice"), row=1)
        for name in required:
            if name not in self.columns:
                raise BadFile(path, gettext_noop("the column is missing"), row=1, field=name)
        if source is None:
            for row, cells in self.lines:
                self.take(row, cells)

    @property
    def rows(self) -> list[int]:
        """The numbers of the rows."""
        return list(self.cells)

    def take(self, row: int, cells: list[str]) -> bool:
        """Keep a row that is not empty; raises BadFile."""
        if not any(cells):
            return False
        if len(cells) != len(self.header):
            facts = {"found": len(cells), "wanted": len(self.header)}
            problem = gettext_noop("%(found)d fields where the header has %(wanted)d") % facts
            raise BadFile(self.path, problem, row=row)
        self.cells[row] = cells
        return True

    def text(self, row: int, field: str) -> str:
        at = self.columns.get(field)
        return "" if at is None else self.cells[row][at]

    def filled(self, row: int, field: str) -> str:
        if text := self.text(row, field):
            return text
        raise BadFile(self.path, gettext_noop("the field is empty"), row=row, field=field)

    def fen(self, row: int, field: str) -> int:
        """Read a whole number of fen, 0 or more."""
        return self._whole(row, field, self.text(row, field), least=0)

    def balance(self, row: int, field: str) -> int | None:
        """Read a stated balance in fen, if any; an overdrawn account states a negative one."""
        text = self.text(row, field)
        return self._whole(row, field, text, least=-MOST_FEN) if text else None

    def _whole(self, row: int, field: str, text: str, *, least: int) -> int:
        if not _WHOLE.fullmatch(text):
            problem = gettext_noop("%(text)r is not a whole number of fen") % {"text": text}
        elif int(text) < least:
            problem = gettext_noop("%(text)s is too small") % {"text": text}
        elif int(text) > MOST_FEN:
            problem = gettext_noop("%(text)s is too large") % {"text": text}
        else:
            return int(text)
        raise BadFile(self.path, problem, row=row, field=field)


def _lines(path: Path, source: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Rows with their numbers, every cell stripped; raises BadFile."""
    reader = csv.reader(source, strict=True)
    row = 0
    while True:
        row += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadFile(path, str(error), row=row) from None
        yield row, [cell.strip() for cell in cells]


def largest_file() -> int:
    """How many bytes of a file this machine can take into memory as rows."""
    return _memory() // MEMORY_PER_BYTE


def largest_wide_file(path: Path) -> int:
    """How many bytes of such rows as the file begins with this machine can take as columns.

    A file that begins with a row of a megabyte is none of rows.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    rows = sample.count(b"\n")
    if not rows:
        return largest_file()
    return _memory() // WIDE_MEMORY_PER_ROW * len(sample) // rows


def find_fault(path: Path, problem: Exception) -> BadFile:
    """Say what is wrong in a file that is too large to be read row by row and kept."""
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as file:
                return _fault(_Table(path, _MOVEMENT_FIELDS, file), problem)
        except UnicodeDecodeError:
            continue
        except BadFile as fault:
            return fault
    return BadFile(path, gettext_noop("the text is neither UTF-8 nor GB18030"))


def _fault(table: _Table, problem: Exception) -> BadFile:
    """Look at one row after the other for what cannot be, or for the id that was complained of."""
    wanted, last = problem.row_id if isinstance(problem, InputError) else "", 0
    for row, cells in table.lines:
        table.cells.clear()
        if not table.take(row, cells):
            continue
        _times(table)
        found = _movement(table, row, _Time(0, 0, None, 1), {})
        if not found.from_account and not found.to_account:
            return BadFile(table.path, "both accounts are empty", row=row, field="to_account")
        last = row if wanted and found.id == wanted else last
    if isinstance(problem, InputError):
        return BadFile(table.path, str(problem), row=last, field=problem.field)
    return _too_large(table.path, _size(table.path), largest_file())


def _memory() -> int:
    memory: int = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return memory


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise BadFile(path, error.strerror or str(error)) from None


def _too_large(path: Path, size: int, most: int) -> BadFile:
    return BadFile(path, _TOO_LARGE % {"size": size / 10**6, "most": most / 10**6})


def _text(path: Path) -> str:
    if _size(path) > largest_file():
        raise _too_large(path, _size(path), largest_file())
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadFile(path, error.strerror or str(error)) from None
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(path, gettext_noop("the text is neither UTF-8 nor GB18030"))


def _movement(table: _Table, row: int, time: _Time, group_of: Mapping[str, str]) -> Movement:
    to_account, channel = table.text(row, "to_account"), table.text(row, "channel").lower()
    if not to_account and channel and channel not in EXIT_KINDS:
        facts = {"text": channel, "kinds": ", ".join(sorted(EXIT_KINDS))}
        problem = gettext_noop("%(text)r is none of %(kinds)s") % facts
        raise BadFile(table.path, problem, row=row, field="channel")
    payer = table.text(row, "from_account")
    return Movement(
        id=table.filled(row, "id"),
        time=time.time,
        from_account=group_of.get(payer, payer),
        to_account=group_of.get(to_account, to_account),
        amount_fen=table.fen(row, "amount_fen"),
        balance_from_fen=table.balance(row, "balance_from_fen"),
        balance_to_fen=table.balance(row, "balance_to_fen"),
        channel=channel,
        currency=table.text(row, "currency").upper() or HOME_CURRENCY,
        reverses=table.text(row, "reverses"),
        time_to=time.time_to,
        width=time.width,
    )


def _placed(table: _Table, error: InputError) -> BadFile:
    """The engine's refusal with the row of the file that it speaks of, the last of that id."""
    rows = [row for row in table.rows if table.text(row, "id") == error.row_id]
    row = rows[-1] if error.row_id and rows else 0
    return BadFile(table.path, str(error), row=row, field=error.field)
