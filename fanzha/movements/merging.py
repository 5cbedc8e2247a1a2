"""Many files of one case become few, each with buckets of its own: bounded in memory.

Input and output are files of the lake in its order. It knows no manifest: actions.py decides which
files to merge and makes the result count.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from fanzha.movements import lake, ordering

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

    Places = npt.NDArray[np.int64]

SECONDS = 36
"""Bits for the second within a bucket: from before year 900 to after 3000."""


def merge(case_id: int, run: str, names: Sequence[str]) -> list[lake.Stored]:
    """Write the rows of these files as files of about FILE_ROWS rows; what the manifest must list.

    Holds one such file and eight bytes a row.
    """
    files = [lake.opened(name) for name in names]
    stored: list[lake.Stored] = []
    for number, (start, end) in enumerate(_spans(files)):
        stored += lake.put(case_id, f"{run}-{number}", _between(files, start, end))
    return stored


def _spans(files: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Places (bucket and second) from where to where each new file goes."""
    import numpy as np

    places = np.sort(
        np.concatenate([_places(file.read([ordering.BUCKET, "txn_time"])) for file in files])
    )
    cuts = [*np.unique(places[:: lake.FILE_ROWS]).tolist(), int(places[-1]) + 1]
    yield from pairwise(cuts)


def _places(table: Any) -> Places:
    """Where rows stand in the lake's order, as far as bucket and second tell."""
    import numpy as np

    buckets = table[ordering.BUCKET].to_numpy().astype(np.int64)
    seconds = table["txn_time"].cast("int64").to_numpy() // 1_000_000
    places: Places = (buckets << SECONDS) + seconds + (1 << SECONDS - 1)
    return places


def _between(files: Sequence[Any], start: int, end: int) -> Any:
    import pyarrow as pa

    low, high = start >> SECONDS, end - 1 >> SECONDS
    taken = []
    for file in files:
        told = file.metadata
        groups = [
            group
            for group in range(told.num_row_groups)
            if (found := told.row_group(group).column(0).statistics).max >= low
            and found.min <= high
        ]
        if groups:
            table = lake.groups_of(file, groups)
            places = _places(table)
            taken.append(table.filter(pa.array((places >= start) & (places < end))))
    return pa.concat_tables(taken)
