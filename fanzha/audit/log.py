"""Writing and sealing the log. Only the @action door (identity.acting) and sealing write here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from fanzha.audit.models import Block, Entry
from fanzha.audit.rules import GENESIS, Flaw, Sealed, digest, flaws_of_block, seal
from fanzha.core import clock
from fanzha.core.masking import mask_numbers
from fanzha.scope.guard import open_action

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELDS = (
    "id", "at", "actor", "officer_id", "action", "object_kind", "object_id", "case_id",
    "ground_kind", "ground_ref", "ground_reason", "facts", "origin",
)  # fmt: skip
"""What a digest covers. Unit and restriction follow the case when it moves: not covered."""
SENTENCES = frozenset({"note", "failure", "reason"})
"""Facts that people or other machines wrote in their own words."""
BATCH = 2000


def append(**fields: Any) -> None:
    """Append one entry inside the running transaction.

    The log is never erased, so it must not hold a person's number: not even where an officer's
    reason or a bank's note carries one.
    """
    fields["ground_reason"] = mask_numbers(fields["ground_reason"])
    facts = {
        name: mask_numbers(fact) if name in SENTENCES and isinstance(fact, str) else fact
        for name, fact in fields["facts"].items()
    }
    fields["facts"] = json.dumps(facts, ensure_ascii=False, default=str)
    names = ", ".join(fields)
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        # No RETURNING: the writer need not be able to read what it wrote.
        cursor.execute(
            f"INSERT INTO audit_entry ({names}, xid)"
            f" VALUES ({marks}, pg_current_xact_id()::text::bigint)",
            list(fields.values()),
        )


def seal_finished() -> int:
    """Seal all entries whose transaction is certainly finished; the count of entries sealed.

    One sealer at a time; an entry whose stored xid lies below `pg_snapshot_xmin` can have no
    unfinished sibling that would slip in before it later.
    """
    token = open_action.set("audit.seal")
    try:
        return _seal_finished()
    finally:
        open_action.reset(token)


def _seal_finished() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('fanzha.audit.seal'))")
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        horizon = cursor.fetchone()[0]
        last = Block.objects.order_by("-number").first()
        since = last.last_xid if last else 0
        rows = list(
            Entry.objects.filter(xid__gt=since, xid__lt=horizon)
            .order_by("xid", "id")
            .values("xid", *FIELDS)
        )
        if not rows:
            return 0
        number = last.number + 1 if last else 1
        block = seal(number, last.hash if last else GENESIS, [(r["id"], _digest(r)) for r in rows])
        Block.objects.create(
            number=number, previous=block.previous, members=[list(m) for m in block.members],
            hash=block.hash, last_xid=rows[-1]["xid"], sealed_at=clock.now(),
        )  # fmt: skip
        return len(rows)


def verify() -> tuple[list[Flaw], int, int]:
    """Flaws found, entries sealed, entries not yet sealed."""
    flaws: list[Flaw] = []
    previous, sealed, expected_number, last_xid = GENESIS, 0, 1, 0
    for block in Block.objects.order_by("number").iterator(chunk_size=50):
        stored = Sealed(
            block.number, block.previous, tuple((e, d) for e, d in block.members), block.hash
        )
        if block.number != expected_number:
            flaws.append(Flaw("chain", expected_number))
        flaws += flaws_of_block(stored, previous, _present([e for e, _ in stored.members]))
        flaws += _smuggled(stored, last_xid, block.last_xid)
        previous, sealed = block.hash, sealed + len(stored.members)
        expected_number, last_xid = block.number + 1, block.last_xid
    unsealed = Entry.objects.filter(xid__gt=last_xid).count()
    return flaws, sealed, unsealed


def head() -> tuple[int, str] | None:
    """Number and hash of the last block: what is anchored outside each day."""
    last = Block.objects.order_by("-number").first()
    return (last.number, last.hash) if last else None


def _smuggled(block: Sealed, after: int, until: int) -> Iterator[Flaw]:
    known = {entry for entry, _ in block.members}
    found = Entry.objects.filter(xid__gt=after, xid__lte=until).values_list("id", flat=True)
    return (Flaw("added", block.number, entry) for entry in found if entry not in known)


def _present(ids: list[int]) -> dict[int, str]:
    rows = Entry.objects.filter(id__in=ids).values(*FIELDS)
    return {row["id"]: _digest(row) for row in rows.iterator(chunk_size=BATCH)}


def _digest(row: dict[str, Any]) -> str:
    fields = {name: row[name] for name in FIELDS}
    fields["at"] = row["at"].astimezone(clock.ZONE).isoformat()
    return digest(fields)


def holds_anchor(anchor: str) -> bool:
    """Whether a head noted outside, `number:hash`, still stands in the chain."""
    number, _, value = anchor.partition(":")
    return number.isdigit() and Block.objects.filter(number=int(number), hash=value).exists()
