"""Laundering schemes in the AMLworld format, and how much of them a trace recovers.

Three layouts are read: transactions as CSV, the same with the columns pattern_id and
pattern_family, and the text file of attempts (BEGIN LAUNDERING ATTEMPT - SHAPE ... END ...).
Currencies are kept apart: every scheme is one network per currency.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.core.refusal import gettext_noop
from fanzha.tracing.engine import Movement, Movements, Seeds, row_shares, trace
from fanzha.tracing.files import BadFile
from fanzha.tracing.times import MICROSECONDS, UnreadableTime, read_times

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

MINOR_UNITS: Final = {"Bitcoin": 8}
"""Decimals per currency as the data set writes them (Yen too has two); others: two."""
USUAL_MINOR_UNITS: Final = 2
UNNAMED: Final = "(unnamed)"
ATTEMPT: Final = re.compile(r"BEGIN LAUNDERING ATTEMPT - ([^:]+)")

_TEXT_COLUMNS: Final = [
    "timestamp",
    "from_bank",
    "from_account",
    "to_bank",
    "to_account",
    "amount_received",
    "receiving_currency",
    "amount_paid",
    "payment_currency",
    "payment_format",
    "is_laundering",
]
_NEEDED: Final = tuple(name for name in _TEXT_COLUMNS if name != "payment_format")


class Transfer(NamedTuple):
    """One row; amounts in minor units. `scheme` is empty for the background."""

    scheme: str
    shape: str
    time: int
    payer: str
    payee: str
    paid: int
    paid_currency: str
    received: int
    received_currency: str


@dataclass(frozen=True)
class Schemes:
    """What a file holds.

    `background` are its rows of no scheme that touch an account of a scheme of any file read with
    it; `around` has those of all files, by account.
    """

    path: Path
    rows: int
    schemes: dict[str, list[Transfer]]
    background: list[Transfer]
    around: dict[str, list[Transfer]]

    def beside(self, rows: list[Transfer]) -> list[Transfer]:
        """The background of a scheme: rows of no scheme that touch one of its accounts."""
        ends = dict.fromkeys(end for row in rows for end in (row.payer, row.payee))
        near = (row for end in ends for row in self.around.get(end, ()))
        return list({id(row): row for row in near}.values())


class Score(NamedTuple):
    """What a trace recovers of one network, a scheme in one currency; money in minor units.

    `reached` is the maximum that respects time: whole rows, whatever the amounts before them.
    """

    scheme: str
    rows: int
    seeds: int
    traced_rows: int
    reached_rows: int
    money: int
    traced_money: int
    reached_money: int


def is_amlworld(path: Path) -> bool:
    """Tell by its first line whether a file has one of the layouts."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        first = lines.readline(4096)
    return bool(ATTEMPT.match(first)) or not set(_NEEDED) - set(_columns(first))


def read(paths: Sequence[Path]) -> list[Schemes]:
    """Read files in two passes: first the schemes, then the rows around their accounts.

    A row that one file only marks and another puts into a scheme belongs to the scheme.
    Raises BadFile for the first row that cannot be read.
    """
    files = [_schemes(path) for path in paths]
    _give_marked_rows_their_scheme([schemes for _, schemes in files])
    rows = [row for _, schemes in files for scheme in schemes.values() for row in scheme]
    inside = {end for row in rows for end in (row.payer, row.payee)}
    around: dict[str, list[Transfer]] = {}
    found = []
    for path, (count, schemes) in zip(paths, files, strict=True):
        plain = (row for row in _transfers(path) if not row.scheme)
        background = [row for row in plain if row.payer in inside or row.payee in inside]
        for row in background:
            for end in {row.payer, row.payee} & inside:
                around.setdefault(end, []).append(row)
        found.append(Schemes(path, count, schemes, background, around))
    return found


def _schemes(path: Path) -> tuple[int, dict[str, list[Transfer]]]:
    """Count the rows of a file, and take those of its schemes."""
    schemes: dict[str, list[Transfer]] = {}
    rows = 0
    for transfer in _transfers(path):
        rows += 1
        if transfer.scheme:
            schemes.setdefault(transfer.scheme, []).append(transfer)
    return rows, schemes


def _give_marked_rows_their_scheme(files: list[dict[str, list[Transfer]]]) -> None:
    named = {
        row[2:]
        for schemes in files
        for name, rows in schemes.items()
        for row in rows
        if name != UNNAMED
    }
    for schemes in files:
        marked = [row for row in schemes.pop(UNNAMED, ()) if row[2:] not in named]
        if marked:
            schemes[UNNAMED] = marked


def score_networks(found: Schemes) -> Iterator[tuple[tuple[str, str], Score]]:
    """Score every scheme in every currency: ((shape, currency), score)."""
    for name, rows in found.schemes.items():
        moving, first = first_hops(rows)
        background = found.beside(moving)
        for currency in sorted({row.paid_currency for row in moving}):
            score = _score_network(moving, first, background, currency)
            yield (rows[0].shape, currency), score._replace(scheme=f"{found.path}:{name}")


def first_hops(rows: Iterable[Transfer]) -> tuple[list[Transfer], list[bool]]:
    """The rows between two accounts in order of time, and which have a payer not paid before."""
    moving = sorted((row for row in rows if row.payer != row.payee), key=lambda row: row.time)
    paid: set[str] = set()
    first = []
    for row in moving:
        first.append(row.payer not in paid)
        paid.add(row.payee)
    return moving, first


def _score_network(
    rows: list[Transfer], first: list[bool], background: list[Transfer], currency: str
) -> Score:
    """Trace the first-hop rows of one currency; an exchange is a way out, or in."""
    movements = Movements.build(
        movement
        for at, row in enumerate([*rows, *background])
        if (movement := _movement(str(at), row, currency))
    )
    own = {str(at): row for at, row in enumerate(rows) if row.paid_currency == currency}
    seeds = [name for name in own if first[int(name)]]
    result = trace(movements, Seeds.of(movements, ((name, name) for name in seeds)))
    shares = {movements.ids[share.row]: share.fen for share in row_shares(result)}
    reached = _reached(movements, set(seeds))
    return Score(
        scheme="",
        rows=len(own),
        seeds=len(seeds),
        traced_rows=sum(name in shares for name in own),
        reached_rows=sum(name in reached for name in own),
        money=sum(row.paid for row in own.values()),
        traced_money=sum(shares.get(name, 0) for name in own),
        reached_money=sum(row.paid for name, row in own.items() if name in reached),
    )


def _movement(name: str, row: Transfer, currency: str) -> Movement | None:
    if row.paid_currency == currency:
        payee = row.payee if row.received_currency == currency else ""
        return Movement(name, row.time, row.payer, payee, row.paid, currency=currency)
    if row.received_currency == currency:
        return Movement(name, row.time, "", row.payee, row.received, currency=currency)
    return None


def _reached(movements: Movements, seeds: set[str]) -> set[str]:
    """Find all rows that money of the seeds can reach in order of time, whatever the amounts."""
    accounts: set[int] = set()
    rows: set[str] = set()
    ends = zip(movements.from_account.tolist(), movements.to_account.tolist(), strict=True)
    for name, (payer, payee) in zip(movements.ids, ends, strict=True):
        if name in seeds or payer in accounts:
            rows.add(name)
            if payee >= 0:
                accounts.add(payee)
    return rows


def _transfers(path: Path) -> Iterator[Transfer]:
    """Read the rows of any layout, one by one."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        try:
            first = lines.readline()
            lines.seek(0)
            if ATTEMPT.match(first):
                yield from _from_text(path, lines)
            else:
                yield from _from_csv(path, lines)
        except UnicodeDecodeError:
            raise BadFile(path, gettext_noop("the text is not UTF-8")) from None


def _from_csv(path: Path, lines: Iterable[str]) -> Iterator[Transfer]:
    reader = csv.reader(lines)
    columns = _columns(",".join(next(reader)))
    for number, cells in enumerate(reader, start=2):
        if not any(cells):
            continue
        if len(cells) != len(columns):
            raise BadFile(
                path, gettext_noop("the row has other fields than the header"), row=number
            )
        record = dict(zip(columns, cells, strict=True))
        scheme = record.get("pattern_id", "")
        if not scheme and record["is_laundering"] == "1":
            scheme = UNNAMED
        shape = record.get("pattern_family", "") or UNNAMED
        yield _transfer(path, number, record, scheme, shape)


def _from_text(path: Path, lines: Iterable[str]) -> Iterator[Transfer]:
    scheme, shape = "", UNNAMED
    for number, line in enumerate(lines, start=1):
        if begin := ATTEMPT.match(line):
            scheme, shape = f"attempt {number}", begin[1].strip()
        elif line.strip() and not line.startswith("END LAUNDERING ATTEMPT"):
            cells = line.strip().split(",")
            if len(cells) != len(_TEXT_COLUMNS):
                problem = gettext_noop("the row has other fields than an attempt's rows have")
                raise BadFile(path, problem, row=number)
            record = dict(zip(_TEXT_COLUMNS, cells, strict=True))
            yield _transfer(path, number, record, scheme, shape)


def _transfer(path: Path, number: int, record: dict[str, str], scheme: str, shape: str) -> Transfer:
    try:
        (key,), _ = read_times([record["timestamp"]])
    except UnreadableTime:
        problem = gettext_noop("%(text)r is no time") % {"text": record["timestamp"]}
        raise BadFile(path, problem, row=number, field="timestamp") from None
    return Transfer(
        scheme=scheme,
        shape=shape.upper(),
        time=key // MICROSECONDS,
        payer=f"{record['from_bank']}:{record['from_account']}",
        payee=f"{record['to_bank']}:{record['to_account']}",
        paid=_minor(path, number, record, "amount_paid", "payment_currency"),
        paid_currency=record["payment_currency"],
        received=_minor(path, number, record, "amount_received", "receiving_currency"),
        received_currency=record["receiving_currency"],
    )


def _minor(path: Path, number: int, record: dict[str, str], name: str, currency: str) -> int:
    """Whole minor units of an amount; never through float."""
    places = MINOR_UNITS.get(record[currency], USUAL_MINOR_UNITS)
    facts = {"text": record[name], "places": places}
    try:
        units = Decimal(record[name]).scaleb(places)
        if units >= 0 and units == units.to_integral_value():
            return int(units)
    except InvalidOperation:
        pass
    problem = gettext_noop("%(text)r is no amount with at most %(places)d decimals") % facts
    raise BadFile(path, problem, row=number, field=name)


def _columns(header: str) -> list[str]:
    """Name the columns alike: `From Bank` and `from_bank_id` are both `from_bank`."""
    seen: Counter[str] = Counter()
    names = []
    for text in next(csv.reader([header]), []):
        name = re.sub(r"[^a-z0-9]+", "_", text.strip().lower()).removesuffix("_id")
        if name in {"account", "account_1"}:
            name = "from_account" if not seen["account"] else "to_account"
            seen["account"] += 1
        names.append("pattern_id" if name == "pattern" else name)
    return names
