"""The files of `fanzha trace`: CSV in, a JSON report out. The public contract stands in the guide.

CSV is UTF-8 (with or without BOM) or GB18030, comma-separated, with a header; further columns
are ignored. Every fault is one sentence that names file, row (the header is row 1) and field.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.tracing.engine import (
    ENGINE,
    EXIT_KINDS,
    RULE_VERSIONS,
    InputError,
    Movement,
    Movements,
    NoteKind,
    Seeds,
    account_ends,
    row_shares,
)
from fanzha.tracing.engine.model import HOME_CURRENCY
from fanzha.tracing.times import UnreadableTime, read_times

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from fanzha.tracing.engine import Note, Trace

MOST_FEN: Final = 2**63 - 1
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

    movements: Movements
    seeds: Seeds
    openings: dict[str, int]
    known: frozenset[str] | None


def read_trace_files(
    movements: Path, seeds: Path, openings: Path | None = None, known: Path | None = None
) -> TraceFiles:
    """Read and check all files of one trace; raises BadFile."""
    rows = read_movements(movements)
    return TraceFiles(
        movements=rows,
        seeds=read_seeds(seeds, rows),
        openings=read_openings(openings) if openings else {},
        known=read_known(known) if known else None,
    )


def read_movements(path: Path) -> Movements:
    """Read the rows of `path`, sorted by time, rows of one time in file order."""
    table = _Table(path, _MOVEMENT_FIELDS)
    numbers, texts = table.rows, [table.text(row, "time") for row in table.rows]
    try:
        keys, per_second = read_times(texts)
    except UnreadableTime as error:
        problem = gettext_noop("%(text)r is no time") % {"text": texts[error.at]}
        raise BadFile(path, problem, row=numbers[error.at], field="time") from None
    order = sorted(range(len(keys)), key=keys.__getitem__)
    records = [_movement(table, numbers[at], keys[at] // per_second) for at in order]
    try:
        return Movements.build(records)
    except InputError as error:
        raise _placed(table, error) from None


def read_seeds(path: Path, movements: Movements) -> Seeds:
    """Read the victims' payments; the claim of a payment is its id unless one is given."""
    table = _Table(path, ("id",))
    payments = []
    for row in table.rows:
        name = table.filled(row, "id")
        payments.append((name, table.text(row, "claim") or name))
    try:
        return Seeds.of(movements, payments)
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


class _Table:
    """A CSV file: `rows` are the numbers of its filled rows, as a spreadsheet counts them."""

    def __init__(self, path: Path, required: Sequence[str]) -> None:
        self.path = path
        self.cells: dict[int, list[str]] = {}
        lines = _lines(path)
        header = next(lines, (1, []))[1]
        self.columns = {name: at for at, name in enumerate(header)}
        if len(self.columns) < len(header):
            raise BadFile(path, gettext_noop("a column stands twice"), row=1)
        for name in required:
            if name not in self.columns:
                raise BadFile(path, gettext_noop("the column is missing"), row=1, field=name)
        for row, cells in lines:
            if not any(cells):
                continue
            if len(cells) != len(header):
                facts = {"found": len(cells), "wanted": len(header)}
                problem = gettext_noop("%(found)d fields where the header has %(wanted)d") % facts
                raise BadFile(path, problem, row=row)
            self.cells[row] = cells
        self.rows = list(self.cells)

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


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows with their numbers, every cell stripped; raises BadFile."""
    reader = csv.reader(StringIO(_text(path), newline=""), strict=True)
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


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadFile(path, error.strerror or str(error)) from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(path, gettext_noop("the text is neither UTF-8 nor GB18030"))


def _movement(table: _Table, row: int, time: int) -> Movement:
    to_account, channel = table.text(row, "to_account"), table.text(row, "channel").lower()
    if not to_account and channel and channel not in EXIT_KINDS:
        facts = {"text": channel, "kinds": ", ".join(sorted(EXIT_KINDS))}
        problem = gettext_noop("%(text)r is none of %(kinds)s") % facts
        raise BadFile(table.path, problem, row=row, field="channel")
    return Movement(
        id=table.filled(row, "id"),
        time=time,
        from_account=table.text(row, "from_account"),
        to_account=to_account,
        amount_fen=table.fen(row, "amount_fen"),
        balance_from_fen=table.balance(row, "balance_from_fen"),
        balance_to_fen=table.balance(row, "balance_to_fen"),
        channel=channel,
        currency=table.text(row, "currency").upper() or HOME_CURRENCY,
        reverses=table.text(row, "reverses"),
    )


def _placed(table: _Table, error: InputError) -> BadFile:
    """The engine's refusal with the row of the file that it speaks of, the last of that id."""
    rows = [row for row in table.rows if table.text(row, "id") == error.row_id]
    row = rows[-1] if error.row_id and rows else 0
    return BadFile(table.path, str(error), row=row, field=error.field)


NOTE_TEXTS: Final = {
    NoteKind.MISSING: gettext_noop(
        "The balance stated after row %(id)s proves %(fen)d fen that no row brought into"
        " %(account)s: rows are missing."
    ),
    NoteKind.OVERDRAFT: gettext_noop(
        "Row %(id)s takes %(fen)d fen more out of %(account)s than lay there:"
        " an overdraft, or rows are missing."
    ),
    NoteKind.REVERSAL_SHORT: gettext_noop(
        "Row %(id)s takes back from %(account)s what had already been passed on in part:"
        " %(fen)d fen came from other money."
    ),
    NoteKind.BALANCE_DISAGREES: gettext_noop(
        "From row %(id)s on, the stated balance of %(account)s departs from its rows"
        " by another %(fen)d fen."
    ),
    NoteKind.CURRENCY_EXCHANGE: gettext_noop(
        "Row %(id)s leaves %(account)s as %(amount)d %(currency)s (minor units);"
        " %(fen)d were taken at face value, since the rate is not known."
    ),
    NoteKind.SAME_TIME: gettext_noop(
        "Rows of %(account)s share a time, first at row %(id)s: the order in the file decided."
    ),
}


def note_record(trace: Trace, note: Note) -> dict[str, Any]:
    """One note as the report carries it, with a sentence."""
    facts = {
        "id": trace.movements.ids[note.row],
        "account": note.account,
        "fen": note.fen,
        "amount": int(trace.movements.amount_fen[note.row]),
        "currency": trace.movements.currency[note.row],
    }
    return {
        "kind": note.kind.value,
        "account": note.account,
        "id": facts["id"],
        "fen": note.fen,
        "text": NOTE_TEXTS[note.kind] % facts,
    }


def report(trace: Trace, input_sha256: str) -> dict[str, Any]:
    """Make the JSON report of a trace; its keys are the public contract."""
    ids = trace.movements.ids
    return {
        "rule": trace.rule,
        "version": RULE_VERSIONS[trace.rule],
        "seeded_fen": trace.seeded_fen,
        "ends": [
            {"account": end.account, "kind": end.kind.value, "fen": end.fen}
            | {"by_claim": end.by_claim}
            for end in account_ends(trace)
        ],
        "pieces": [
            {"id": ids[share.row], "fen": share.fen, "by_claim": share.by_claim}
            for share in row_shares(trace)
        ],
        "notes": [note_record(trace, note) for note in trace.notes],
        "input_sha256": input_sha256,
        "engine": ENGINE,
    }
