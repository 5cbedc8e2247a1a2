"""Layouts taken apart and put together wrongly: no crash, and no line lost in silence.

FANZHA_FUZZ=100000 tries so many tables; otherwise a seeded few.
"""

from __future__ import annotations

import os
import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanzha.core.refusal import Refusal
from fanzha.movements import sheets
from fanzha.movements.companions import Companion, read_table
from fanzha.movements.profile import parsed
from fanzha.movements.proposing import ProfileNeedsColumns, profile_from, propose
from fanzha.movements.rules import read_file
from fanzha.movements.source import lines_of
from tests.movements.build import A, B, at, line, table
from tests.movements.test_columns import CELLS, OTHER, OWN
from tests.movements.test_companions import TABLES
from tests.movements.test_general import DIRECTED, SIDED
from tests.movements.test_layouts import BILLS
from tests.movements.test_proposing import UNKNOWN

TRIES = int(os.environ.get("FANZHA_FUZZ", "600"))
DIRTY = (
    "", " ", "/", "-", "--", "¥1,234.50", "(3.00)", "-5", "+0.1", "1e3", "1.9E-4", "6.2990E+18",
    "6299****0011", A, B, "１２３", "进", "贷 Cr", "O", "不计收支", "46099.5", "2026-02-30", at(3),
    "20260318120000", "合计", "人民币合计", "冲正", "失败", "\0", "\ufeff", "\t", "联通", "𠮷",
    "9" * 40, "=1+1", "<td>", "NaN", "USDT", "JPY", "0x12ab****34cd", "x" * 300,
    "上年结转", "05-Jan-2026", "46030 0.5", "D", "1", "2", "电子专用章",
)  # fmt: skip
SEPARATORS = (",", "\t", ";", "|", "^", "\x01")


def _grid(text: str, separator: str) -> list[list[str]]:
    return [row.replace('"', "").split(separator) for row in text.splitlines()]


LAYOUTS: tuple[list[list[str]], ...] = (
    _grid(table(*(line(txn_time=at(n), balance_fen=str(n)) for n in range(4))), ","),
    [[*OWN, *OTHER], CELLS, CELLS],
    *(_grid(text, "\t" if "\t" in text else ",") for text, _ in BILLS.values()),
    *(_grid(text, "\t" if "\t" in text else ",") for text, _, _ in TABLES.values()),
    *(_grid(text, "\t" if "\t" in text else ",") for text in (*SIDED.values(), *DIRECTED.values())),
    _grid(UNKNOWN, ","),
)


def mutated(chance: random.Random) -> bytes:
    """The bytes of one table, a few steps away from what somebody might send."""
    rows = [list(row) for row in chance.choice(LAYOUTS)]
    for _ in range(chance.randrange(5)):
        chance.choice(STEPS)(rows, chance)
    text = chance.choice(("\n", "\r\n", "\r")).join(
        chance.choice(SEPARATORS).join(row) if chance.random() < 0.05 else ",".join(row)
        for row in rows
    )
    encoding = chance.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16"))
    content = bytearray(text.encode(encoding, "replace"))
    for _ in range(chance.choice((0, 0, 0, 1, 4))):
        if content:
            content[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(content)


def _spoil(rows: list[list[str]], chance: random.Random) -> None:
    row = chance.choice(rows)
    if row:
        row[chance.randrange(len(row))] = chance.choice(DIRTY)


def _drop_column(rows: list[list[str]], chance: random.Random) -> None:
    place = chance.randrange(max(map(len, rows)) or 1)
    for row in rows:
        del row[place : place + 1]


def _double_column(rows: list[list[str]], chance: random.Random) -> None:
    place = chance.randrange(max(map(len, rows)) or 1)
    for row in rows:
        row[place:place] = row[place : place + 1]


def _swap_columns(rows: list[list[str]], chance: random.Random) -> None:
    one, other = (chance.randrange(max(map(len, rows)) or 1) for _ in range(2))
    for row in rows:
        if max(one, other) < len(row):
            row[one], row[other] = row[other], row[one]


def _change_rows(rows: list[list[str]], chance: random.Random) -> None:
    place = chance.randrange(len(rows))
    rows[place:place] = chance.choice(([rows[place][:]], [[]], [["合计", "1.00"]], [["x"] * 50]))


def _cut(rows: list[list[str]], chance: random.Random) -> None:
    row = chance.choice(rows)
    del row[chance.randrange(len(row) + 1) :]


STEPS = (_spoil, _spoil, _spoil, _drop_column, _double_column, _swap_columns, _change_rows, _cut)


def check(content: bytes) -> None:
    """Read it if it can be read, and account for every line."""
    try:
        (found,) = sheets.tables(content, "made.csv") if content[:2] != b"PK" else [None]
        reading: Any = read_table(found.content, found.name) if found else None
    except Refusal:
        return
    if reading is None:
        return
    kept = reading.kept if isinstance(reading, Companion) else len(reading.kept)
    assert reading.read == kept + reading.duplicates + len(reading.rejects)
    lines = lines_of(content)
    if not any('"' in each for each in lines):
        assert reading.read + reading.skipped == len(lines)
    if isinstance(reading, Companion):
        return
    numbers = [row.row_no for row in reading.rows] + [each.row_no for each in reading.rejects]
    assert len(numbers) == len(set(numbers)) == reading.read
    assert all(row.amount_fen >= 0 for row in reading.rows)
    told = sum(sum(each.values()) for each in reading.sums.values())
    assert told == sum(row.amount_fen for row in reading.kept if row.success != "failed")


@settings(
    max_examples=TRIES, deadline=None, derandomize=TRIES < 10_000, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(st.integers(0, 2**64))
def test_a_mutated_layout_is_read_or_refused_and_loses_no_line(seed: int) -> None:
    content = mutated(random.Random(seed))
    check(content)


@settings(max_examples=max(TRIES // 10, 60), deadline=None, derandomize=True, database=None)
@given(st.integers(0, 2**64))
def test_a_proposal_for_a_mutated_layout_reads_or_refuses(seed: int) -> None:
    content = mutated(random.Random(seed))
    found = propose(sheets.Table("made.csv", content))
    if found is None:
        return
    try:
        reading = read_file(content, "x", profile=parsed(profile_from(found, "x")))
    except (Refusal, ProfileNeedsColumns):
        return
    assert reading.read == len(reading.kept) + reading.duplicates + len(reading.rejects)
