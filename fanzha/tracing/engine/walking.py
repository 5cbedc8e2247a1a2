"""Walk cases over laid lines (machine code): what `follow.py` does over the lines of one case.

A piece is handed on where outflows overlap it on its payee's line, found by bisection. Accounts
whose lines are not plain carry matches instead: per inflow the outflows that took its fen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.tracing.engine.compiled import compiled
from fanzha.tracing.engine.laying import FEN, ROW
from fanzha.tracing.engine.lines import (
    DEBT,
    IN_HI,
    IN_LO,
    NEXT,
    OUT_LO,
    OUT_ROW,
    Lines,
    Matches,
    arrival_of,
    exit_of,
    fen_of,
    find,
    is_foreign,
    key_of,
    last_not_after,
    payee_of,
    payer_of,
    slot_of,
    time_of,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLLOWED: Final = 255
"""In `stop`: the account is followed; else the kind of end that its money has."""
PIECE_ROW, PIECE_LO, PIECE_HI, PIECE_SEED, PIECE_PARENT, PIECE_HOP, PIECE_PAYER = range(7)
END_ACCOUNT, END_KIND, END_FEN, END_PIECE = range(4)
CASE, AT, PIECES, ENDS = range(4)
"""The places of a walk's state: cases begun, pieces handed on, pieces and ends written."""
DONE, NO_ROOM, PAUSED = range(3)


class Rules(NamedTuple):
    """What ends a walk: `stop` by account, the limits, the codes of ends, the cases' horizons.

    `horizon` is per case the key of the first transfer that `max_transfers` cuts off.
    """

    stop: NDArray[np.uint8]
    horizon: NDArray[np.int64]
    min_fen: int
    max_hops: int
    window: int
    held: int
    unknown: int
    overdraft: int
    returned: int
    beyond: int
    exchanged: int


class Task(NamedTuple):
    """All that a walk reads. `payments` are rows, ascending within the `bounds` of each case."""

    lines: Lines
    matches: Matches
    rules: Rules
    payments: NDArray[np.int64]
    bounds: NDArray[np.int64]


class Sheet(NamedTuple):
    """What a walk writes: pieces, ends, per case its first piece, and how far it has come."""

    pieces: NDArray[np.int64]
    ends: NDArray[np.int64]
    firsts: NDArray[np.int64]
    state: NDArray[np.int64]


@compiled
def end(sheet: Sheet, piece: int, account: int, kind: int, fen: int) -> bool:
    """Write one end; False if there is no room."""
    at = sheet.state[ENDS]
    if at == len(sheet.ends):
        return False
    sheet.ends[at, END_ACCOUNT] = account
    sheet.ends[at, END_KIND] = kind
    sheet.ends[at, END_FEN] = fen
    sheet.ends[at, END_PIECE] = piece
    sheet.state[ENDS] = at + 1
    return True


@compiled
def add(sheet: Sheet, row: int, lo: int, fen: int, seed: int, parent: int, payer: int) -> bool:
    """Write one piece; False if there is no room."""
    at = sheet.state[PIECES]
    if at == len(sheet.pieces):
        return False
    sheet.pieces[at, PIECE_ROW] = row
    sheet.pieces[at, PIECE_LO] = lo
    sheet.pieces[at, PIECE_HI] = lo + fen
    sheet.pieces[at, PIECE_SEED] = seed
    sheet.pieces[at, PIECE_PARENT] = parent
    sheet.pieces[at, PIECE_HOP] = sheet.pieces[parent, PIECE_HOP] + 1 if parent >= 0 else 0
    sheet.pieces[at, PIECE_PAYER] = payer
    sheet.state[PIECES] = at + 1
    return True


@compiled
def why_not(task: Task, case: int, row: int, hop: int, to: int) -> int:
    """The kind of end of fen that came by `row` and would go on by `to`; FOLLOWED if they go on."""
    rules, lines = task.rules, task.lines
    if find(task.payments, to, task.bounds[case], task.bounds[case + 1]) >= 0:
        return rules.returned
    if hop >= rules.max_hops:
        return rules.beyond
    # A look at a row's columns may cost as much as all the rest of the hop.
    if rules.min_fen > 0 and fen_of(lines, to) < rules.min_fen:
        return rules.beyond
    if rules.window >= 0 and time_of(lines, to) - arrival_of(lines, row) > rules.window:
        return rules.beyond
    return rules.beyond if key_of(lines, to) >= rules.horizon[case] else FOLLOWED


@compiled
def hand_on(
    task: Task, sheet: Sheet, at: int, account: int, payer: int, to: int, lo: int, fen: int
) -> bool:
    """Let outflow `to` carry `fen` of piece `at`, from `lo` of its own fen on, or end them.

    They lie at `account`, which is the row's `payer` unless they come back from outside.
    """
    row, hop = sheet.pieces[at, PIECE_ROW], sheet.pieces[at, PIECE_HOP]
    kind = why_not(task, sheet.state[CASE] - 1, row, hop, to)
    if kind != FOLLOWED:
        return end(sheet, at, account, kind, fen)
    return add(sheet, to, lo, fen, sheet.pieces[at, PIECE_SEED], at, payer)


@compiled
def follow_line(task: Task, sheet: Sheet, at: int, account: int) -> bool:
    """Hand a piece on along its payee's line."""
    lines, row = task.lines, sheet.pieces[at, PIECE_ROW]
    slot = lines.slot[account] if len(lines.slot) else -1
    if slot < 0:
        first, last = lines.bounds[account], lines.bounds[account + 1] - 1
        return follow_outflows(task, sheet, at, account, lines.out, first, last, lines.start[row])
    first, last = lines.more_bounds[slot], lines.more_bounds[slot + 1] - 1
    start = lines.more_start[find(lines.more_rows, row, 0, len(lines.more_rows))]
    return follow_outflows(task, sheet, at, account, lines.more_out, first, last, start)


@compiled
def follow_outflows(
    task: Task,
    sheet: Sheet,
    at: int,
    account: int,
    out: NDArray[np.int64],
    first: int,
    last: int,
    start: int,
) -> bool:
    """Hand on along the outflows `first..last`, the last being the sentinel."""
    place, stop = start + sheet.pieces[at, PIECE_LO], start + sheet.pieces[at, PIECE_HI]
    key = key_of(task.lines, sheet.pieces[at, PIECE_ROW])
    k = last_not_after(out, first, last + 1, place)
    while place < stop:
        reach = stop if k == last else min(stop, out[k + 1, FEN])
        if k == last:
            written = end(sheet, at, account, task.rules.held, reach - place)
        elif k < first or key_of(task.lines, out[k, ROW]) < key:
            # What lies before the first outflow filled a debt that was there before all rows.
            written = end(sheet, at, account, task.rules.overdraft, reach - place)
        else:
            lo = place - out[k, FEN]
            written = hand_on(task, sheet, at, account, account, out[k, ROW], lo, reach - place)
        if not written:
            return False
        place = reach
        k += 1
    return True


@compiled
def follow_matches(
    task: Task, sheet: Sheet, at: int, account: int, slot: int, resting: int
) -> bool:
    """Hand a piece on by the matches of its row; `resting` is the end of what nobody took."""
    place, hi = sheet.pieces[at, PIECE_LO], sheet.pieces[at, PIECE_HI]
    table = task.matches.table
    link = task.matches.head[slot]
    while link >= 0 and place < hi:
        lo, top, to = table[link, IN_LO], table[link, IN_HI], table[link, OUT_ROW]
        into = table[link, OUT_LO]
        link = table[link, NEXT]
        if top <= place:
            continue
        if lo > place:
            reach = min(lo, hi)
            if not end(sheet, at, account, resting, reach - place):
                return False
            place = reach
        reach = min(top, hi)
        if reach <= place:
            break
        if to == DEBT:
            written = end(sheet, at, account, task.rules.overdraft, reach - place)
        else:
            into += top - reach if task.matches.newest_first else place - lo
            payer = account if resting == task.rules.held else -1
            written = hand_on(task, sheet, at, account, payer, to, into, reach - place)
        if not written:
            return False
        place = reach
    return place == hi or end(sheet, at, account, resting, hi - place)


@compiled
def arrive(task: Task, sheet: Sheet, at: int) -> bool:
    """End the piece where its row leads out of sight, else hand it on; False without room."""
    row, payer = sheet.pieces[at, PIECE_ROW], sheet.pieces[at, PIECE_PAYER]
    fen = sheet.pieces[at, PIECE_HI] - sheet.pieces[at, PIECE_LO]
    if is_foreign(task.lines, row):
        return end(sheet, at, payer, task.rules.exchanged, fen)
    account = payee_of(task.lines, row)
    slot = slot_of(task.matches, account, row)
    if account < 0:
        resting = exit_of(task.lines, row, task.rules.unknown)
        if slot < 0:
            return end(sheet, at, payer, resting, fen)
        return follow_matches(task, sheet, at, payer, slot, resting)
    if task.rules.stop[account] != FOLLOWED:
        return end(sheet, at, account, int(task.rules.stop[account]), fen)
    if slot < 0:
        return follow_line(task, sheet, at, account)
    return follow_matches(task, sheet, at, account, slot, task.rules.held)


@compiled
def begin(task: Task, sheet: Sheet) -> bool:
    """Write the payments of the next case as its first pieces; False if there is no room."""
    case = sheet.state[CASE]
    if sheet.state[PIECES] + task.bounds[case + 1] - task.bounds[case] > len(sheet.pieces):
        return False
    sheet.firsts[case] = sheet.state[PIECES]
    for seed in range(task.bounds[case], task.bounds[case + 1]):
        row = task.payments[seed]
        fen = fen_of(task.lines, row)
        if fen > 0:
            add(sheet, row, 0, fen, seed, -1, payer_of(task.lines, row))
    sheet.state[CASE] = case + 1
    return True


@compiled
def walk(task: Task, sheet: Sheet, steps: int) -> int:
    """Walk on from `sheet.state`; DONE, or NO_ROOM or PAUSED after `steps` pieces: call again."""
    state = sheet.state
    while True:
        if state[AT] < state[PIECES]:
            if steps == 0:
                return PAUSED
            pieces, ends = state[PIECES], state[ENDS]
            if not arrive(task, sheet, state[AT]):
                state[PIECES], state[ENDS] = pieces, ends
                return NO_ROOM
            state[AT] += 1
            steps -= 1
        elif state[CASE] < len(task.bounds) - 1:
            if not begin(task, sheet):
                return NO_ROOM
        else:
            return DONE
