"""What rows that were read in columns say about themselves, as marks.py says it of rows.

Words are looked for in every table as it passes. Of the rows only what may be needed stays, and
only those become objects whose account, currency and amount a reversal has, or whose account has
rows that do not say in or out.
"""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from fanzha.movements import marks
from fanzha.movements.evidence import speaks_of
from fanzha.movements.profile import evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.movements.row import Row

_FEW = ("own_key", "sub_account", "currency", "direction", "success", "cp_key")
"""Columns of texts that come again and again."""
_KEPT = ("row_no", "txn_time", "amount_fen", "balance_fen", "serial_no", *_FEW)
_SEPARATOR = "\x1f"


class Marking:
    """Takes the tables of one file in their order."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._blocks: list[pa.Table] = []
        self._reversed: set[str] = set()
        self._unsaid: set[str] = set()

    def add(self, table: pa.Table) -> None:
        """Look at the rows of a table that no other row told."""
        table = table.filter(pc.equal(table["dup_of"], ""))
        speaking = {kind: _speaking(table, evidence()[kind]) for kind in marks.KINDS}
        self._counts.update({kind: pc.sum(each).as_py() or 0 for kind, each in speaking.items()})
        kept = table.select(_KEPT).append_column("reversal", speaking["reversal"])
        self._reversed |= set(_keys(kept.filter(kept["reversal"])).to_pylist())
        unsaid = kept.filter(pc.equal(kept["direction"], "unknown"))
        self._unsaid |= set(unsaid["own_key"].to_pylist())
        for name in _FEW:
            at = kept.schema.get_field_index(name)
            few = kept[name].cast(pa.string()).dictionary_encode()
            kept = kept.set_column(at, name, few)
        self._blocks.append(kept)

    def told(self) -> dict[str, Any]:
        """As marks.told says it of rows."""
        rows = [cast("Row", SimpleNamespace(**each)) for each in self._needed()]
        return marks.shown({kind: count for kind, count in self._counts.items() if count}, rows)

    def _needed(self) -> Iterator[dict[str, Any]]:
        reversed_, unsaid = (pa.array(sorted(each), pa.string())
                             for each in (self._reversed, self._unsaid))  # fmt: skip
        word = evidence()["reversal"]["words"][0]
        for block in self._blocks if self._reversed or self._unsaid else ():
            own = block["own_key"].cast(pa.string())
            needed = pc.or_(
                pc.is_in(own, value_set=unsaid), pc.is_in(_keys(block), value_set=reversed_)
            )
            for each in block.filter(needed).to_pylist():
                said = word if each.pop("reversal") else ""
                at = int(each["txn_time"].timestamp())
                yield each | {"at": at, "summary": said, "txn_type": "", "remark": ""}


def _keys(table: pa.Table) -> pa.ChunkedArray:
    """Account, currency and amount of each row."""
    told = (table[name].cast(pa.string()) for name in ("own_key", "currency", "amount_fen"))
    return pc.binary_join_element_wise(*told, _SEPARATOR)


def _speaking(table: pa.Table, entry: dict[str, Any]) -> pa.ChunkedArray:
    """Which rows use a word of the entry in one of its fields."""
    texts = table.select(entry["fields"])
    joined = pc.binary_join_element_wise(
        *(texts[name].cast(pa.string()) for name in entry["fields"]), _SEPARATOR
    )
    distinct = pc.unique(joined).to_pylist()
    using = [
        each for each in distinct
        if speaks_of(_said(entry, each), entry)
    ]  # fmt: skip
    return pc.is_in(joined, value_set=pa.array(using, pa.string()))


def _said(entry: dict[str, Any], joined: str) -> Row:
    told = dict(zip(entry["fields"], joined.split(_SEPARATOR), strict=False))
    return cast("Row", SimpleNamespace(**told))
