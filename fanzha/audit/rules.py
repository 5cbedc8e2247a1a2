"""What an audit entry is and how entries are sealed: pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GENESIS = "0" * 64


@dataclass(frozen=True)
class Ground:
    """Why somebody acts: a case, report, order or duty with its number, and the reason in words."""

    kind: str
    ref: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Sealed:
    """A block: its number, the digests of its entries by id in order, and the hash of it all."""

    number: int
    previous: str
    members: tuple[tuple[int, str], ...]
    hash: str


@dataclass(frozen=True)
class Flaw:
    """What verification found: `changed`, `removed`, `reordered`, `chain`, and where."""

    kind: str
    block: int
    entry: int | None = None


def digest(fields: Mapping[str, object]) -> str:
    """SHA-256 of one entry: its fields as canonical JSON."""
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def seal(number: int, previous: str, members: Sequence[tuple[int, str]]) -> Sealed:
    """`h_n = SHA-256(h_{n-1} || block)` over the entries' ids and digests (protection, 7)."""
    block = "".join(f"{entry}:{value}\n" for entry, value in members)
    chained = hashlib.sha256(f"{previous}\n{number}\n{block}".encode()).hexdigest()
    return Sealed(number, previous, tuple(members), chained)


def flaws_of_block(block: Sealed, previous: str, present: Mapping[int, str]) -> list[Flaw]:
    """Compare a stored block with its predecessor's hash and the entries' digests of now."""
    flaws: list[Flaw] = []
    expected = {value: entry for entry, value in block.members}
    for entry, value in block.members:
        found = present.get(entry)
        if found is None:
            flaws.append(Flaw("removed", block.number, entry))
        elif found != value:
            moved = expected.get(found) not in (None, entry)
            flaws.append(Flaw("reordered" if moved else "changed", block.number, entry))
    if block.previous != previous or seal(block.number, previous, block.members).hash != block.hash:
        flaws.append(Flaw("chain", block.number))
    return flaws
