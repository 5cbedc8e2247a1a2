"""A finished trace by `fifo` or `lifo` as bytes, and back: what one process walked, another shows.

The bytes hold pieces, ends, notes and the hash of the input. The question is not in them; whoever
keeps them names them by it (name_of).
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

from fanzha.core.program import program_of
from fanzha.tracing.engine import EndKind, NoteKind, Trace
from fanzha.tracing.engine.given import LINE_RULES, Given
from fanzha.tracing.engine.model import Note
from fanzha.tracing.engine.result import End, Piece, seeded_by_claim

if TYPE_CHECKING:
    from collections.abc import Hashable


class Kept(NamedTuple):
    """A trace and the hash of its input."""

    trace: Trace
    input_sha256: str


def name_of(*question: Hashable) -> str:
    """What the bytes of a trace are called: all that was asked, and the program that answered."""
    asked = f"{program_of(__file__)} {question!r}"
    return hashlib.sha256(asked.encode()).hexdigest()


def can_keep(trace: Trace) -> bool:
    """Whether a trace can be written: one that walked lines, to their end."""
    return trace.rule in LINE_RULES and trace.paused is None


def written(kept: Kept) -> bytes:
    """The bytes of a trace that can be kept."""
    trace = kept.trace
    assert can_keep(trace), "only a finished walk along lines is kept"
    told = [trace.pieces, trace.ends, trace.notes, kept.input_sha256]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def read(content: bytes, given: Given) -> Kept | None:
    """The trace of this question; None when the ends do not sum to what the victims paid."""
    pieces, ends, notes, digest = json.loads(content)
    trace = Trace(
        given=given,
        pieces=tuple(Piece(*each) for each in pieces),
        ends=tuple(End(each[0], EndKind(each[1]), *each[2:]) for each in ends),
        notes=tuple(Note(each[0], NoteKind(each[1]), *each[2:]) for each in notes),
    )
    paid = sum(seeded_by_claim(given.movements, given.seeds).values())
    return Kept(trace, digest) if sum(end.fen for end in trace.ends) == paid else None
