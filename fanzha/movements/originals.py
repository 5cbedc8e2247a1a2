"""The file that a statement's table came in: a workbook or an archive, kept as it came."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from fanzha.movements import lake
from fanzha.movements.models import Statement

if TYPE_CHECKING:
    from fanzha.movements.sheets import Table


class Origin(NamedTuple):
    """Where a statement's rows stand: row_no counts in `inside` (sheet or member) of the file."""

    file_name: str
    sha256: str
    inside: str


def keep(statement: Statement, table: Table) -> None:
    """Keep the whole file in the place of the table's text, once for all its tables in a case."""
    sha256 = hashlib.sha256(table.whole).hexdigest()
    same = Statement.objects.filter(case_id=statement.case_id, sums__origin__sha256=sha256)
    first = same.order_by("id").values_list("public_id", flat=True).first()
    if first is None:
        lake.keep_source(statement.case_id, statement.public_id, table.whole)
    else:
        lake.remove(lake.source_name(statement.case_id, statement.public_id))
    statement.sums["origin"] = {
        "file_name": table.file_name[:200],
        "sha256": sha256,
        "inside": table.inside[:200],
        "kept_with": first or statement.public_id,
    }
    statement.save(update_fields=["sums"])


def origin_of(statement: Statement) -> Origin:
    """The file, its hash and the sheet or member in it; for a plain text the text itself."""
    told = statement.sums.get("origin")
    if told is None:
        return Origin(statement.file_name, statement.file_sha256, "")
    return Origin(told["file_name"], told["sha256"], told["inside"])


def kept_with(statement: Statement) -> str:
    """The public id of the statement beside which the bytes are kept."""
    return str(statement.sums.get("origin", {}).get("kept_with", statement.public_id))
