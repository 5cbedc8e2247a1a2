"""A statement read in columns: its tables on their way to the lake, then what the manifest says."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from fanzha.core.money import MINOR_UNITS
from fanzha.movements import rules
from fanzha.movements.ahead import ahead
from fanzha.movements.columnar.accounts import Accounts, sums_of
from fanzha.movements.columnar.blocks import NotEncoded, encoding_of, guess_of, sha256_of
from fanzha.movements.columnar.settling import Habits, Undecided
from fanzha.movements.columnar.stream import Sectioned, Stream
from fanzha.movements.columnar.within import Repeats
from fanzha.movements.digest import RowsDigest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from fanzha.movements.columnar.blocks import Source
    from fanzha.movements.columnar.settling import Unclear
    from fanzha.movements.profile import Profile
    from fanzha.movements.reading import Reject

T = TypeVar("T")
# Arrow's own allocator hands memory back after every block and fetches it anew for the next: up to
# a tenth of an import.
pa.set_memory_pool(pa.system_memory_pool())


@dataclass
class Summary:
    """What rules.Reading says of a statement, without its rows: `read = kept + ... `."""

    file_name: str
    file_sha256: str
    profile: str
    rejects: list[Reject] = field(default_factory=list)
    skipped: int = 0
    kept: int = 0
    duplicates: int = 0
    findings: list[rules.Finding] = field(default_factory=list)
    truncated: bool = False
    sums: dict[str, dict[str, int]] = field(default_factory=dict)
    times: tuple[datetime | None, datetime | None] = (None, None)
    accounts: list[str] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    rows_sha256: str = ""

    @property
    def read(self) -> int:
        """Lines that hold data."""
        return self.kept + self.duplicates + len(self.rejects)

    def manifest(self) -> dict[str, Any]:
        """What the manifest row keeps of it."""
        more = {"accounts": self.checks, "numbers": [], "rows_sha256": self.rows_sha256}
        return {
            "file_name": self.file_name.replace("\0", "")[:200],
            "file_sha256": self.file_sha256,
            "profile": self.profile,
            "rows_read": self.read,
            "rows_kept": self.kept,
            "rows_duplicate": self.duplicates,
            "rows_rejected": len(self.rejects),
            "rows_skipped": self.skipped,
            "sums": self.sums | more,
            "rejects": [rules.reject_json(each) for each in self.rejects],
            "findings": [each.as_json() for each in self.findings],
            "truncated": self.truncated,
        }


class Whole:
    """One pass over a file whose habits are known, or prove to be needed (Undecided)."""

    def __init__(
        self, stream: Stream, habits: Habits, across: Callable[[pa.Table], pa.Table] | None
    ) -> None:
        self.stream, self.habits, self._across = stream, habits, across
        self.repeats, self.accounts = Repeats(), Accounts()
        self.rows = self.unknown = self.strange = 0
        self.taken_back = Counter[str]()
        self.damaged: tuple[set[str], set[str]] = set(), set()
        self.dates = False
        self.digest = RowsDigest()
        self.first: datetime | None = None
        self.last: datetime | None = None

    def tables(self) -> Iterator[pa.Table]:
        """The rows as the lake keeps them."""
        for read in ahead(self.stream.tables(), 1):
            if not self.habits.complete:
                self.habits.see(read)
                self.habits.complete = read.last and self.rows == 0
                self.habits.need()
            if not read.table.num_rows:
                continue
            table, taken_back = self.habits.settled(read.table)
            self.taken_back.update(taken_back)
            self._count(table)
            table = self.repeats.mark(table)
            if self._across:
                table = self._across(table)
            self.accounts.add(table)
            self._span(table)
            self.digest.add(table)
            yield table

    def _count(self, table: pa.Table) -> None:
        self.rows += table.num_rows
        self.unknown += pc.sum(pc.equal(table["direction"], "unknown")).as_py()
        codes = pc.value_counts(table["currency"]).to_pylist()
        self.strange += sum(each["counts"] for each in codes if each["values"] not in MINOR_UNITS)
        for keys, side in zip(self.damaged, ("own", "cp"), strict=True):
            lost = pc.equal(table[f"{side}_kind"], "damaged")
            if pc.any(lost).as_py():
                keys |= set(table[f"{side}_key"].filter(lost).to_pylist())
        self.dates |= bool(pc.any(pc.equal(table["time_precision"], "date")).as_py())

    def _span(self, table: pa.Table) -> None:
        times = table["txn_time"].filter(pc.equal(table["dup_of"], ""))
        if len(times):
            found = pc.min_max(times).as_py()
            self.first = min(self.first or found["min"], found["min"])
            self.last = max(self.last or found["max"], found["max"])

    def summary(self, name: str, sha256: str) -> Summary:
        """What the manifest says, once all tables were taken."""
        reader = self.stream.reader
        checks = list(self.accounts.checks())
        rows, accounts = self.accounts.counts()
        told = Summary(
            name, sha256, reader.profile.label, reader.rejects, reader.skipped,
            kept=self.accounts.kept, duplicates=self.rows - self.accounts.kept,
            sums=sums_of(checks), times=(self.first, self.last), accounts=accounts,
            checks=checks, rows_sha256=self.digest.hexdigest(),
        )  # fmt: skip
        told.findings = rules.findings_of(
            {
                **self.taken_back,
                "serial_repeated": self.repeats.differing,
                "direction_unknown": self.unknown,
                "damaged_accounts": len(self.damaged[0] | self.damaged[1]),
                "currency_unknown": self.strange,
            },
            checks,
            dates=self.dates,
        )
        if cut := sorted(({*rows.values(), told.read}) & reader.profile.row_caps):
            told.truncated = True
            told.findings.append(rules.Finding("truncated", {"rows": cut[0]}))
        return told


def read_columns(
    source: Source,
    name: str,
    store: Callable[[Iterator[pa.Table]], T],
    *,
    profile: Profile | None = None,
    saved: Sequence[Profile] = (),
    raw: bool = True,
    across: Callable[[Iterator[pa.Table]], Callable[[pa.Table], pa.Table]] | None = None,
) -> tuple[Summary, T] | None:
    """Read a delimited file of any size; `store` takes its tables and may be called twice.

    None: the file is for the row-by-row reader (mixed encodings, several accounts below each other,
    or a layout the loops do not know). Raises what rules.read_file raises. `across` gets all rows
    once before and gives what marks those that earlier statements told. `raw` as in Stream; without
    it `source` must be kept beside the rows as it is.
    """
    guess = guess_of(source)
    if not guess:
        return None

    def stream(encoding: str) -> Stream:
        return Stream(source, encoding, name, hashed.result, profile, saved, raw=raw)

    with ThreadPoolExecutor(1) as beside:
        hashed = beside.submit(sha256_of, source)
        try:
            read = _read(partial(stream, guess), store, across)
        except NotEncoded:
            encoding = encoding_of(source)
            if encoding in {"", guess}:
                return None
            read = _read(partial(stream, encoding), store, across)
        if read is None:
            return None
        whole, stored = read
        rules.refuse_nothing(name, whole.rows, whole.stream.reader.rejects)
        return whole.summary(name, hashed.result()), stored


def _read(
    stream: Callable[[], Stream],
    store: Callable[[Iterator[pa.Table]], T],
    across: Callable[[Iterator[pa.Table]], Callable[[pa.Table], pa.Table]] | None,
) -> tuple[Whole, T] | None:
    first = stream()
    if not first.fits:
        return None
    unclear = first.reader.profile.unclear
    habits = Habits(unclear)
    try:
        marks = across(read.table for read in stream().tables()) if across else None
        while True:
            whole = Whole(stream(), habits, marks)
            try:
                return whole, store(ahead(whole.tables()))
            except Undecided:
                habits = survey(stream(), unclear)
    except Sectioned:
        return None


def survey(stream: Stream, unclear: Unclear) -> Habits:
    """The habits of all rows of a file."""
    habits = Habits(unclear)
    for read in stream.tables():
        habits.see(read)
    habits.complete = True
    return habits
