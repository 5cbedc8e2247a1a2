"""Where `max_transfers` cuts a case (machine code): the key of the first transfer beyond it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fanzha.tracing.engine.compiled import compiled
from fanzha.tracing.engine.lines import key_of
from fanzha.tracing.engine.walking import PIECE_HOP, PIECE_ROW, PIECES, arrive, begin

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fanzha.tracing.engine.walking import Sheet, Task

NO_ROOM: Final = -1
NEVER: Final = 2**63 - 1


@compiled
def earlier(task: Task, sheet: Sheet, one: int, other: int) -> bool:
    """Whether piece `one` left before piece `other`."""
    return key_of(task.lines, sheet.pieces[one, PIECE_ROW]) < key_of(
        task.lines, sheet.pieces[other, PIECE_ROW]
    )


@compiled
def push(task: Task, sheet: Sheet, heap: NDArray[np.int64], size: int, piece: int) -> None:
    """Put a piece into the heap of `size` pieces, the earliest on top."""
    at = size
    while at > 0 and earlier(task, sheet, piece, heap[(at - 1) // 2]):
        heap[at] = heap[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at] = piece


@compiled
def pop(task: Task, sheet: Sheet, heap: NDArray[np.int64], size: int) -> int:
    """Take the earliest piece out of the heap of `size` pieces."""
    top, piece, at = heap[0], heap[size - 1], 0
    while 2 * at + 1 < size - 1:
        child = 2 * at + 1
        if child + 1 < size - 1 and earlier(task, sheet, heap[child + 1], heap[child]):
            child += 1
        if not earlier(task, sheet, heap[child], piece):
            break
        heap[at] = heap[child]
        at = child
    heap[at] = piece
    return int(top)


@compiled
def horizon(task: Task, sheet: Sheet, heap: NDArray[np.int64], most: int) -> int:
    """Walk the case in order of leaving until transfer `most` + 1; its key, NEVER, or NO_ROOM."""
    if len(heap) < len(sheet.pieces) or not begin(task, sheet):
        return NO_ROOM
    size, transfers, last = 0, 0, -1
    for piece in range(sheet.state[PIECES]):
        push(task, sheet, heap, size, piece)
        size += 1
    while size:
        piece = pop(task, sheet, heap, size)
        size -= 1
        row = sheet.pieces[piece, PIECE_ROW]
        if sheet.pieces[piece, PIECE_HOP] > 0 and row != last:
            last, transfers = row, transfers + 1
            if transfers > most:
                return key_of(task.lines, row)
        before = sheet.state[PIECES]
        if not arrive(task, sheet, piece):
            return NO_ROOM
        for added in range(before, sheet.state[PIECES]):
            push(task, sheet, heap, size, added)
            size += 1
    return NEVER
