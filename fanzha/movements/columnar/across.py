"""Rows that earlier statements of the case told (R6 d), found among columns.

Only rows whose account, currency, direction and amount an earlier row has become objects.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from fanzha.movements.duplicates import Told
from fanzha.movements.groups import Names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.movements.duplicates import Earlier
    from fanzha.movements.row import Row

_NEEDED = ("row_no", "dup_of", *(name for name in Told._fields if name != "ref"))
_SEPARATOR = "\x1f"


def names_of(tables: Iterator[pa.Table]) -> set[Names]:
    """The numbers that a file gives to accounts, with the holders' names."""
    found: set[Names] = set()
    columns = ["card_key", "account_key", "holder_name"]
    for table in tables:
        for each in table.group_by(columns).aggregate([]).to_pylist():
            found.add(Names(*(each[name] for name in columns)))
    return found


class Across:
    """Marks table after table of one file."""

    def __init__(self, earlier: Earlier) -> None:
        self._earlier = earlier
        self._amounts = pa.array(
            [_SEPARATOR.join(map(str, key)) for key in earlier.amounts], pa.string()
        )

    def mark(self, table: pa.Table) -> pa.Table:
        """The rows with `dup_of` of those that were told before."""
        own = table["own_key"].combine_chunks().dictionary_encode()
        own = own.chunk(0) if isinstance(own, pa.ChunkedArray) else own
        group = self._earlier.group
        accounts = [group.get(key, key) for key in own.dictionary.to_pylist()]
        keys = pc.binary_join_element_wise(
            pa.array(accounts, pa.string()).take(own.indices),
            table["currency"],
            table["direction"],
            table["amount_fen"].cast(pa.string()),
            _SEPARATOR,
        )
        maybe = pc.is_in(keys, self._amounts)
        if not pc.any(maybe).as_py():
            return table
        some = table.filter(maybe).select(_NEEDED).to_pylist()
        rows: list[Any] = [SimpleNamespace(**each) for each in some]
        self._earlier.mark(cast("list[Row]", rows))
        marks = pa.array([row.dup_of for row in rows], pa.string())
        mask = maybe.combine_chunks()
        marked = pc.replace_with_mask(table["dup_of"].combine_chunks(), mask, marks)
        at = table.schema.get_field_index("dup_of")
        return table.set_column(at, "dup_of", marked)
