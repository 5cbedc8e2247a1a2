"""The fingerprint of a trace's input, stored with its result so that it can be replayed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from fanzha.tracing.engine.limits import NO_LIMITS, Limits
from fanzha.tracing.engine.model import NO_BALANCE, OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from fanzha.tracing.engine.model import EndKind, Movements, Seeds


def input_sha256(
    movements: Movements,
    seeds: Seeds,
    *,
    openings: Mapping[str, int] | None = None,
    known: Collection[str] | None = None,
    gap_kinds: Mapping[str, EndKind] | None = None,
    limits: Limits = NO_LIMITS,
    backward: bool = False,
    flow_rule: str = "fifo",
) -> str:
    """SHA-256 (hex) over the canonical input: rows in `seq` order, then everything beside them.

    File names, encodings, and the order of rows whose times differ leave it as it is. What is not
    asked, and second or wide times where there are none, add nothing: plain input keeps its hash.
    """
    paid = [
        [movements.ids[row], claim] for row, claim in zip(seeds.rows, seeds.claims, strict=True)
    ]
    return sha256_of(
        plain_lines(movements), paid, openings=openings, known=known, gap_kinds=gap_kinds,
        limits=limits, backward=backward, flow_rule=flow_rule,
    )  # fmt: skip


def plain_lines(movements: Movements) -> Iterator[bytes]:
    """The canonical line of every row, in `seq` order: a JSON list."""
    ids = _quoted(movements.ids)
    # The last stands for OUTSIDE and for NO_ROW, which are -1.
    names, originals = [*_quoted(movements.accounts), '""'], [*ids, '""']
    words = {word: json.dumps(word) for word in {*movements.channel, *movements.currency, ""}}
    columns = zip(
        ids,
        movements.time.tolist(),
        movements.from_account.tolist(),
        movements.to_account.tolist(),
        movements.amount_fen.tolist(),
        movements.balance_from_fen.tolist(),
        movements.balance_to_fen.tolist(),
        movements.channel,
        movements.currency,
        movements.reverses.tolist(),
        movements.time_to.tolist(),
        movements.width.tolist(),
        strict=True,
    )
    for (
        name, time, payer, payee, fen, left, arrived, channel, currency, original, time_to, width,
    ) in columns:  # fmt: skip
        times = f",{time_to},{width}" if time_to != time or width != 1 else ""
        yield (
            f"[{name},{time},{names[payer]},{names[payee]},{fen},"
            f"{'null' if left == NO_BALANCE else left},"
            f"{'null' if arrived == NO_BALANCE else arrived},"
            f"{words[channel if payee == OUTSIDE else '']},{words[currency]},"
            f"{originals[original]}{times}]\n"
        ).encode()


def _quoted(texts: Sequence[str]) -> list[str]:
    """The texts as JSON writes them."""
    return [json.dumps(text) for text in texts]


def sha256_of(
    lines: Iterable[bytes],
    paid: Sequence[Sequence[str]],
    *,
    openings: Mapping[str, int] | None = None,
    known: Collection[str] | None = None,
    gap_kinds: Mapping[str, EndKind] | None = None,
    limits: Limits = NO_LIMITS,
    backward: bool = False,
    flow_rule: str = "fifo",
) -> str:
    """Hash canonical lines of rows, (id, claim) of the payments, and what is asked beside them."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line)
    digest.update(_line({"seeds": paid}))
    digest.update(_line({"openings": sorted((openings or {}).items())}))
    digest.update(_line({"known": None if known is None else sorted(known)}))
    digest.update(_line({"gap_kinds": sorted((gap_kinds or {}).items())}))
    if limits != NO_LIMITS:
        digest.update(_line({"limits": asdict(limits)}))
    if backward:
        digest.update(_line({"backward": True}))
    if flow_rule != "fifo":
        digest.update(_line({"flow_rule": flow_rule}))
    return digest.hexdigest()


def _line(record: object) -> bytes:
    return json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
