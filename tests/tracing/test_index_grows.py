"""Rows that come later are searchable at once, and an index on disk is whole or not there."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.tracing import mapped
from fanzha.tracing.engine import Seeds
from fanzha.tracing.engine.cases import Walker, walk_cases
from fanzha.tracing.engine.columns import Columns
from fanzha.tracing.engine.index import build, build_with
from fanzha.tracing.engine.model import NO_ROW
from fanzha.tracing.engine.recent import grow
from tests.tracing.networks import movements_of, network, networks
from tests.tracing.test_index import index_of, limits_of, stops_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from fanzha.tracing.engine.cases import Walked
    from tests.tracing.reference import Case

    Rows = NDArray[np.int64]


def parts_of(columns: Columns, early: Rows, late: Rows) -> tuple[Columns, Columns]:
    """Hand the rows in as two parts; the reversals count them as they come."""
    number = np.full(len(columns) + 1, NO_ROW)
    number[np.concatenate([early, late])] = np.arange(len(columns))
    if len(columns.reverses):
        columns = replace(columns, reverses=number[columns.reverses])
    return columns.taken(early), columns.taken(late)


def told(walked: Walked, rows: Rows) -> tuple[list[list[int]], list[list[int]]]:
    """What came out, with rows as they are called in `rows`; in one order."""
    pieces = walked.pieces.copy()
    pieces[:, 0] = rows[pieces[:, 0]]
    ends = walked.ends.copy()
    ends[:, 3] = pieces[ends[:, 3], 0]
    # Pieces are told by row, fen, payment, hop and payer.
    return sorted(pieces[:, [0, 1, 2, 3, 5, 6]].tolist()), sorted(ends.tolist())


@settings(max_examples=200, deadline=None)
@given(networks(), st.integers(0, 2**32))
def test_rows_that_come_later_are_as_if_they_had_always_been_there(case: Case, number: int) -> None:
    chance = Random(number)
    movements = movements_of(case.rows)
    whole = Columns.of_movements(movements)
    payments = list(Seeds.of(movements, case.seeds.items()).rows)
    openings = {
        movements.code_of[a]: fen for a, fen in case.openings.items() if a in movements.code_of
    }
    late = late_rows(whole, chance)
    early = np.setdiff1d(np.arange(len(whole)), late)
    rows = np.concatenate([early, chance_order(late, whole, chance)])
    first, second = parts_of(whole, early, rows[len(early) :])
    half = chance.randint(0, len(second))
    grown = grow(build(first, openings=openings), second.taken(np.arange(half)))
    grown = grown.append(second.taken(np.arange(half, len(second))))
    place = np.argsort(rows)
    options: Any = {"limits": limits_of(case), "stops": stops_of(movements, case)}
    found = grown.walker().walk([place[payments].tolist()], **options)
    wanted = walk_cases(index_of(movements, dict(case.openings)), [payments], **options)
    seeds = np.sort(place[payments])
    same = [payments.index(int(rows[row])) for row in seeds]
    found.pieces[:, 3] = np.array(same)[found.pieces[:, 3]]
    assert told(found, rows) == told(wanted, np.arange(len(whole)))
    merged, numbers = grown.compact()
    assert rows[numbers].tolist() == list(range(len(whole)))
    again = Walker(merged.lines, merged.matches, whole.accounts).walk([payments], **options)
    assert told(again, np.arange(len(whole))) == told(wanted, np.arange(len(whole)))


def late_rows(whole: Columns, chance: Random) -> Rows:
    """Some times, all rows of each; a reversal comes with or after what it reverses."""
    times = {time for time in whole.time.tolist() if chance.random() < 0.4}
    late: Rows = np.empty(0, np.int64)
    while True:
        late = np.flatnonzero(np.isin(whole.time, list(times)))
        if not len(whole.reverses):
            return late
        more = set(whole.time[np.isin(whole.reverses, late)].tolist())
        if more <= times:
            return late
        times |= more


def chance_order(late: Rows, whole: Columns, chance: Random) -> Rows:
    """Any order of the late rows that keeps rows of one time, and reversals, in theirs."""
    keys = {int(time): chance.random() for time in np.unique(whole.time)}
    if len(whole.reverses):
        return late
    return np.array(sorted(late.tolist(), key=lambda at: keys[int(whole.time[at])]), np.int64)


def index_on_disk(folder: Path) -> Path:
    """Write a small index with a reversal, so that no file is empty that should not be."""
    chance = Random(5)
    while True:
        case = network(40, chance)
        movements = movements_of(case.rows)
        if (movements.reverses != NO_ROW).any():
            break
    mapped.write(index_of(movements, dict(case.openings)), folder)
    return folder


def test_an_index_on_disk_answers_as_the_one_in_memory(tmp_path: Path) -> None:
    folder = index_on_disk(tmp_path / "index")
    index = mapped.read(folder)
    mapped.check(folder)
    payments = [at for at in range(len(index)) if index.columns.amount_fen[at]][:3]
    there = build_with(index.columns, index.opening_fen)
    found, wanted = walk_cases(index, [payments]), walk_cases(there, [payments])
    assert found.pieces.tolist() == wanted.pieces.tolist()
    assert found.ends.tolist() == wanted.ends.tolist()
    assert [each.name for each in tmp_path.iterdir()] == ["index"]


def test_a_changed_file_is_found(tmp_path: Path) -> None:
    folder = index_on_disk(tmp_path / "index")
    path = folder / "start.npy"
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    mapped.read(folder)
    with pytest.raises(mapped.BadIndex, match=r"start\.npy"):
        mapped.check(folder)


def test_half_an_index_is_none(tmp_path: Path) -> None:
    folder = index_on_disk(tmp_path / "index")
    (folder / "out.npy").unlink()
    with pytest.raises(mapped.BadIndex, match=r"out\.npy"):
        mapped.read(folder)
    (folder / "index.json").unlink()
    with pytest.raises(mapped.BadIndex, match="no index"):
        mapped.read(folder)


def test_an_index_is_not_written_over_another(tmp_path: Path) -> None:
    folder = index_on_disk(tmp_path / "index")
    with pytest.raises(FileExistsError):
        mapped.write(mapped.read(folder), folder)


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("numpy.save", full)
    with pytest.raises(OSError, match="no space"):
        index_on_disk(tmp_path / "index")
    assert list(tmp_path.iterdir()) == []
