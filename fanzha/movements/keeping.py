"""A case's table of transfers as a file beside its rows: whoever reads it has joined nothing.

The file is named by all that the table was made of, the program among it, so that it is either
right or not found. Only who sees the statements can tell the name. It goes with the case's folder.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from fanzha.movements import lake
from fanzha.movements.gathered import Gathered
from fanzha.movements.joined import Known

if TYPE_CHECKING:
    from fanzha.movements.gathered import Version

LEAST_ROWS: Final = 5_000
"""Fewer are joined in the time that it takes to read them."""
FACTS: Final = b"facts"
KIND: Final = "transfers"


def keep(case_id: int, found: Gathered) -> None:
    """Keep a long table in the place of the one kept before; short ones are not worth a file."""
    if found.table.num_rows < LEAST_ROWS:
        return
    import pyarrow as pa

    known = {
        name: asdict(each) | {"until": each.until.isoformat() if each.until else None}
        for name, each in found.known.items()
    }
    facts = {"openings": dict(found.openings), "key_of": dict(found.key_of), "known": known}
    table = found.table.replace_schema_metadata({FACTS: json.dumps(facts)})
    content = pa.BufferOutputStream()
    with pa.ipc.new_file(content, table.schema) as writer:
        writer.write(table)
    lake.keep_made(case_id, KIND, found.version.name, content.getvalue().to_pybytes())


def kept(case_id: int, version: Version) -> Gathered | None:
    """The table of this version, if it was kept and none since."""
    content = lake.made(case_id, KIND, version.name) if version.sources else None
    if content is None:
        return None
    import pyarrow as pa

    table = pa.ipc.open_file(content).read_all()
    facts = json.loads(table.schema.metadata[FACTS])
    known = {name: _known(each) for name, each in facts["known"].items()}
    plain = table.replace_schema_metadata(None)
    return Gathered(version, plain, facts["openings"], known, facts["key_of"])


def _known(told: dict[str, object]) -> Known:
    until, statements = told["until"], told["statements"]
    assert isinstance(statements, list)
    at = datetime.fromisoformat(until) if isinstance(until, str) else None
    facts: dict[str, Any] = told | {"until": at, "statements": tuple(statements)}
    return Known(**facts)
