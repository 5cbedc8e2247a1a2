"""One case by rolling pro rata over laid lines (machine code): what `pro_rata.py` does in floats.

Rows are played in order of time, but only those that touch traced money: a heap holds the next
outflow of every account that has any. A share is told by claim, and by hop where hops are limited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.tracing.engine.compiled import compiled
from fanzha.tracing.engine.laying import ROW
from fanzha.tracing.engine.lines import exit_of, fen_of, payee_of, payer_of
from fanzha.tracing.engine.walking import FOLLOWED, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fanzha.tracing.engine.sharing import Balances

NO_SLOT: Final = -1
SLOTS, HEAP, SHARES, ENDS, TRANSFERS, SEED = range(6)
"""The places of the state: accounts joined, size of the heap, what is written, the next payment."""


class Mix(NamedTuple):
    """What a case reads besides the task, and its room to work in.

    `claims` by payment; `hops` kinds of lots per claim; `most` transfers. By account `slot_of`; by
    slot `account`, `following` (the place of its next outflow, -1 for none) and its `share` by kind
    of lot. `moved` is what is on its way. Written are (row, claim) with `carried`, and
    (account, kind, claim) with `ended`.
    """

    balances: Balances
    claims: NDArray[np.int64]
    hops: int
    most: int
    slot_of: NDArray[np.int32]
    account: NDArray[np.int64]
    following: NDArray[np.int64]
    share: NDArray[np.float64]
    moved: NDArray[np.float64]
    heap: NDArray[np.int64]
    rows: NDArray[np.int64]
    carried: NDArray[np.float64]
    ends: NDArray[np.int64]
    ended: NDArray[np.float64]
    state: NDArray[np.int64]


@compiled
def push_row(mix: Mix, row: int) -> None:
    """Put a row into the heap, the earliest on top."""
    at = mix.state[HEAP]
    mix.state[HEAP] = at + 1
    while at > 0 and row < mix.heap[(at - 1) // 2]:
        mix.heap[at] = mix.heap[(at - 1) // 2]
        at = (at - 1) // 2
    mix.heap[at] = row


@compiled
def pop_row(mix: Mix) -> int:
    """Take the earliest row out of the heap."""
    size = mix.state[HEAP] - 1
    mix.state[HEAP] = size
    top, row, at = mix.heap[0], mix.heap[size], 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and mix.heap[child + 1] < mix.heap[child]:
            child += 1
        if mix.heap[child] > row:
            break
        mix.heap[at] = mix.heap[child]
        at = child
    mix.heap[at] = row
    return int(top)


@compiled
def end_moved(mix: Mix, at: int, account: int, kind: int) -> None:
    """End the lot at place `at` of what is on its way."""
    if mix.moved[at] <= 0:
        return
    place = mix.state[ENDS]
    mix.ends[place, 0] = account
    mix.ends[place, 1] = kind
    mix.ends[place, 2] = at // mix.hops
    mix.ended[place] = mix.moved[at]
    mix.moved[at] = 0.0
    mix.state[ENDS] = place + 1


@compiled
def leave(mix: Mix, slot: int, row: int, fen: int) -> None:
    """Take the row's fraction of every lot."""
    room = mix.balances.room[row]
    for at in range(len(mix.moved)):
        mix.moved[at] = mix.share[slot, at]
        if fen < room:
            mix.moved[at] *= fen / room
        mix.share[slot, at] -= mix.moved[at]


@compiled
def limit(task: Task, mix: Mix, account: int, row: int) -> None:
    """End what a limit cuts; let the rest be one hop further."""
    beyond, hops = task.rules.beyond, mix.hops
    small = task.rules.min_fen > 0 and fen_of(task.lines, row) < task.rules.min_fen
    if small or mix.state[TRANSFERS] >= mix.most:
        for at in range(len(mix.moved)):
            end_moved(mix, at, account, beyond)
        return
    carries = False
    for claim in range(len(mix.moved) // hops):
        if task.rules.max_hops < hops:
            end_moved(mix, claim * hops + hops - 1, account, beyond)
        for hop in range(hops - 1, 0, -1):
            mix.moved[claim * hops + hop] = mix.moved[claim * hops + hop - 1]
            mix.moved[claim * hops + hop - 1] = 0.0
        for hop in range(hops):
            carries = carries or mix.moved[claim * hops + hop] > 0
    if carries:
        mix.state[TRANSFERS] += 1


@compiled
def note_carried(mix: Mix, row: int) -> None:
    """Write what the row carries, by claim."""
    for claim in range(len(mix.moved) // mix.hops):
        share = 0.0
        for hop in range(mix.hops):
            share += mix.moved[claim * mix.hops + hop]
        if share > 0:
            place = mix.state[SHARES]
            mix.rows[place, 0] = row
            mix.rows[place, 1] = claim
            mix.carried[place] = share
            mix.state[SHARES] = place + 1


@compiled
def wait(task: Task, mix: Mix, slot: int, row: int) -> None:
    """Put the account's first outflow after `row` into the heap, if there is one."""
    lines, account = task.lines, mix.account[slot]
    low, high = lines.bounds[account], lines.bounds[account + 1] - 1
    last = high
    while low < high:
        middle = (low + high) // 2
        if lines.out[middle, ROW] <= row:
            low = middle + 1
        else:
            high = middle
    mix.following[slot] = low if low < last else NO_SLOT
    if low < last:
        push_row(mix, lines.out[low, ROW])


@compiled
def land(task: Task, mix: Mix, row: int) -> None:
    """Bring what is on its way to where the row leads."""
    account = payee_of(task.lines, row)
    if account < 0 or task.rules.stop[account] != FOLLOWED:
        kind = int(task.rules.stop[account])
        if account < 0:
            kind, account = exit_of(task.lines, row, task.rules.unknown), payer_of(task.lines, row)
        for at in range(len(mix.moved)):
            end_moved(mix, at, account, kind)
        return
    fen = fen_of(task.lines, row)
    filled = min(mix.balances.owed[row], fen) / fen
    slot = mix.slot_of[account]
    if slot < 0:
        slot = mix.state[SLOTS]
        mix.state[SLOTS] = slot + 1
        mix.slot_of[account], mix.account[slot], mix.following[slot] = slot, account, NO_SLOT
    there = False
    for at in range(len(mix.moved)):
        kept = mix.moved[at] * (1 - filled)
        mix.share[slot, at] += kept
        there = there or kept > 0
        mix.moved[at] *= filled
        end_moved(mix, at, account, task.rules.overdraft)
    if there and mix.following[slot] < 0:
        wait(task, mix, slot, row)


@compiled
def go_out(task: Task, mix: Mix, row: int, payment: int) -> bool:
    """Play the leaving of a row whose payer holds traced money; whether it carries any on."""
    account = payer_of(task.lines, row)
    slot = mix.slot_of[account]
    leave(mix, slot, row, fen_of(task.lines, row))
    mix.following[slot] += 1
    following = task.lines.out[mix.following[slot], ROW]
    most = 0.0
    for at in range(len(mix.moved)):
        most = max(most, mix.share[slot, at])
    if following >= 0 and most > 0:
        push_row(mix, following)
    else:
        mix.following[slot] = NO_SLOT
    if row == payment:
        for at in range(len(mix.moved)):
            end_moved(mix, at, account, task.rules.returned)
        return False
    limit(task, mix, account, row)
    note_carried(mix, row)
    return True


@compiled
def has_room(mix: Mix) -> bool:
    """Whether one more row can be played."""
    more = len(mix.moved)
    return bool(
        mix.state[SLOTS] < len(mix.account)
        and mix.state[HEAP] + 2 < len(mix.heap)
        and mix.state[SHARES] + more <= len(mix.rows)
        and mix.state[ENDS] + 3 * more <= len(mix.ends)
    )


@compiled
def mix_case(task: Task, mix: Mix) -> bool:
    """Play the one case of the task from its beginning; False if the room does not suffice."""
    seeds = len(task.payments)
    while mix.state[HEAP] > 0 or mix.state[SEED] < seeds:
        if not has_room(mix):
            return False
        seed = mix.state[SEED]
        payment = task.payments[seed] if seed < seeds else -1
        if mix.state[HEAP] > 0 and (payment < 0 or mix.heap[0] <= payment):
            row = pop_row(mix)
            if go_out(task, mix, row, payment):
                land(task, mix, row)
        else:
            row = payment
        if row == payment:
            mix.state[SEED] += 1
            if fen_of(task.lines, row) > 0:
                mix.moved[mix.claims[seed] * mix.hops] = fen_of(task.lines, row)
                note_carried(mix, row)
                land(task, mix, row)
    return True
